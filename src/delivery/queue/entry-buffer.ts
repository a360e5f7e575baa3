import type { EntryKind } from '../../destinations/destination.js';
import type { SettlementCounts } from '../accounting/settlement-counts.js';
import type { SettlementTracker } from '../accounting/settlement-tracker.js';
import { type MemoryEntry, type QueuedEntry, toSequence } from '../model/queued-entry.js';
import type { DeliverySettings } from '../model/settings.js';
import type { TakenItem } from '../model/spool.js';
import type { EntryQueues } from './entry-queues.js';
import type { Fifo } from './fifo.js';
import type { BatchLimits } from './split-into-batches.js';
import type { Withdrawals } from './withdrawals.js';

/** The sender, as far as the buffer needs it. */
export interface BatchConsumer {
  /** Called when the queues have changed, so that a batch may be due. */
  schedule(): void;
  inFlightCount(kind: EntryKind): number;
}

export interface EntryBufferParts {
  readonly settings: DeliverySettings;
  readonly limits: BatchLimits;
  readonly queues: EntryQueues;
  /** Entries that wait to be written to the spool. */
  readonly unwritten: Fifo<MemoryEntry>;
  readonly counts: SettlementCounts;
  readonly tracker: SettlementTracker;
  readonly sender: BatchConsumer;
  readonly withdrawals: Withdrawals;
}

/**
 * Fills the queues within the bounds of `maxQueueRecords` and `maxQueueBytes`. On overflow the oldest entry that waits in memory only
 * is dropped. Entries in flight, or in a write to the spool, count but cannot be dropped.
 */
export class EntryBuffer {
  readonly #parts: EntryBufferParts;
  #isClosed = false;

  constructor(parts: EntryBufferParts) {
    this.#parts = parts;
  }

  /** Queues an entry to be sent from memory. After {@link close} it is dropped. */
  add(entry: MemoryEntry): void {
    const { queues, settings, tracker, sender } = this.#parts;
    if (this.#isClosed) return tracker.drop(entry, 'shutdown_timeout');
    const queue = queues.of(entry.kind);
    const wasFull = queue.isFull(settings.flushAt);
    queue.push(entry);
    this.dropOverflow();
    // Only a first entry, or a full batch, can change the time of the next request.
    if (queue.size === 1 || queue.isFull(settings.flushAt) !== wasFull) sender.schedule();
  }

  /** Queues entries that were loaded from the spool. After {@link close} they are ignored: the spool keeps them. */
  addLoaded(kind: EntryKind, items: readonly TakenItem[]): void {
    if (this.#isClosed) return;
    const { queues, sender } = this.#parts;
    const queue = queues.of(kind);
    for (const { json, bytes, acceptedAtMs, sequence, handle } of items) {
      queue.push({
        storage: 'spool',
        kind,
        json,
        bytes,
        sequence: toSequence(sequence),
        acceptedAtMs,
        handle,
      });
    }
    sender.schedule();
  }

  /** Returns how much of a kind to load from the spool: enough for all concurrent requests, and as much again. */
  roomFor(kind: EntryKind): { items: number; bytes: number } {
    const { queues, settings, limits, sender } = this.#parts;
    const { concurrency, flushAt, maxQueueRecords, maxQueueBytes } = settings;
    const queue = queues.of(kind);
    const items = Math.max(limits.maxItems * concurrency * 2, flushAt);
    return {
      items: Math.min(items, maxQueueRecords) - queue.size - sender.inFlightCount(kind) * limits.maxItems,
      bytes: Math.min(limits.maxBytes * (concurrency + 1), maxQueueBytes) - queue.bytes,
    };
  }

  dropOverflow(): void {
    const { queues, unwritten, settings, counts, tracker } = this.#parts;
    while (counts.inMemoryCount > settings.maxQueueRecords || counts.inMemoryBytes > settings.maxQueueBytes) {
      // Queued entries first: entries that wait to be written are younger than those that could not be written.
      const oldest = queues.removeOldestInMemoryOnly() ?? unwritten.take(1)[0];
      if (!oldest) return;
      tracker.drop(oldest, 'queue_overflow');
    }
  }

  /** Drops the queued entries that are withdrawn. */
  dropWithdrawn(): void {
    const { queues, tracker, withdrawals, sender } = this.#parts;
    for (const queue of queues) {
      const withdrawn = queue.removeWhere(({ sequence }) => withdrawals.isWithdrawn(sequence));
      for (const entry of withdrawn) tracker.drop(entry, 'opted_out');
    }
    sender.schedule();
  }

  /** Takes no more entries, and returns those that wait in memory only. */
  close(): QueuedEntry[] {
    this.#isClosed = true;
    const { queues, unwritten } = this.#parts;
    return [...queues.removeAllInMemoryOnly(), ...unwritten.take(unwritten.size)];
  }
}
