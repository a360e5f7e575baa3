import { createDelivery } from '../delivery/create-delivery.js';
import type { Delivery } from '../delivery/delivery.js';
import type { DeliveryStats, Settlement } from '../delivery/model/settlement.js';
import type { Destination, Entry } from '../destinations/destination.js';
import { trubricsPlatform } from '../destinations/platform/platform.js';
import { trubricsIngestion } from '../destinations/ingestion/ingestion.js';
import { LifeCycle } from './lifecycle/life-cycle.js';
import { deliverySettings, OPTIONS, type ResolvedOptions } from '../config/options.js';
import type { Cleared, Withheld } from './privacy-filter.js';
import type { PromptRecord, TrackedEvent } from '../records/model/prompt-record.js';

/** Why an LLM span, or an event, was not sent. Nothing of this is a loss: the user, or the span, wanted it so. */
export type SkipReason =
  /** The span carries no messages: the instrumentation does not record content, or was told not to. */
  | 'no_content'
  /** The call failed and `errors` is `"skip"`. */
  | 'error'
  /** `redact` returned undefined. */
  | 'redacted'
  /** The call was already recorded from a span above. */
  | 'duplicate'
  /** The span could not be read at all. */
  | 'unreadable'
  /** `withTrubrics({ record: false })`, or `trubrics.record` is false on the span or one above it. */
  | 'opted_out'
  /** The user is not among those that `samplingRatio` picks. */
  | 'sampled_out'
  /** `track()` was given an event without a name, or `trackFeedback()` feedback that says nothing or is about nothing. */
  | 'invalid_event'
  /** `trubricsHandler()` has no key or host: there is nowhere to send records to. */
  | 'no_destination';

/** What became of the LLM calls so far. */
export interface TrubricsStats {
  /** Calls, or turns, that became a prompt record. */
  readonly records: number;
  /** Failed calls, tracked events and feedback; with `granularity: "both"` the calls of turns. */
  readonly events: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Lost before any destination: `redact` threw or returned something that is no record. */
  readonly dropped: { readonly redaction_failed: number };
  /** One per destination. */
  readonly destinations: readonly DeliveryStats[];
}

/** Called once, when the fate of a call is decided at every destination; `lost` when one of them dropped it. */
export type OnSettled = (lost: boolean) => void;

/** The statistics of a door that is disabled. */
export const NO_STATS: TrubricsStats = {
  records: 0,
  events: 0,
  skipped: {},
  dropped: { redaction_failed: 0 },
  destinations: [],
};

/** Where records and events leave to all destinations, and what is counted of them. */
export class DestinationFanOut {
  readonly #deliveries: readonly Delivery[];
  readonly #lifeCycle: LifeCycle;
  /** Hands over what the door before still holds. */
  releaseHeld: (() => void) | undefined;
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  #records = 0;
  #events = 0;
  #redactionFailed = 0;

  /** @throws TypeError when there is nowhere to send to: no key and a `host` that is not loopback. */
  constructor(options: ResolvedOptions) {
    const settings = deliverySettings(options);
    this.#deliveries = destinationsOf(options).map((destination) => createDelivery(destination, settings));
    this.#lifeCycle = new LifeCycle(options, () => {
      this.releaseHeld?.();
      return this.flush();
    });
  }

  /** Something will come, be it later: it shall be sent before a serverless call ends. */
  announce(): void {
    this.#lifeCycle.touch();
  }

  record(record: PromptRecord, onSettled?: OnSettled): void {
    this.#records += 1;
    this.#deliver({ kind: 'prompt', record }, onSettled);
  }

  event(event: TrackedEvent, onSettled?: OnSettled): void {
    this.#events += 1;
    this.#deliver({ kind: 'event', event }, onSettled);
  }

  /** An event that may leave, or why it may not. */
  cleared(cleared: Cleared<TrackedEvent>): void {
    if ('value' in cleared) this.event(cleared.value);
    else this.withhold(cleared.withheld);
  }

  skip(reason: SkipReason, onSettled?: OnSettled): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    onSettled?.(false);
  }

  withhold(why: Withheld, onSettled?: OnSettled): void {
    if (why !== 'redaction_failed') return this.skip(why, onSettled);
    this.#redactionFailed += 1;
    onSettled?.(true);
  }

  async flush(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.flush()));
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

  #deliver(entry: Entry, onSettled: OnSettled | undefined): void {
    const settle = onSettled && whenAllSettle(this.#deliveries.length, onSettled);
    for (const delivery of this.#deliveries) delivery.accept(entry, settle);
    this.#lifeCycle.touch();
  }
}

function whenAllSettle(count: number, onSettled: OnSettled): (settlement: Settlement) => void {
  let open = count;
  let lost = false;
  return ({ status }) => {
    open -= 1;
    lost ||= status === 'dropped';
    if (open === 0) onSettled(lost);
  };
}

function destinationsOf(options: ResolvedOptions): readonly Destination[] {
  if (options.destination !== undefined) return [options.destination].flat();
  // An account of the first platform, and nothing that speaks of the service after it.
  const isPlatform = options.email !== undefined && options.apiKey === undefined;
  if (isPlatform && options.host === OPTIONS.host.default) {
    return [trubricsPlatform(pick(options, ['email', 'password', 'firebaseApiKey', 'project', 'fetch']))];
  }
  const names = ['apiKey', 'host', 'allowInsecure', 'project', 'fetch'] as const;
  return [trubricsIngestion(pick(options, [...names, 'promptEventName', 'generationEventName']))];
}

/** Some of the options, as far as they are given. */
function pick<T extends object, K extends keyof T>(options: T, names: readonly K[]): Pick<T, K> {
  const picked: Partial<T> = {};
  for (const name of names) if (Object.hasOwn(options, name)) picked[name] = options[name];
  return picked as Pick<T, K>;
}
