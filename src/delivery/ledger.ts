import type { Journal } from './journal.js';
import type { QueuedEntry } from './lane.js';
import { safely } from './safely.js';
import type { DroppedEntry } from './settings.js';
import { DROP_REASONS, type DropReason, type Settlement } from './settlement.js';
import type { Waiters } from './waiters.js';

/** Keeps the books: what was accepted, what became of it, what is still held. Tells everybody who wants to know. */
export class Ledger {
  accepted = 0;
  delivered = 0;
  spooled = 0;
  /** UTF-8 bytes of what is queued or in flight. */
  heldBytes = 0;
  readonly dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
  #droppedTotal = 0;

  readonly #destination: string;
  readonly #journal: Journal;
  readonly #waiters: Waiters;
  readonly #onDrop: ((drop: DroppedEntry) => void) | undefined;

  constructor(
    destination: string,
    journal: Journal,
    waiters: Waiters,
    onDrop: ((drop: DroppedEntry) => void) | undefined,
  ) {
    this.#destination = destination;
    this.#journal = journal;
    this.#waiters = waiters;
    this.#onDrop = onDrop;
  }

  /** Entries that are queued or in flight. */
  get unsettled(): number {
    return this.accepted - this.delivered - this.spooled - this.#droppedTotal;
  }

  /** Books an entry in, and returns its number. */
  accept(bytes: number): number {
    this.heldBytes += bytes;
    return ++this.accepted;
  }

  settle(entry: QueuedEntry, settlement: Settlement): void {
    this.#count(settlement);
    this.heldBytes -= entry.bytes;
    this.#waiters.settled(entry.sequence);
    safely(entry.onSettled, settlement);
  }

  drop(entry: QueuedEntry, reason: DropReason, error?: string): void {
    this.#journal.dropped(reason, error);
    this.settle(entry, { status: 'dropped', reason });
    const { kind, json } = entry;
    safely(this.#onDrop, {
      destination: this.#destination,
      kind,
      reason,
      json: json === '' ? undefined : json,
    });
  }

  #count(settlement: Settlement): void {
    switch (settlement.status) {
      case 'delivered':
        this.delivered++;
        return;
      case 'spooled':
        this.spooled++;
        return;
      case 'dropped':
        this.dropped[settlement.reason]++;
        this.#droppedTotal++;
        return;
      default: {
        const unreachable: never = settlement;
        return unreachable;
      }
    }
  }
}
