import type { Destination, Entry, EntryKind } from '../destinations/destination.js';
import { type BatchLimits, largestEntryBytes, limitsOf } from './queue/split-into-batches.js';
import { encodeEntry } from './queue/encode-entry.js';
import { DeliveryLog } from './accounting/delivery-log.js';
import type { QueuedEntry } from './queue/entry-queue.js';
import { EntryQueues } from './queue/entry-queues.js';
import { SettlementTracker } from './accounting/settlement-tracker.js';
import { openSpool } from './spooling/open-spool.js';
import { type DeliveryRuntime, systemRuntime } from './runtime/runtime.js';
import { SelfMetrics } from './accounting/self-metrics.js';
import { BatchSender } from './sending/batch-sender.js';
import { completeSettings, type DeliverySettings } from './model/settings.js';
import type { DeliveryStats, Settlement } from './model/settlement.js';
import type { TakenItem } from './model/spool.js';
import type { SpoolController } from './spooling/spool-controller.js';
import { withTracingSuppressed } from './runtime/with-tracing-suppressed.js';
import { PendingFlushes } from './accounting/pending-flushes.js';
import { withTimeout } from './runtime/with-timeout.js';

/**
 * Brings entries to one destination: in batches, bounded in memory, repeated until they arrive.
 *
 * Every accepted entry is settled exactly once: delivered (at least once), spooled, or dropped with a reason. With a spool it is
 * settled as soon as it is on disk, and sent from there. Nothing here throws into the caller, keeps the process alive (unless
 * somebody awaits `flush` or `shutdown`) or is traced. Constructing starts no timer and no I/O, unless there is a spool.
 */
export class Delivery {
  readonly #destination: Destination;
  readonly #settings: DeliverySettings;
  readonly #runtime: DeliveryRuntime;
  readonly #limits: BatchLimits;
  readonly #journal: DeliveryLog;
  readonly #waiters: PendingFlushes;
  readonly #metrics: SelfMetrics;
  readonly #ledger: SettlementTracker;
  readonly #lanes: EntryQueues;
  readonly #sender: BatchSender;
  readonly #spooling: SpoolController | undefined;
  /** Nothing new is accepted. */
  #closed = false;
  /** Nothing more is sent. */
  #isOver = false;
  #shutdown: Promise<void> | undefined;

  /** @throws TypeError when a setting is out of range. */
  constructor(
    destination: Destination,
    settings: Partial<DeliverySettings> = {},
    runtime: Partial<DeliveryRuntime> = {},
  ) {
    this.#destination = destination;
    this.#settings = completeSettings(settings);
    this.#runtime = { ...systemRuntime, ...runtime };
    this.#limits = limitsOf(destination);
    this.#journal = new DeliveryLog(destination.name, this.#runtime);
    this.#waiters = new PendingFlushes(this.#runtime);
    this.#metrics = new SelfMetrics(this.#settings.meterProvider, destination, () => ({
      size: this.#ledger.unsettled,
      capacity: this.#settings.maxQueueRecords,
    }));
    this.#ledger = new SettlementTracker(
      destination.name,
      this.#journal,
      this.#waiters,
      this.#metrics,
      this.#settings.onDrop,
    );
    this.#metrics.connect(0);
    this.#lanes = new EntryQueues(this.#limits);
    this.#sender = new BatchSender({
      destination,
      settings: this.#settings,
      runtime: this.#runtime,
      lanes: this.#lanes,
      ledger: this.#ledger,
      journal: this.#journal,
      waiters: this.#waiters,
      metrics: this.#metrics,
      oldestAllowedMs: () =>
        this.#runtime.now() - (this.#spooling?.store.maxAgeMs ?? this.#settings.maxAgeMs),
      onRoom: () => this.#spooling?.refill(),
    });
    this.#spooling = openSpool(
      this.#settings.spool,
      destination.name,
      this.#ledger,
      this.#journal,
      this.#runtime,
      {
        stored: (entry) => this.#ledger.store(entry),
        unstored: (entry) =>
          this.#isOver ? this.#ledger.drop(entry, 'shutdown_timeout') : this.#enqueue(entry),
        room: (kind) => this.#room(kind),
        loaded: (kind, items) => this.#enqueueStored(kind, items),
      },
    );
    this.#ledger.onFinished = (entry, settlement, error) => this.#spooling?.finish(entry, settlement, error);
  }

  /** Encodes and queues an entry. `onSettled` is called exactly once, possibly before this returns. Never throws. */
  accept(entry: Entry, onSettled?: (settlement: Settlement) => void): void {
    const largest = Math.min(largestEntryBytes(this.#limits), this.#settings.maxQueueBytes);
    const { kind, json, bytes, refusal } = encodeEntry(this.#destination, entry, largest);
    const sequence = this.#ledger.accept(bytes);
    const queued = { kind, json, bytes, sequence, acceptedAtMs: this.#runtime.now(), onSettled };
    if (this.#closed) this.#ledger.drop(queued, 'already_shutdown');
    else if (refusal) this.#ledger.drop(queued, refusal);
    else if (this.#spooling) this.#write(queued, this.#spooling);
    else this.#enqueue(queued);
  }

  /**
   * Sends everything at once and resolves when all that was accepted before the call is delivered or dropped, at the latest
   * after `timeoutMs` (default: `shutdownTimeoutMs`), and sooner when nothing more can be tried within that time. What is
   * undelivered by then is kept: in the spool if there is one, else in memory.
   */
  async flush(timeoutMs?: number): Promise<void> {
    if (this.#ledger.unfinished === 0 || this.#isOver) return;
    const waitMs = this.#timeout(timeoutMs);
    const { accepted, unfinished } = this.#ledger;
    const finished = this.#waiters.wait(accepted, unfinished, waitMs);
    const written =
      this.#spooling && withTimeout(waitMs, () => this.#spooling?.written(accepted), this.#runtime);
    withTracingSuppressed(() => this.#sender.hurry());
    const inTime = await finished;
    await written;
    // A request that outlasts everybody who waits for it would keep the process alive. Its entries wait on, to be sent again.
    if (!inTime && this.#waiters.isEmpty) this.#sender.abort();
  }

  /**
   * Flushes, drops what is left in memory alone as `shutdown_timeout` and releases the destination, all within `timeoutMs`
   * (default: `shutdownTimeoutMs`). What is in the spool stays there. Any further call returns the promise of the first.
   */
  shutdown(timeoutMs?: number): Promise<void> {
    this.#shutdown ??= this.#close(this.#runtime.now() + this.#timeout(timeoutMs));
    return this.#shutdown;
  }

  /** A snapshot of the counters. */
  stats(): DeliveryStats {
    const { state, inFlight, lastError } = this.#sender;
    const spool = this.#spooling;
    return {
      destination: this.#destination.name,
      state: this.#closed ? 'shut-down' : state,
      accepted: this.#ledger.accepted,
      queued: this.#ledger.unsettled - inFlight,
      inFlight,
      delivered: this.#ledger.delivered,
      spooled: this.#ledger.spooled,
      dropped: { ...this.#ledger.dropped },
      queuedBytes: this.#ledger.heldBytes,
      ...(spool && {
        spool: {
          state: spool.state,
          bytes: spool.store.bytes,
          waiting: spool.waiting,
          claimed: this.#ledger.claimed,
        },
      }),
      ...(lastError !== undefined && { lastError }),
    };
  }

  #timeout(givenMs: number | undefined): number {
    return typeof givenMs === 'number' && givenMs >= 0 ? givenMs : this.#settings.shutdownTimeoutMs;
  }

  /** A flush takes all of its time when the destination is down. Whoever has to be released needs some of it too. */
  get #shareForFlush(): number {
    return this.#spooling || this.#destination.shutdown ? 0.9 : 1;
  }

  #enqueue(entry: QueuedEntry): void {
    const lane = this.#lanes.of(entry.kind);
    const wasFull = lane.isFull(this.#settings.flushAt);
    lane.push(entry);
    this.#dropOverflow();
    if (lane.size === 1 || lane.isFull(this.#settings.flushAt) !== wasFull) this.#sender.schedule();
  }

  #write(entry: QueuedEntry, spooling: SpoolController): void {
    spooling.write(entry);
    this.#dropOverflow();
  }

  #enqueueStored(kind: EntryKind, items: readonly TakenItem[]): void {
    const lane = this.#lanes.of(kind);
    if (this.#isOver) return;
    for (const item of items) lane.push({ kind, ...item });
    this.#sender.schedule();
  }

  /** So much more of a kind should be loaded from the spool: enough for all that may be under way, and as much again. */
  #room(kind: EntryKind): { items: number; bytes: number } {
    const { concurrency, flushAt, maxQueueRecords, maxQueueBytes } = this.#settings;
    const lane = this.#lanes.of(kind);
    const items = Math.max(this.#limits.maxItems * concurrency * 2, flushAt);
    return {
      items: Math.min(items, maxQueueRecords) - lane.size - lane.flights * this.#limits.maxItems,
      bytes: Math.min(this.#limits.maxBytes * (concurrency + 1), maxQueueBytes) - lane.bytes,
    };
  }

  #dropOverflow(): void {
    const { maxQueueRecords, maxQueueBytes } = this.#settings;
    while (this.#ledger.unsettled > maxQueueRecords || this.#ledger.heldBytes > maxQueueBytes) {
      // What waits to be written is younger than what could not be written.
      const oldest = this.#lanes.removeOldestHeld() ?? this.#spooling?.removeOldest();
      if (!oldest) return;
      this.#ledger.drop(oldest, 'queue_overflow');
    }
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    await this.flush(Math.max(deadlineMs - this.#runtime.now(), 0) * this.#shareForFlush);
    this.#isOver = true;
    this.#spooling?.stop();
    const left = this.#sender.end();
    for (let entry; (entry = this.#lanes.removeOldestHeld());) left.push(entry);
    for (let entry; (entry = this.#spooling?.removeOldest());) left.push(entry);
    for (const entry of left) {
      if (!entry.ticket) this.#ledger.drop(entry, 'shutdown_timeout', this.#sender.lastError);
    }
    this.#journal.reportDrops();
    const timeLeftMs = deadlineMs - this.#runtime.now();
    const release = () => Promise.all([this.#spooling?.close(), this.#destination.shutdown?.()]);
    await withTimeout(timeLeftMs, () => withTracingSuppressed(release), this.#runtime);
    // Whoever still awaits what is in the spool: this delivery will not send it any more.
    this.#waiters.releaseBefore(Number.POSITIVE_INFINITY);
    this.#metrics.shutdown();
  }
}
