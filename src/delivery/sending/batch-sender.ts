import type { Destination, EntryKind } from '../../destinations/destination.js';
import type { DeliveryLog } from '../accounting/delivery-log.js';
import type { PendingFlushes } from '../accounting/pending-flushes.js';
import type { SelfMetrics } from '../accounting/self-metrics.js';
import type { SettlementCounts } from '../accounting/settlement-counts.js';
import type { SettlementTracker } from '../accounting/settlement-tracker.js';
import type { QueuedEntry } from '../model/queued-entry.js';
import type { DeliverySettings } from '../model/settings.js';
import type { BreakerState } from '../model/delivery-stats.js';
import type { Withdrawals } from '../queue/withdrawals.js';
import type { EntryQueue, EntryQueues } from '../queue/entry-queues.js';
import { type DeliveryRuntime, ResettableTimer } from '../runtime/runtime.js';
import { Breakers } from './backoff-breaker.js';
import { attempt, errorTypeOf, GIVEN_UP, statusOf } from './outcome.js';
import { applyVerdict, classify, type InFlightBatch } from './verdict.js';

const NEVER = Number.POSITIVE_INFINITY;

export interface BatchSenderParts {
  readonly destination: Destination;
  readonly settings: DeliverySettings;
  /** Entries older than this are dropped instead of sent. */
  readonly maxAgeMs: number;
  readonly runtime: DeliveryRuntime;
  readonly queues: EntryQueues;
  readonly counts: SettlementCounts;
  readonly tracker: SettlementTracker;
  readonly log: DeliveryLog;
  readonly flushes: PendingFlushes;
  readonly metrics: SelfMetrics;
  readonly withdrawals: Withdrawals;
}

/** Sends the batches of all queues: each when it is due, its breakers let it start, and fewer than `concurrency` are in flight. */
export class BatchSender {
  readonly #parts: BatchSenderParts;
  readonly #breakers: Breakers;
  /** Due when the next batch may be sent. */
  readonly #timer: ResettableTimer;
  readonly #inFlight = new Set<InFlightBatch>();
  readonly #roomListeners: (() => void)[] = [];
  /** Batches that {@link giveUp} has aborted once. */
  readonly #givenUp = new WeakSet<readonly QueuedEntry[]>();
  /** The earliest start of the next request after {@link giveUp}. A flush resets it. */
  #resumeAtMs = 0;
  #lastError: string | undefined;

  constructor(parts: BatchSenderParts) {
    this.#parts = parts;
    this.#breakers = new Breakers(parts.runtime);
    this.#timer = new ResettableTimer(parts.runtime, () => void this.sendDue());
  }

  get state(): BreakerState {
    return this.#breakers.state;
  }

  /** The last failure, in a few words. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** The number of entries in flight that are in memory only. */
  get inFlightInMemoryOnly(): number {
    let count = 0;
    for (const { entries } of this.#inFlight) {
      for (const { storage } of entries) if (storage === 'memory') count++;
    }
    return count;
  }

  /** Returns the number of batches of a kind that are in flight. */
  inFlightCount(kind: EntryKind): number {
    let count = 0;
    for (const { queue } of this.#inFlight) if (queue.kind === kind) count++;
    return count;
  }

  /** Calls `listener` whenever batches may have left the queues, so that there may be room for more entries. */
  onRoom(listener: () => void): void {
    this.#roomListeners.push(listener);
  }

  /** Starts as many requests as `concurrency` allows, without the backoff. A page that is left may have no other turn. */
  flushNow(): void {
    this.#breakers.onFlush();
    this.#resumeAtMs = 0;
    let started: number;
    do started = this.sendDue();
    while (started > 0);
  }

  /**
   * Starts one request for each queue that may send, and schedules the next call. Returns the number of requests started.
   *
   * The next batch of a queue follows in another turn of the event loop: writing one out takes about a millisecond, and several
   * responses can arrive at once.
   */
  sendDue(): number {
    const { runtime, queues } = this.#parts;
    let started = 0;
    for (const queue of queues) {
      if (this.#readyAtMs(queue) > runtime.now()) continue;
      this.#dropExpired(queue);
      const entries = this.#withoutWithdrawn(queue.takeBatch());
      if (entries.length === 0) continue;
      this.#startRequest(queue, entries);
      started++;
    }
    this.#afterChange();
    return started;
  }

  /** Call when the queues have changed. */
  schedule(): void {
    this.#timer.set(this.#parts.queues.earliest((queue) => this.#readyAtMs(queue)));
  }

  /**
   * Lets the process end although requests are in flight, because no flush waits for them any more. They go on and have
   * `requestTimeoutMs`.
   *
   * If the destination cannot do that, aborts the request. Its batch is sent again after `flushIntervalMs`, or by the next flush. A batch
   * is aborted only once. The second time its request may take `requestTimeoutMs`: a destination that is slower than the
   * flushes of a serverless function would otherwise get the same batch again and again, and never confirm it.
   */
  giveUp(): void {
    const { runtime, settings } = this.#parts;
    for (const { entries, abort, release } of this.#inFlight) {
      if (this.#givenUp.has(entries) || hasReleased(release)) continue;
      this.#givenUp.add(entries);
      this.#resumeAtMs = runtime.now() + settings.flushIntervalMs;
      abort.abort(GIVEN_UP);
    }
  }

  /** Aborts everything, and schedules nothing more. Returns the entries that were in flight. */
  end(): QueuedEntry[] {
    this.#timer.set(NEVER);
    const left = [...this.#inFlight].flatMap(({ entries }) => entries);
    for (const { abort } of this.#inFlight) abort.abort(GIVEN_UP);
    this.#inFlight.clear();
    return left;
  }

  #readyAtMs(queue: EntryQueue): number {
    if (this.inFlightCount(queue.kind) >= this.#parts.settings.concurrency) return NEVER;
    return Math.max(this.#dueAtMs(queue), this.#breakers.nextStartMs(queue.kind), this.#resumeAtMs);
  }

  #dueAtMs(queue: EntryQueue): number {
    const { settings, flushes } = this.#parts;
    const { oldest } = queue;
    if (!oldest) return NEVER;
    if (queue.isFull(settings.flushAt) || oldest.sequence <= flushes.awaitedUpTo) return 0;
    return oldest.acceptedAtMs + settings.flushIntervalMs;
  }

  /** Returns when the breakers let one of the queued batches start. */
  #nextPossibleRequestMs(): number {
    const { queues } = this.#parts;
    if (queues.size === 0) return 0;
    return queues.earliest((queue) => (queue.size > 0 ? this.#breakers.nextStartMs(queue.kind) : NEVER));
  }

  /** Resolves the flushes for which nothing more can be tried in their time. */
  #resolveFlushes(): void {
    const { flushes, counts } = this.#parts;
    if (this.state === 'sending') return;
    // With everything on disk, nothing is lost by waiting for a destination that fails.
    if (counts.inMemoryCount === 0) flushes.resolveAll();
    else flushes.resolveFailingBefore(this.#nextPossibleRequestMs());
  }

  #dropExpired(queue: EntryQueue): void {
    const { tracker, runtime, maxAgeMs } = this.#parts;
    for (const entry of queue.removeOlderThan(runtime.now() - maxAgeMs)) tracker.drop(entry, 'expired');
  }

  /** Drops the entries that are withdrawn. If that is the whole batch, the next one is sent in another turn. */
  #withoutWithdrawn(batch: readonly QueuedEntry[]): readonly QueuedEntry[] {
    const { withdrawals, tracker } = this.#parts;
    const withdrawn = batch.filter(({ sequence }) => withdrawals.isWithdrawn(sequence));
    if (withdrawn.length === 0) return batch;
    for (const entry of withdrawn) tracker.drop(entry, 'opted_out');
    return batch.filter((entry) => !withdrawn.includes(entry));
  }

  #startRequest(queue: EntryQueue, entries: readonly QueuedEntry[]): void {
    const { queues, metrics } = this.#parts;
    const probes = this.#breakers.onStart(queue.kind);
    const batch: InFlightBatch = { queue, entries, probes, abort: new AbortController() };
    metrics.connect();
    this.#inFlight.add(batch);
    queues.putLast(queue);
    void this.#sendBatch(batch);
  }

  async #sendBatch(batch: InFlightBatch): Promise<void> {
    const { queue, entries, abort } = batch;
    const { destination, settings, runtime, counts, tracker, log, metrics } = this.#parts;
    const startedMs = runtime.now();
    const request = { kind: queue.kind, items: entries.map(({ json }) => json) };
    const outcome = await attempt(
      destination,
      request,
      settings.requestTimeoutMs,
      abort,
      runtime,
      (release) => {
        batch.release = release;
      },
    );
    // After end() the entries are settled already.
    if (!this.#inFlight.delete(batch)) return;
    const verdict = classify(outcome, runtime.now());
    metrics.onRequest((runtime.now() - startedMs) / 1_000, statusOf(outcome), errorTypeOf(outcome));
    if ('error' in verdict) this.#lastError = verdict.error;
    applyVerdict(batch, verdict, { breakers: this.#breakers, counts, tracker, log });
    this.#afterChange();
  }

  #afterChange(): void {
    for (const listener of this.#roomListeners) listener();
    if (this.#inFlight.size === 0) this.#resolveFlushes();
    this.schedule();
  }
}

/** Calls the function of the destination. If it fails, nothing was released. */
function hasReleased(release: (() => boolean) | undefined): boolean {
  try {
    return release?.() === true;
  } catch {
    return false;
  }
}
