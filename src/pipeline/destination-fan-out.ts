import type { Delivery } from '../delivery/delivery.js';
import type { Settlement } from '../delivery/model/settlement.js';
import type { Entry } from '../destinations/destination.js';
import type { PromptRecord, TrackedEvent } from '../records/model/prompt-record.js';
import type { OptOutCheck } from '../records/privacy/opt-out.js';
import type { LifeCycle } from './lifecycle/life-cycle.js';
import type { Filtered, FilterReason } from './privacy-filter.js';
import type { SkipReason } from './skip-reason.js';
import type { TrubricsStats } from './trubrics-stats.js';

/**
 * Longest time that `forceFlush()` of processor and exporter goes on if a destination fails. SDKs and their users bound its time: Sentry gives
 * span processors 500 ms and rejects its own flush after that.
 */
export const FORCE_FLUSH_FAILURE_TIMEOUT_MS = 300;

/** Called once, when every destination has settled a call. `lost`: a destination dropped it. */
export type OnSettled = (lost: boolean) => void;

/** Companions of a record or event on its way. */
export interface EntryHooks {
  readonly onSettled?: OnSettled | undefined;
  /** Returns true if the call was opted out meanwhile. `undefined`: that cannot happen any more. */
  readonly optOut?: OptOutCheck | undefined;
}

/** Sends each record and event to every destination, and keeps the counters behind `stats()`. */
export class DestinationFanOut {
  readonly #deliveries: readonly Delivery[];
  readonly #lifeCycle: LifeCycle;
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  #records = 0;
  #events = 0;
  #redactionFailed = 0;

  constructor(deliveries: readonly Delivery[], lifeCycle: LifeCycle) {
    this.#deliveries = deliveries;
    this.#lifeCycle = lifeCycle;
  }

  sendRecord(record: PromptRecord, hooks?: EntryHooks): void {
    this.#records += 1;
    this.#deliver({ kind: 'prompt', record }, hooks);
  }

  sendEvent(event: TrackedEvent, hooks?: EntryHooks): void {
    this.#events += 1;
    this.#deliver({ kind: 'event', event }, hooks);
  }

  /** Sends an event that the privacy filter kept, or counts why it did not. */
  sendEventIfKept(filtered: Filtered<TrackedEvent>, optOut?: OptOutCheck): void {
    if (filtered.kept) this.sendEvent(filtered.value, { optOut });
    else this.countFiltered(filtered.reason);
  }

  /** Counts a call or an event that is not sent, and settles it. */
  skip(reason: SkipReason, onSettled?: OnSettled): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    onSettled?.(false);
  }

  /** Counts a call or an event that the privacy filter removed, and settles it. Only a failed redaction is a loss. */
  countFiltered(reason: FilterReason, onSettled?: OnSettled): void {
    if (reason !== 'redaction_failed') return this.skip(reason, onSettled);
    this.#redactionFailed += 1;
    onSettled?.(true);
  }

  /** Drops what is opted out by now and has not been sent. */
  withdraw(): void {
    for (const delivery of this.#deliveries) delivery.withdraw();
  }

  /**
   * `failureTimeoutMs`: how long to go on if a destination fails. `timeoutMs`: how long to go on at all. Default of both:
   * `flushTimeoutMs`.
   */
  async flush(failureTimeoutMs?: number, timeoutMs?: number): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.flush(timeoutMs, failureTimeoutMs)));
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.shutdown()));
    this.#lifeCycle.end();
  }

  stats(): TrubricsStats {
    return {
      records: this.#records,
      events: this.#events,
      skipped: { ...this.#skipped },
      dropped: { redaction_failed: this.#redactionFailed },
      destinations: this.#deliveries.map((delivery) => delivery.stats()),
    };
  }

  #deliver(entry: Entry, { onSettled, optOut }: EntryHooks = {}): void {
    const onOneSettled = onSettled && whenAllSettled(this.#deliveries.length, onSettled);
    for (const delivery of this.#deliveries) delivery.accept(entry, onOneSettled, optOut);
    this.#lifeCycle.extendLifetime();
  }
}

/** Returns a callback that must be called `count` times; the last call calls `onSettled`. */
function whenAllSettled(count: number, onSettled: OnSettled): (settlement: Settlement) => void {
  let openCount = count;
  let isLost = false;
  return ({ status }) => {
    openCount -= 1;
    isLost ||= status === 'dropped';
    if (openCount === 0) onSettled(isLost);
  };
}
