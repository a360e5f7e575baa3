import type { EntryKind } from '../destinations/destination.js';
import { type BatchLimits, batchBytes, countThatFits, cut } from './cut.js';
import { Fifo } from './fifo.js';
import type { Settlement } from './settlement.js';
import type { SpoolTicket } from './spool.js';

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
  readonly ticket?: SpoolTicket;
}

/** The queue of one kind: entries that were never sent, and batches that came back and go first. */
export class Lane {
  readonly kind: EntryKind;
  /** Batches under way. */
  flights = 0;

  #limits: BatchLimits;
  readonly #fresh = new Fifo<QueuedEntry>();
  /** In the order of their first entries. Few: what was under way, and what isolating has split it into. */
  readonly #returned: (readonly QueuedEntry[])[] = [];
  #returnedSize = 0;
  #bytes = 0;

  constructor(kind: EntryKind, limits: BatchLimits) {
    this.kind = kind;
    this.#limits = limits;
  }

  get size(): number {
    return this.#fresh.size + this.#returnedSize;
  }

  /** UTF-8 bytes of what waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry that has waited longest. */
  get oldest(): QueuedEntry | undefined {
    return this.#returned[0]?.[0] ?? this.#fresh.first;
  }

  /** Whether there is a batch that should not wait for company. */
  isFull(flushAt: number): boolean {
    return this.#returned.length > 0 || this.#fresh.size >= flushAt || this.#bytes >= this.#limits.maxBytes;
  }

  push(entry: QueuedEntry): void {
    this.#fresh.push(entry);
    this.#bytes += entry.bytes;
  }

  /** Removes the next batch. Empty when nothing waits. */
  takeBatch(): readonly QueuedEntry[] {
    const returned = this.#returned.shift();
    if (returned) this.#returnedSize -= returned.length;
    const batch = returned ?? this.#fresh.take(countThatFits(this.#fresh, this.#limits));
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
    const half = { ...this.#limits, maxBytes: Math.floor(batchBytes(batch) / 2) };
    for (const smaller of cut(batch, half)) this.giveBack(smaller);
    this.#limits = {
      ...half,
      maxBytes: Math.min(this.#limits.maxBytes, Math.max(half.maxBytes, SMALLEST_LIMIT_BYTES)),
    };
  }

  /** Removes the entry that has waited longest. */
  removeOldest(): QueuedEntry | undefined {
    const batch = this.#returned.shift();
    if (!batch) {
      const [entry] = this.#fresh.take(1);
      if (entry) this.#bytes -= entry.bytes;
      return entry;
    }
    const [entry, ...rest] = batch;
    if (rest.length > 0) this.#returned.unshift(rest);
    if (entry) this.#bytes -= entry.bytes;
    this.#returnedSize--;
    return entry;
  }

  /** Removes the oldest entry if it was accepted before that time. */
  removeOlderThan(timeMs: number): QueuedEntry | undefined {
    return this.oldest && this.oldest.acceptedAtMs < timeMs ? this.removeOldest() : undefined;
  }
}
