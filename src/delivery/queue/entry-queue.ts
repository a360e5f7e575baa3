import type { EntryKind } from '../../destinations/destination.js';
import { type BatchLimits, batchBytes, fitCount, splitIntoBatches } from './split-into-batches.js';
import { Fifo } from './fifo.js';
import type { Settlement } from '../model/settlement.js';
import type { SpoolHandle } from '../model/spool.js';

/** An odd 413 for a small batch shall not make every later record a request of its own. */
const SMALLEST_LIMIT_BYTES = 10_000;

/** An entry on its way: encoded, measured, numbered. */
export interface QueuedEntry {
  readonly kind: EntryKind;
  readonly json: string;
  /** UTF-8 bytes of `json`. */
  readonly bytes: number;
  /** Counts every entry of a delivery from 1, in the order of acceptance. */
  readonly sequence: number;
  readonly acceptedAtMs: number;
  readonly onSettled?: ((settlement: Settlement) => void) | undefined;
  /** Where it is in the spool. Without one it is in memory alone. */
  readonly ticket?: SpoolHandle;
}

/** The queue of one kind: entries that were never sent, and batches that came back and go first. */
export class EntryQueue {
  readonly kind: EntryKind;
  /** Batches under way. */
  flights = 0;

  #limits: BatchLimits;
  /** Never sent, and in memory alone. */
  readonly #fresh = new Fifo<QueuedEntry>();
  /** Never sent, and in the spool as well. Not mixed with the others: overflow concerns those alone. */
  readonly #loaded = new Fifo<QueuedEntry>();
  /** In the order of their first entries. Few: what was under way, and what isolating has split it into. */
  readonly #returned: (readonly QueuedEntry[])[] = [];
  #returnedSize = 0;
  #bytes = 0;

  constructor(kind: EntryKind, limits: BatchLimits) {
    this.kind = kind;
    this.#limits = limits;
  }

  get size(): number {
    return this.#unsent + this.#returnedSize;
  }

  /** UTF-8 bytes of what waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry that has waited longest. */
  get oldest(): QueuedEntry | undefined {
    return this.#returned[0]?.[0] ?? this.#next.first;
  }

  /** The entry that has waited longest in memory alone. */
  get oldestHeld(): QueuedEntry | undefined {
    return this.#returned.find(isInMemoryOnly)?.[0] ?? this.#fresh.first;
  }

  /** Whether there is a batch that should not wait for company. */
  isFull(flushAt: number): boolean {
    return this.#returned.length > 0 || this.#unsent >= flushAt || this.#bytes >= this.#limits.maxBytes;
  }

  push(entry: QueuedEntry): void {
    (entry.ticket ? this.#loaded : this.#fresh).push(entry);
    this.#bytes += entry.bytes;
  }

  /** Removes the next batch. Empty when nothing waits. */
  takeBatch(): readonly QueuedEntry[] {
    const returned = this.#returned.shift();
    if (returned) this.#returnedSize -= returned.length;
    const next = this.#next;
    const batch = returned ?? next.take(fitCount(next, this.#limits));
    for (const entry of batch) this.#bytes -= entry.bytes;
    return batch;
  }

  /** Puts a batch back, to be sent again as it is. */
  giveBack(batch: readonly QueuedEntry[]): void {
    const first = batch[0];
    if (!first) return;
    const place = this.#returned.findIndex((other) => other[0] && other[0].sequence > first.sequence);
    this.#returned.splice(place === -1 ? this.#returned.length : place, 0, batch);
    this.#returnedSize += batch.length;
    for (const entry of batch) this.#bytes += entry.bytes;
  }

  /** Puts a batch back that was too large, in smaller ones, and cuts no larger ones from now on. */
  giveBackSmaller(batch: readonly QueuedEntry[]): void {
    // Entries of one size are cut in the middle: half of them take a comma less than half of all.
    const half = { ...this.#limits, maxBytes: Math.ceil((batchBytes(batch) + 1) / 2) };
    for (const smaller of splitIntoBatches(batch, half)) this.giveBack(smaller);
    this.#limits = {
      ...half,
      maxBytes: Math.min(this.#limits.maxBytes, Math.max(half.maxBytes, SMALLEST_LIMIT_BYTES)),
    };
  }

  /** Removes the entry that has waited longest in memory alone. */
  removeOldestHeld(): QueuedEntry | undefined {
    const place = this.#returned.findIndex(isInMemoryOnly);
    return place === -1 ? this.#removeFirst(this.#fresh) : this.#removeReturned(place);
  }

  /** Removes the oldest entry if it was accepted before that time. */
  removeOlderThan(timeMs: number): QueuedEntry | undefined {
    if (!this.oldest || this.oldest.acceptedAtMs >= timeMs) return undefined;
    return this.#returned.length > 0 ? this.#removeReturned(0) : this.#removeFirst(this.#next);
  }

  get #unsent(): number {
    return this.#fresh.size + this.#loaded.size;
  }

  /** Where the next batch comes from when none has come back. */
  get #next(): Fifo<QueuedEntry> {
    const { first: loaded } = this.#loaded;
    const { first: fresh } = this.#fresh;
    return loaded && (!fresh || loaded.sequence < fresh.sequence) ? this.#loaded : this.#fresh;
  }

  #removeFirst(entries: Fifo<QueuedEntry>): QueuedEntry | undefined {
    const [entry] = entries.take(1);
    if (entry) this.#bytes -= entry.bytes;
    return entry;
  }

  #removeReturned(place: number): QueuedEntry | undefined {
    const [entry, ...rest] = this.#returned[place] ?? [];
    this.#returned.splice(place, 1, ...(rest.length > 0 ? [rest] : []));
    if (!entry) return undefined;
    this.#returnedSize--;
    this.#bytes -= entry.bytes;
    return entry;
  }
}

/** A batch holds stored entries, or others, never both. */
function isInMemoryOnly([entry]: readonly QueuedEntry[]): boolean {
  return entry !== undefined && !entry.ticket;
}
