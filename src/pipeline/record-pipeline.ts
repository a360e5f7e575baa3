import { logger } from '../common/logger.js';
import type { FeedbackHints } from '../records/feedback/evaluation-feedback.js';
import type { ResolvedOptions } from '../config/options.js';
import {
  DestinationFanOut,
  type OnSettled,
  type SkipReason,
  type TrubricsStats,
} from './destination-fan-out.js';
import { PrivacyFilter, textLengthBefore } from './privacy-filter.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import { hasContent } from '../reading/calls/merge-calls.js';
import { RecordLinks } from './record-links.js';
import { ANONYMOUS } from '../records/model/identity.js';
import { isOptedOut } from '../records/privacy/opt-out.js';
import type { PromptRecord } from '../records/model/prompt-record.js';
import { recordCall, type CallSurroundings, type RecordingSettings } from '../records/calls/record-call.js';
import { recordTurn, type WrittenRecord } from '../records/turns/record-turn.js';
import { ResumableTurns } from '../records/turns/resumable-turns.js';
import { samplingKey } from '../records/privacy/sampling.js';
import { toFeedbackEvent, type FeedbackInput } from '../records/feedback/to-feedback-event.js';
import { toCallEvent, toErrorEvent } from '../records/calls/to-prompt-record.js';
import { toTrackedEvent, type TrackInput } from '../records/feedback/to-tracked-event.js';
import type { TurnCall, TurnGroup } from '../records/turns/turn-groups.js';

/** The part that the processor and the exporter share: an LLM call or a turn in, a record or an event at every destination. */
export class RecordPipeline {
  readonly #options: ResolvedOptions;
  readonly #settings: RecordingSettings;
  readonly #privacy: PrivacyFilter;
  readonly #outlet: DestinationFanOut;
  readonly #links = new RecordLinks();
  readonly #resumable = new ResumableTurns();
  #warnedAnonymous = false;

  /** @throws TypeError when there is nowhere to send to: no key and a `host` that is not loopback. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#settings = {
      ...options,
      maxTextLength: textLengthBefore(options),
      properties: {
        ...(options.project !== undefined && { project: options.project }),
        ...options.properties,
      },
    };
    this.#privacy = new PrivacyFilter(options);
    this.#outlet = new DestinationFanOut(options);
  }

  /** `release` hands over what the door before still holds: called before a flush that the end of a process asks for. */
  onReleaseHeld(release: () => void): void {
    this.#outlet.releaseHeld = release;
  }

  /** A record will come, be it later: it shall be sent before a serverless call ends. */
  announce(): void {
    this.#outlet.announce();
  }

  /** Whether a call may be recorded at all. If not, that is counted. */
  admits({ span, ancestors, contextIdentity }: CallSurroundings, onSettled?: OnSettled): boolean {
    if (!isOptedOut(span, ancestors, contextIdentity)) return true;
    this.skip('opted_out', onSettled);
    return false;
  }

  /** Records one call. `onSettled` is called once, when its fate is decided at every destination. */
  record(call: LlmCall, surroundings: CallSurroundings, onSettled?: OnSettled): void {
    if (!this.admits(surroundings, onSettled) || !this.#isWanted(call, hasContent(call), onSettled)) return;
    const { record, identity } = recordCall(call, surroundings, this.#settings);
    this.#write({ record, call, identity }, [call], onSettled);
  }

  /** Records one turn of calls that were admitted, and its calls as events when both are wanted. */
  recordTurn(turn: TurnGroup): void {
    const written = recordTurn(turn, this.#settings, this.#resumable);
    const calls = turn.calls.map(({ call }) => call);
    if (!this.#isWanted(written.call, calls.some(hasContent)) || !this.#write(written, calls)) return;
    if (this.#options.granularity === 'both') for (const part of turn.calls) this.#writeCallOf(written, part);
  }

  /** Delivers a record that was made by hand. */
  trackPrompt(record: PromptRecord): void {
    const isAnonymous = record.userId === ANONYMOUS;
    const cleared = this.#privacy.clear(record, isAnonymous ? (record.threadId ?? record.id) : record.userId);
    if ('value' in cleared) this.#outlet.record(cleared.value);
    else this.#outlet.withhold(cleared.withheld);
  }

  /** Delivers an event of the application. */
  track(input: TrackInput): void {
    const event = toTrackedEvent(input, crypto.randomUUID(), new Date());
    if (event) this.#outlet.cleared(this.#privacy.clearEvent(event));
    else this.skip('invalid_event');
  }

  /** Delivers what somebody thinks of an answer. */
  trackFeedback(input: FeedbackInput, { responseId, likelyRecordId }: FeedbackHints = {}): void {
    const recordId =
      input?.recordId ??
      this.#links.ofResponse(responseId) ??
      likelyRecordId ??
      (input?.spanContext && this.#links.ofSpan(input.spanContext));
    const about = recordId === undefined ? input : { ...input, recordId };
    const maxLength = textLengthBefore(this.#options);
    const event = toFeedbackEvent(about, crypto.randomUUID(), new Date(), maxLength);
    if (event) this.#outlet.cleared(this.#privacy.clearFeedback(event));
    else this.skip('invalid_event');
  }

  skip(reason: SkipReason, onSettled?: OnSettled): void {
    this.#outlet.skip(reason, onSettled);
  }

  async flush(): Promise<void> {
    await this.#outlet.flush();
  }

  async shutdown(): Promise<void> {
    await this.#outlet.shutdown();
  }

  stats(): TrubricsStats {
    return this.#outlet.stats();
  }

  #isWanted(call: LlmCall, isSaid: boolean, onSettled?: OnSettled): boolean {
    const { errors } = this.#options;
    if (call.error && errors === 'skip') this.skip('error', onSettled);
    else if (!isSaid && !(call.error && errors === 'event')) this.skip('no_content', onSettled);
    else return true;
    return false;
  }

  /** Sends a call or a turn as the record or the error that it is. False: nothing was sent. */
  #write(
    { record, call, identity }: WrittenRecord,
    parts: readonly LlmCall[],
    onSettled?: OnSettled,
  ): boolean {
    const asEvent = call.error !== undefined && this.#options.errors === 'event';
    if (!asEvent && record.prompt === '') {
      this.skip('no_content', onSettled);
      return false;
    }
    if (identity.anonymous) this.#warnAnonymous();
    const cleared = this.#privacy.clear(record, samplingKey(identity, call.traceId));
    if (!('value' in cleared)) {
      this.#outlet.withhold(cleared.withheld, onSettled);
      return false;
    }
    this.#links.add(cleared.value.id, parts);
    if (asEvent) this.#outlet.event(toErrorEvent(cleared.value), onSettled);
    else this.#outlet.record(cleared.value, onSettled);
    return true;
  }

  /** A call as an event under its turn, which knows who asked. */
  #writeCallOf({ record: turn, call: { traceId }, identity }: WrittenRecord, part: TurnCall): void {
    const { record } = recordCall(part.call, part, this.#settings);
    const { threadId = turn.threadId } = record;
    const own = {
      ...record,
      userId: identity.userId,
      ...(threadId !== undefined && { threadId }),
      properties: { ...record.properties, turn_id: turn.id },
    };
    const cleared = this.#privacy.clear(own, samplingKey(identity, traceId));
    const isError = part.call.error !== undefined && this.#options.errors !== 'record';
    this.#outlet.cleared('value' in cleared ? { value: toCallEvent(cleared.value, isError) } : cleared);
  }

  #warnAnonymous(): void {
    if (this.#warnedAnonymous) return;
    this.#warnedAnonymous = true;
    logger.warn(
      'An LLM call has no user: it is recorded as "anonymous". Set user.id on the span or on one above it, use withTrubrics(), ' +
        'or set the option defaultUserId.',
    );
  }
}
