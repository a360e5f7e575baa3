import { diag } from '@opentelemetry/api';
import { Delivery } from './delivery/delivery.js';
import type { DeliveryStats, Settlement } from './delivery/settlement.js';
import type { Destination, Entry } from './destinations/destination.js';
import { trubricsIngestion } from './destinations/trubrics.js';
import type { ResolvedOptions } from './options.js';
import type { LlmCall } from './reading/llm-call.js';
import { hasContent } from './reading/merge-calls.js';
import { recordCall, type CallSurroundings, type RecordingSettings } from './records/record-call.js';
import { isPromptRecord } from './records/is-prompt-record.js';
import type { PromptRecord, TrackedEvent } from './records/prompt-record.js';
import { toErrorEvent } from './records/to-prompt-record.js';
import { toTrackedEvent, type TrackInput } from './records/to-tracked-event.js';

/** Why an LLM span did not become a record. Nothing of this is a loss: the user, or the span, wanted it so. */
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
  /** `track()` was given an event without a name. */
  | 'invalid_event';

/** What became of the LLM calls so far. */
export interface TrubricsStats {
  /** Calls that became a prompt record. */
  readonly records: number;
  /** Failed calls and tracked events. */
  readonly events: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Lost before any destination: `redact` threw or returned something that is no record. */
  readonly dropped: { readonly redaction_failed: number };
  /** One per destination. */
  readonly destinations: readonly DeliveryStats[];
}

const log = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-trubrics' });

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

/** The part that the processor and the exporter share: an LLM call in, a record or an event at every destination. */
export class Recorder {
  readonly #options: ResolvedOptions;
  readonly #settings: RecordingSettings;
  readonly #deliveries: readonly Delivery[];
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  #records = 0;
  #events = 0;
  #redactionFailed = 0;
  #warnedAnonymous = false;

  /** @throws TypeError when there is nowhere to send to: no key and a `host` that is not loopback. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#settings = {
      ...options,
      properties: {
        ...(options.project !== undefined && { project: options.project }),
        ...options.properties,
      },
    };
    const settings = { ...options, shutdownTimeoutMs: options.flushTimeoutMs };
    this.#deliveries = destinationsOf(options).map((destination) => new Delivery(destination, settings));
  }

  /** Records one call. `onSettled` is called once, when its fate is decided at every destination. */
  record(call: LlmCall, surroundings: CallSurroundings, onSettled?: OnSettled): void {
    if (call.error && this.#options.errors === 'skip') return this.skip('error', onSettled);
    const asEvent = call.error !== undefined && this.#options.errors === 'event';
    if (!asEvent && !hasContent(call)) return this.skip('no_content', onSettled);
    const { record, identity } = recordCall(call, surroundings, this.#settings);
    if (!asEvent && record.prompt === '') return this.skip('no_content', onSettled);
    if (identity.anonymous) this.#warnAnonymous();
    const redacted = this.#redact(record, onSettled);
    if (!redacted) return;
    if (asEvent) return this.#deliverEvent(toErrorEvent(redacted), onSettled);
    this.#records += 1;
    this.#deliver({ kind: 'prompt', record: redacted }, onSettled);
  }

  /** Delivers an event of the application. */
  track(input: TrackInput): void {
    const event = toTrackedEvent(input, crypto.randomUUID(), new Date());
    if (event) this.#deliverEvent(event);
    else this.skip('invalid_event');
  }

  skip(reason: SkipReason, onSettled?: OnSettled): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    onSettled?.(false);
  }

  async flush(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.flush()));
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.shutdown()));
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

  #deliverEvent(event: TrackedEvent, onSettled?: OnSettled): void {
    this.#events += 1;
    this.#deliver({ kind: 'event', event }, onSettled);
  }

  #deliver(entry: Entry, onSettled: OnSettled | undefined): void {
    let open = this.#deliveries.length;
    let lost = false;
    const settle = (settlement: Settlement) => {
      open -= 1;
      lost ||= settlement.status === 'dropped';
      if (open === 0) onSettled?.(lost);
    };
    for (const delivery of this.#deliveries) delivery.accept(entry, settle);
  }

  #redact(record: PromptRecord, onSettled: OnSettled | undefined): PromptRecord | undefined {
    if (!this.#options.redact) return record;
    try {
      const redacted: unknown = this.#options.redact(record);
      if (redacted === undefined) {
        this.skip('redacted', onSettled);
        return undefined;
      }
      if (isPromptRecord(redacted)) return redacted;
    } catch {
      // Its message may hold the very text that was to be removed: only the fact is told.
    }
    this.#redactionFailed += 1;
    if (this.#redactionFailed === 1) {
      log.warn(
        'redact() threw or returned something that is no record: such records are dropped. See stats().dropped.redaction_failed.',
      );
    }
    onSettled?.(true);
    return undefined;
  }

  #warnAnonymous(): void {
    if (this.#warnedAnonymous) return;
    this.#warnedAnonymous = true;
    log.warn(
      'An LLM call has no user: it is recorded as "anonymous". Set user.id on the span or on one above it, use withTrubrics(), ' +
        'or set the option defaultUserId.',
    );
  }
}

function destinationsOf(options: ResolvedOptions): readonly Destination[] {
  if (options.destination !== undefined) return [options.destination].flat();
  return [trubricsIngestion(options)];
}
