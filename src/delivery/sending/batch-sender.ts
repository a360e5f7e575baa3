import type { Destination } from '../../destinations/destination.js';
import { ResettableTimer } from '../runtime/resettable-timer.js';
import { attempt } from './attempt.js';
import { classify } from './classify.js';
import { Breakers } from './breakers.js';
import type { DeliveryLog } from '../accounting/delivery-log.js';
import { type InFlightBatch, applyVerdict } from './apply-verdict.js';
import type { EntryQueue, QueuedEntry } from '../queue/entry-queue.js';
import type { EntryQueues } from '../queue/entry-queues.js';
import type { SettlementTracker } from '../accounting/settlement-tracker.js';
import { errorTypeOf, statusOf } from './request-metrics.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { SelfMetrics } from '../accounting/self-metrics.js';
import type { DeliverySettings } from '../model/settings.js';
import type { BreakerState } from '../model/settlement.js';
import type { PendingFlushes } from '../accounting/pending-flushes.js';

const NEVER = Number.POSITIVE_INFINITY;

/** What a sender works with, and shares with the delivery that it belongs to. */
export interface SenderParts {
  readonly destination: Destination;
  readonly settings: DeliverySettings;
  readonly runtime: DeliveryRuntime;
  readonly lanes: EntryQueues;
  readonly ledger: SettlementTracker;
  readonly journal: DeliveryLog;
  readonly waiters: PendingFlushes;
  readonly metrics: SelfMetrics;
  /** Entries that were accepted before that time are dropped instead of sent. */
  readonly oldestAllowedMs: () => number;
  /** Called when batches have left the lanes. */
  readonly onRoom: () => void;
}

/** Sends the batches of all lanes: each when it is due, the gates are open and there is a free place. */
export class BatchSender {
  /** The last failure, in a few words. */
  lastError: string | undefined;

  readonly #parts: SenderParts;
  readonly #gates: Breakers;
  /** Rings when a batch may be sent. */
  readonly #alarm: ResettableTimer;
  readonly #flights = new Set<InFlightBatch>();

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#gates = new Breakers(parts.runtime);
    this.#alarm = new ResettableTimer(parts.runtime, () => this.pump());
  }

  get state(): BreakerState {
    return this.#gates.state;
  }

  /** Entries under way that are in memory alone. */
  get inFlight(): number {
    let count = 0;
    for (const { batch } of this.#flights) for (const { ticket } of batch) if (!ticket) count++;
    return count;
  }

  /** Somebody waits: tries now rather than later. */
  hurry(): void {
    this.#gates.hurry();
    // All that there is room for: on a page that is left, there may be no other turn.
    for (let before = -1; before !== this.#flights.size;) {
      before = this.#flights.size;
      this.pump();
    }
  }

  /**
   * Sends what may be sent now, and sees to it that it is called again when more may be.
   *
   * One batch a lane, and the next in another turn of the event loop: to write a batch out takes a millisecond or so, and of the
   * answers that make room for more, several come at once.
   */
  pump(): void {
    const { runtime, lanes } = this.#parts;
    for (const lane of lanes) {
      if (this.#readyAtMs(lane) > runtime.now()) continue;
      this.#dropExpired(lane);
      const batch = lane.takeBatch();
      if (batch.length > 0) this.#launch(lane, batch);
    }
    this.#afterChange();
  }

  /** To be called when the lanes have changed. */
  schedule(): void {
    this.#alarm.set(this.#parts.lanes.earliest((lane) => this.#readyAtMs(lane)));
  }

  /** Gives up the requests that are under way. Their entries wait on, to be sent again. */
  abort(): void {
    for (const { abort } of this.#flights) abort.abort();
  }

  /** Gives up everything, and sends nothing more until it is told to. Returns the entries that were under way. */
  end(): QueuedEntry[] {
    this.#alarm.set(NEVER);
    const left = [...this.#flights].flatMap(({ batch }) => batch);
    this.abort();
    this.#flights.clear();
    return left;
  }

  #readyAtMs(lane: EntryQueue): number {
    if (lane.flights >= this.#parts.settings.concurrency) return NEVER;
    return Math.max(this.#dueAtMs(lane), this.#gates.opensAt(lane.kind));
  }

  #dueAtMs(lane: EntryQueue): number {
    const { settings, waiters } = this.#parts;
    const oldest = lane.oldest;
    if (!oldest) return NEVER;
    if (lane.isFull(settings.flushAt) || oldest.sequence <= waiters.awaitedUpTo) return 0;
    return oldest.acceptedAtMs + settings.flushIntervalMs;
  }

  /** When the gates let a batch through that waits. */
  #nextChanceMs(): number {
    const { lanes } = this.#parts;
    if (lanes.size === 0) return 0;
    return lanes.earliest((lane) => (lane.size > 0 ? this.#gates.opensAt(lane.kind) : NEVER));
  }

  #dropExpired(lane: EntryQueue): void {
    const { ledger, oldestAllowedMs } = this.#parts;
    const timeMs = oldestAllowedMs();
    for (let entry; (entry = lane.removeOlderThan(timeMs));) ledger.drop(entry, 'expired');
  }

  #launch(lane: EntryQueue, batch: readonly QueuedEntry[]): void {
    const { lanes, metrics, ledger } = this.#parts;
    const probes = this.#gates.enter(lane.kind);
    const flight: InFlightBatch = { lane, batch, probes, abort: new AbortController() };
    metrics.connect(ledger.unfinished);
    lane.flights++;
    this.#flights.add(flight);
    lanes.putLast(lane);
    void this.#fly(flight);
  }

  async #fly(flight: InFlightBatch): Promise<void> {
    const { lane, batch, abort } = flight;
    const { destination, settings, runtime, ledger, journal, metrics } = this.#parts;
    const startedMs = runtime.now();
    const request = { kind: lane.kind, items: batch.map(({ json }) => json) };
    const outcome = await attempt(destination, request, settings.requestTimeoutMs, abort, runtime);
    // Ended meanwhile: the batch is settled already.
    if (!this.#flights.delete(flight)) return;
    lane.flights--;
    const verdict = classify(outcome, runtime.now());
    const seconds = (runtime.now() - startedMs) / 1_000;
    metrics.requested(seconds, statusOf(outcome), errorTypeOf(outcome, verdict));
    if ('error' in verdict) this.lastError = verdict.error;
    applyVerdict(flight, verdict, { gates: this.#gates, ledger, journal });
    this.#afterChange();
  }

  #afterChange(): void {
    const { waiters, onRoom } = this.#parts;
    onRoom();
    if (this.#flights.size === 0) waiters.releaseBefore(this.#nextChanceMs());
    this.schedule();
  }
}
