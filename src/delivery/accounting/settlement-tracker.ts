import type { EntryKind } from '../../destinations/destination.js';
import type { DeliveryLog } from './delivery-log.js';
import type { QueuedEntry } from '../queue/entry-queue.js';
import { safely } from '../../common/safely.js';
import type { SelfMetrics } from './self-metrics.js';
import type { DroppedEntry } from '../model/settings.js';
import { DROP_REASONS, type DropReason, type FinalSettlement } from '../model/settlement.js';
import type { PendingFlushes } from './pending-flushes.js';

/** Keeps the books: what was accepted, what became of it, what is still held. Tells everybody who wants to know. */
export class SettlementTracker {
  accepted = 0;
  delivered = 0;
  /** In the spool now. */
  spooled = 0;
  /** Of the accepted, those that another process had spooled. */
  claimed = 0;
  /** UTF-8 bytes of what is queued or in flight. */
  heldBytes = 0;
  readonly dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
  #droppedTotal = 0;

  /** Called for each entry that was delivered or dropped. */
  onFinished: ((entry: QueuedEntry, settlement: FinalSettlement, error?: string) => void) | undefined;

  readonly #destination: string;
  readonly #journal: DeliveryLog;
  readonly #waiters: PendingFlushes;
  readonly #metrics: SelfMetrics;
  readonly #onDrop: ((drop: DroppedEntry) => void) | undefined;

  constructor(
    destination: string,
    journal: DeliveryLog,
    waiters: PendingFlushes,
    metrics: SelfMetrics,
    onDrop: ((drop: DroppedEntry) => void) | undefined,
  ) {
    this.#destination = destination;
    this.#journal = journal;
    this.#waiters = waiters;
    this.#metrics = metrics;
    this.#onDrop = onDrop;
  }

  /** Entries that are in memory alone: queued or in flight. */
  get unsettled(): number {
    return this.unfinished - this.spooled;
  }

  /** Entries that are neither delivered nor dropped. */
  get unfinished(): number {
    return this.accepted - this.delivered - this.#droppedTotal;
  }

  /** Books an entry in, and returns its number. */
  accept(bytes: number): number {
    this.#metrics.accepted(1);
    this.heldBytes += bytes;
    return ++this.accepted;
  }

  /** Books in what another process had spooled, and returns the number of the last entry. */
  claim(count: number): number {
    this.#metrics.accepted(count);
    this.claimed += count;
    this.accepted += count;
    this.spooled += count;
    return this.accepted;
  }

  /** The entry is in the spool: safe, though not at its destination. */
  store(entry: QueuedEntry): void {
    this.spooled++;
    this.heldBytes -= entry.bytes;
    safely(entry.onSettled, { status: 'spooled' });
  }

  /** The entry has come to its end: delivered or dropped. */
  settle(entry: QueuedEntry, settlement: FinalSettlement, error?: string): void {
    this.#count(settlement, 1);
    if (entry.ticket) this.spooled--;
    else this.heldBytes -= entry.bytes;
    this.#waiters.settled(entry.sequence);
    this.onFinished?.(entry, settlement, error);
    safely(entry.onSettled, settlement);
  }

  /** Entries that were in the spool alone are gone. */
  lose(kind: EntryKind, count: number, reason: DropReason, sequence: number): void {
    this.#journal.dropped(reason, undefined, count);
    this.spooled -= count;
    this.#count({ status: 'dropped', reason }, count);
    this.#waiters.settled(sequence, count);
    for (let left = count; left > 0; left--) {
      safely(this.#onDrop, { destination: this.#destination, kind, reason, json: undefined });
    }
  }

  drop(entry: QueuedEntry, reason: DropReason, error?: string): void {
    this.#journal.dropped(reason, error);
    this.settle(entry, { status: 'dropped', reason }, error);
    const { kind, json } = entry;
    safely(this.#onDrop, {
      destination: this.#destination,
      kind,
      reason,
      json: json === '' ? undefined : json,
    });
  }

  #count(settlement: FinalSettlement, count: number): void {
    this.#metrics.finished(settlement, count);
    if (settlement.status === 'delivered') {
      this.delivered += count;
    } else {
      this.dropped[settlement.reason] += count;
      this.#droppedTotal += count;
    }
  }
}
