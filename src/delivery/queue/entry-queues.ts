import type { EntryKind } from '../../destinations/destination.js';
import { forEachKind, type QueuedEntry } from '../model/queued-entry.js';
import { Fifo } from './fifo.js';
import { type BatchLimits, batchBytes, fitCount, splitIntoBatches } from './split-into-batches.js';

/** The least to which a 413 lowers the limit of a batch. An odd 413 for a small batch must not lead to one request per record. */
const MIN_LIMIT_BYTES = 10_000;

/** The queues of one delivery, one for each kind. */
export class EntryQueues implements Iterable<EntryQueue> {
  readonly #byKind: Readonly<Record<EntryKind, EntryQueue>>;
  /** In the order in which they may send. */
  readonly #queues: EntryQueue[];

  constructor(limits: BatchLimits) {
    this.#byKind = forEachKind((kind) => new EntryQueue(kind, limits));
    this.#queues = Object.values(this.#byKind);
  }

  /** Iterates over a copy, in the order in which the queues may send. {@link putLast} does not disturb the iteration. */
  [Symbol.iterator](): Iterator<EntryQueue> {
    return this.#queues.slice().values();
  }

  /** The number of queued entries. */
  get size(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.size, 0);
  }

  of(kind: EntryKind): EntryQueue {
    return this.#byKind[kind];
  }

  /** Moves a queue that has sent to the end. The first queue may get the only chance to send: the probe. */
  putLast(queue: EntryQueue): void {
    this.#queues.splice(this.#queues.indexOf(queue), 1);
    this.#queues.push(queue);
  }

  /** Returns the earliest of the times that `timeMsOf` returns for the queues. */
  earliest(timeMsOf: (queue: EntryQueue) => number): number {
    return Math.min(...this.#queues.map(timeMsOf));
  }

  /** Removes the entry that was accepted first, among those that are in memory only. */
  removeOldestInMemoryOnly(): QueuedEntry | undefined {
    const first = this.earliest(oldestSequence);
    return this.#queues.find((queue) => oldestSequence(queue) === first)?.removeOldestInMemoryOnly();
  }

  /** Removes all entries that are in memory only. Returns them in the order of acceptance. */
  removeAllInMemoryOnly(): QueuedEntry[] {
    const removed: QueuedEntry[] = [];
    let oldest = this.removeOldestInMemoryOnly();
    while (oldest) {
      removed.push(oldest);
      oldest = this.removeOldestInMemoryOnly();
    }
    return removed;
  }
}

function oldestSequence(queue: EntryQueue): number {
  return queue.oldestInMemoryOnly?.sequence ?? Number.POSITIVE_INFINITY;
}

/** The queue of one kind: entries that were never sent, and batches that were given back and are sent first. */
export class EntryQueue {
  readonly kind: EntryKind;
  #limits: BatchLimits;
  /** Entries that were never sent and are in memory only. */
  readonly #fresh = new Fifo<QueuedEntry>();
  /** Entries that were loaded from the spool and never sent. Separate, because overflow drops only entries in memory. */
  readonly #loaded = new Fifo<QueuedEntry>();
  /** Batches to be sent again, ordered by their first entry. Few: those that were in flight, and the parts of split ones. */
  readonly #returned: (readonly QueuedEntry[])[] = [];
  #returnedSize = 0;
  #bytes = 0;

  constructor(kind: EntryKind, limits: BatchLimits) {
    this.kind = kind;
    this.#limits = limits;
  }

  /** The number of queued entries. */
  get size(): number {
    return this.#unsentSize + this.#returnedSize;
  }

  /** UTF-8 bytes of the queued entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry that is sent next. */
  get oldest(): QueuedEntry | undefined {
    return this.#returned[0]?.[0] ?? this.#nextUnsent.first;
  }

  get oldestInMemoryOnly(): QueuedEntry | undefined {
    return this.#returned.find(isInMemoryOnly)?.[0] ?? this.#fresh.first;
  }

  /** Returns true if a batch is ready that should not wait for more entries. */
  isFull(flushAt: number): boolean {
    return this.#returned.length > 0 || this.#unsentSize >= flushAt || this.#bytes >= this.#limits.maxBytes;
  }

  push(entry: QueuedEntry): void {
    (entry.storage === 'spool' ? this.#loaded : this.#fresh).push(entry);
    this.#bytes += entry.bytes;
  }

  /** Removes the next batch. Returns an empty one if the queue is empty. */
  takeBatch(): readonly QueuedEntry[] {
    const returned = this.#returned.shift();
    if (returned) this.#returnedSize -= returned.length;
    const unsent = this.#nextUnsent;
    const batch = returned ?? unsent.take(fitCount(unsent, this.#limits));
    for (const entry of batch) this.#bytes -= entry.bytes;
    return batch;
  }

  /** Puts a batch back, to be sent again unchanged. */
  giveBack(batch: readonly QueuedEntry[]): void {
    const first = batch[0];
    if (!first) return;
    const place = this.#returned.findIndex((other) => other[0] && other[0].sequence > first.sequence);
    this.#returned.splice(place === -1 ? this.#returned.length : place, 0, batch);
    this.#returnedSize += batch.length;
    for (const entry of batch) this.#bytes += entry.bytes;
  }

  /** Puts back a batch that was too large, split into smaller ones. Later batches are as small. */
  giveBackSmaller(batch: readonly QueuedEntry[]): void {
    // Rounded up, so that a batch of equal entries is split in the middle: the bytes of the array and its commas are an odd number.
    const half = { ...this.#limits, maxBytes: Math.ceil(batchBytes(batch) / 2) };
    for (const smaller of splitIntoBatches(batch, half)) this.giveBack(smaller);
    this.#limits = {
      ...half,
      maxBytes: Math.min(this.#limits.maxBytes, Math.max(half.maxBytes, MIN_LIMIT_BYTES)),
    };
  }

  removeOldestInMemoryOnly(): QueuedEntry | undefined {
    const place = this.#returned.findIndex(isInMemoryOnly);
    return place === -1 ? this.#removeFirst(this.#fresh) : this.#removeFirstReturned(place);
  }

  /** Removes the entries that were accepted before `timeMs`, as far as no younger one is sent before them. */
  removeOlderThan(timeMs: number): QueuedEntry[] {
    const removed: QueuedEntry[] = [];
    while (this.oldest && this.oldest.acceptedAtMs < timeMs) {
      const entry =
        this.#returned.length > 0 ? this.#removeFirstReturned(0) : this.#removeFirst(this.#nextUnsent);
      if (entry) removed.push(entry);
    }
    return removed;
  }

  /** Removes the entries that `isRemoved` selects, wherever they are in the queue. */
  removeWhere(isRemoved: (entry: QueuedEntry) => boolean): QueuedEntry[] {
    const removed = [...this.#fresh.removeWhere(isRemoved), ...this.#loaded.removeWhere(isRemoved)];
    for (const [place, batch] of [...this.#returned.entries()].toReversed()) {
      const gone = batch.filter((entry) => isRemoved(entry));
      if (gone.length === 0) continue;
      const rest = batch.filter((entry) => !gone.includes(entry));
      this.#returned.splice(place, 1, ...(rest.length > 0 ? [rest] : []));
      this.#returnedSize -= gone.length;
      removed.push(...gone);
    }
    for (const entry of removed) this.#bytes -= entry.bytes;
    return removed;
  }

  get #unsentSize(): number {
    return this.#fresh.size + this.#loaded.size;
  }

  /** The queue of the next batch if none was given back: the one whose first entry was accepted earlier. */
  get #nextUnsent(): Fifo<QueuedEntry> {
    const { first: loaded } = this.#loaded;
    const { first: fresh } = this.#fresh;
    return loaded && (!fresh || loaded.sequence < fresh.sequence) ? this.#loaded : this.#fresh;
  }

  #removeFirst(entries: Fifo<QueuedEntry>): QueuedEntry | undefined {
    const [entry] = entries.take(1);
    if (entry) this.#bytes -= entry.bytes;
    return entry;
  }

  #removeFirstReturned(place: number): QueuedEntry | undefined {
    const [entry, ...rest] = this.#returned[place] ?? [];
    this.#returned.splice(place, 1, ...(rest.length > 0 ? [rest] : []));
    if (!entry) return undefined;
    this.#returnedSize--;
    this.#bytes -= entry.bytes;
    return entry;
  }
}

/** Looks at the first entry: all entries of a batch are in memory only, or none is. */
function isInMemoryOnly([first]: readonly QueuedEntry[]): boolean {
  return first?.storage === 'memory';
}
