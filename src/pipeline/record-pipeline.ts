import { logger } from '../common/logger.js';
import type { ErrorMode, Granularity } from '../config/options.js';
import { hasContent } from '../reading/calls/merge-calls.js';
import { ATTR_TRUBRICS_RUN_ID } from '../common/semconv.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import type { SpanLike } from '../reading/model/span-like.js';
import { withFacts } from '../records/calls/properties.js';
import { recordCall, type CallSurroundings } from '../records/calls/record-call.js';
import { toCallEvent, toErrorEvent } from '../records/calls/to-prompt-record.js';
import type { RecordSettings } from '../records/model/record-settings.js';
import { hasOwnOptOut, isOptedOut, lateOptOut, type OptOutCheck } from '../records/privacy/opt-out.js';
import { samplingKey } from '../records/privacy/sampling.js';
import type { TurnCall, TurnGroup } from '../records/turns/group-turns.js';
import { recordTurn, type WrittenRecord } from '../records/turns/record-turn.js';
import { ResumableTurns } from '../records/turns/resumable-turns.js';
import type { DestinationFanOut, EntryHooks, OnSettled } from './destination-fan-out.js';
import type { LateOptOuts } from './late-opt-outs.js';
import { rememberOptedOut, rememberRun } from './opted-out-calls.js';
import type { PrivacyFilter } from './privacy-filter.js';
import type { LinkedCall, RecordLinks } from './record-links.js';
import type { SpanReason } from '../reading/advice/span-explanation.js';
import type { SpanSkipReason } from './skip-reason.js';
import type { SpanLog } from './span-log.js';

/** Settings of {@link RecordPipeline}. */
export interface RecordPipelineSettings extends RecordSettings {
  readonly errors: ErrorMode;
  readonly granularity: Granularity;
}

/** Steps that follow one another in every pipeline. */
export interface PipelineSteps {
  readonly privacy: PrivacyFilter;
  readonly destinations: DestinationFanOut;
  /** Written by {@link RecordPipeline}; feedback looks records up in it. */
  readonly links: RecordLinks;
  /** Written by {@link RecordPipeline} too. */
  readonly lateOptOuts: LateOptOuts;
}

/**
 * Turns LLM calls and turns into records, or into events if they failed, and sends them through the privacy filter to every
 * destination. A call that is not sent is counted with its {@link SpanSkipReason}. Shared by processor and exporter.
 */
export class RecordPipeline {
  readonly #settings: RecordPipelineSettings;
  readonly #privacy: PrivacyFilter;
  readonly #destinations: DestinationFanOut;
  readonly #links: RecordLinks;
  readonly #lateOptOuts: LateOptOuts;
  readonly #spanLog: SpanLog;
  readonly #resumable = new ResumableTurns();
  #hasWarnedAnonymous = false;

  constructor(
    settings: RecordPipelineSettings,
    { privacy, destinations, links, lateOptOuts }: PipelineSteps,
    spanLog: SpanLog,
  ) {
    this.#settings = settings;
    this.#privacy = privacy;
    this.#destinations = destinations;
    this.#links = links;
    this.#lateOptOuts = lateOptOuts;
    this.#spanLog = spanLog;
  }

  /** Returns whether a call may be recorded. If it was opted out, it is counted and settled. */
  admits(call: CallSurroundings, onSettled?: OnSettled): boolean {
    if (!isOptedOut(call)) return true;
    rememberOptedOut(call.span);
    for (const above of call.ancestors) {
      if (hasOwnOptOut(above)) rememberOptedOut(above);
      rememberRun(above.attributes[ATTR_TRUBRICS_RUN_ID]);
    }
    this.#spanLog.note(call.span.spanContext().spanId, 'opted_out');
    this.#destinations.skip('opted_out', onSettled);
    return false;
  }

  /** Call when an opt-out was found on a span that ends: calls below it may be recorded already. Withdraws what was not sent. */
  onLateOptOut(span: SpanLike): void {
    rememberOptedOut(span);
    this.#lateOptOuts.findWithdrawn();
    this.#destinations.withdraw();
  }

  /** Records one call. `onSettled` is called once, when every destination has settled it. */
  record(call: LlmCall, surroundings: CallSurroundings, onSettled?: OnSettled): void {
    if (!this.admits(surroundings, onSettled)) return;
    const parts = [{ call, ancestors: surroundings.ancestors }];
    if (!this.#isWanted(call, parts, onSettled)) return;
    const { record, identity } = recordCall(call, surroundings, this.#settings);
    this.#send({ record, call, identity }, parts, { onSettled, optOut: lateOptOut([surroundings]) });
  }

  /**
   * Records one turn. Its calls must have been admitted. With `granularity: "both"`, its calls are sent as events. `onSettled` is called
   * once, when every destination has settled the record.
   */
  recordTurn(turn: TurnGroup, onSettled?: OnSettled): void {
    const written = recordTurn(turn, this.#settings, this.#resumable);
    if (!this.#isWanted(written.call, turn.calls, onSettled)) return;
    const optOut = lateOptOut(turn.calls);
    if (!this.#send(written, turn.calls, { onSettled, optOut })) return;
    if (this.#settings.granularity !== 'both') return;
    for (const part of turn.calls) this.#sendCallOf(written, part, optOut);
  }

  /** Returns whether a call or turn is recorded: it has content, and no error that the option `errors` excludes. */
  #isWanted(call: LlmCall, parts: readonly LinkedCall[], onSettled?: OnSettled): boolean {
    const { errors } = this.#settings;
    if (call.error && errors === 'skip') this.#skip(parts, 'error', onSettled);
    else if (!parts.some((part) => hasContent(part.call)) && !(call.error && errors === 'event'))
      this.#skip(parts, 'no_content', onSettled);
    else return true;
    return false;
  }

  /** Counts calls that are not sent. `parts` are those of a turn, or one call. */
  #skip(parts: readonly LinkedCall[], reason: SpanSkipReason, onSettled?: OnSettled): void {
    this.#note(parts, reason);
    this.#destinations.skip(reason, onSettled);
  }

  #note(parts: readonly LinkedCall[], reason: SpanReason, recordId?: string): void {
    for (const { call } of parts) this.#spanLog.note(call.spanId, reason, recordId);
  }

  /** Sends a call or a turn as a record, or as the event of its error. Returns false if nothing was sent. */
  #send({ record, call, identity }: WrittenRecord, parts: readonly LinkedCall[], hooks: EntryHooks): boolean {
    const { onSettled, optOut } = hooks;
    const isErrorEvent = call.error !== undefined && this.#settings.errors === 'event';
    if (!isErrorEvent && record.prompt === '') {
      this.#skip(parts, 'no_content', onSettled);
      return false;
    }
    if (identity.anonymous) this.#warnAnonymous();
    const filtered = this.#privacy.apply(record, samplingKey(identity, call.traceId));
    if (!filtered.kept) {
      this.#note(parts, filtered.reason);
      this.#destinations.countFiltered(filtered.reason, onSettled);
      return false;
    }
    this.#note(parts, isErrorEvent ? 'error_event' : 'recorded', filtered.value.id);
    if (isErrorEvent) this.#destinations.sendEvent(toErrorEvent(filtered.value), hooks);
    else this.#destinations.sendRecord(filtered.value, hooks);
    if (optOut) this.#lateOptOuts.add(filtered.value.id, optOut);
    this.#links.add(filtered.value.id, parts);
    return true;
  }

  /** Sends a call of a turn as an event. The user is that of the turn. */
  #sendCallOf(
    { record: turn, call: { traceId }, identity }: WrittenRecord,
    part: TurnCall,
    optOut: OptOutCheck | undefined,
  ): void {
    const { record } = recordCall(part.call, part, this.#settings);
    const { threadId = turn.threadId } = record;
    const callRecord = {
      ...record,
      userId: identity.userId,
      ...(threadId !== undefined && { threadId }),
      properties: withFacts(record.properties, { turn_id: turn.id }),
    };
    const filtered = this.#privacy.apply(callRecord, samplingKey(identity, traceId));
    const isError = part.call.error !== undefined && this.#settings.errors !== 'record';
    this.#destinations.sendEventIfKept(
      filtered.kept ? { kept: true, value: toCallEvent(filtered.value, isError) } : filtered,
      optOut,
    );
  }

  #warnAnonymous(): void {
    if (this.#hasWarnedAnonymous) return;
    this.#hasWarnedAnonymous = true;
    logger.warn(
      'An LLM call has no user: it is recorded as "anonymous". Set user.id on the span or on one above it, use withTrubrics(), ' +
        'or set the option defaultUserId.',
    );
  }
}
