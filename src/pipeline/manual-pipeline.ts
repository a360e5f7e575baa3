import { guard } from '../common/guard.js';
import { idText, idTextOrWarn } from '../common/id-text.js';
import { randomUuid } from '../common/web/random-uuid.js';
import type { FeedbackHints } from '../records/feedback/evaluation-feedback.js';
import { toFeedbackEvent, type FeedbackInput } from '../records/feedback/to-feedback-event.js';
import { toTrackedEvent, type TrackInput } from '../records/feedback/to-tracked-event.js';
import type { OptOutCheck } from '../records/privacy/opt-out.js';
import { ANONYMOUS, type PromptRecord } from '../records/model/prompt-record.js';
import type { DestinationFanOut } from './destination-fan-out.js';
import type { LateOptOuts } from './late-opt-outs.js';
import { isOptedOutTarget } from './opted-out-calls.js';
import type { PrivacyFilter } from './privacy-filter.js';
import type { RecordLinks } from './record-links.js';
import { giveUp, recordOfRun, whenRecorded, type WaitingFeedback } from './run-records.js';
import type { PipelineSteps } from './record-pipeline.js';

/** Sends what the application hands over itself, without a span: records, events and feedback. */
export class ManualPipeline {
  readonly #maxTextLength: number;
  readonly #privacy: PrivacyFilter;
  readonly #destinations: DestinationFanOut;
  readonly #links: RecordLinks;
  readonly #lateOptOuts: LateOptOuts;
  /** Feedback on runs whose record has not been made. */
  readonly #waiting = new Set<WaitingFeedback>();

  /** `maxTextLength` is the longest comment before redaction. */
  constructor(maxTextLength: number, { privacy, destinations, links, lateOptOuts }: PipelineSteps) {
    this.#maxTextLength = maxTextLength;
    this.#privacy = privacy;
    this.#destinations = destinations;
    this.#links = links;
    this.#lateOptOuts = lateOptOuts;
  }

  trackPrompt(record: PromptRecord): void {
    const isAnonymous = record.userId === ANONYMOUS;
    const key = isAnonymous ? (record.threadId ?? record.id) : record.userId;
    const filtered = this.#privacy.apply(record, key);
    if (filtered.kept) this.#destinations.sendRecord(filtered.value);
    else this.#destinations.countFiltered(filtered.reason);
  }

  track(input: TrackInput): void {
    warnOfUnusableIds(input);
    const event = toTrackedEvent(input, randomUuid(), new Date());
    if (event) this.#destinations.sendEventIfKept(this.#privacy.applyToEvent(event));
    else this.#destinations.skip('invalid_event');
  }

  /**
   * Sends feedback. If it names no record, the record is looked up: by response id, by `likelyRecordId`, by LangChain run, then by span.
   * Feedback on a run waits until its record is made. Feedback on a call that is opted out is not sent. `optOut` tells whether that
   * happens before it is sent, if it is not known by the record.
   */
  trackFeedback(input: FeedbackInput, hints: FeedbackHints = {}, optOut?: OptOutCheck): void {
    warnOfUnusableIds(input);
    const { responseId, likelyRecordId } = hints;
    const runId = idText(input?.runId);
    const recordId =
      input?.recordId ??
      this.#links.ofResponse(responseId) ??
      likelyRecordId ??
      (runId === undefined ? undefined : recordOfRun(runId)) ??
      (input?.spanContext && this.#links.ofSpan(input.spanContext));
    if (runId !== undefined && recordId === undefined && !input.spanContext)
      this.#sendWhenRecorded(input, runId, new Date());
    else this.#sendFeedback(input, recordId, new Date(), { responseId, optOut });
  }

  /** Sends feedback whose run has no record: it may name a conversation too. Otherwise it is counted as `invalid_event`. */
  giveUpWaiting(): void {
    for (const feedback of this.#waiting) giveUp(feedback);
  }

  #sendWhenRecorded(input: FeedbackInput, runId: string, now: Date): void {
    const feedback: WaitingFeedback = (recordId) => {
      this.#waiting.delete(feedback);
      guard('trackFeedback', () => this.#sendFeedback(input, recordId, now));
    };
    this.#waiting.add(feedback);
    whenRecorded(runId, feedback);
  }

  #sendFeedback(
    input: FeedbackInput,
    recordId: string | undefined,
    now: Date,
    {
      responseId,
      optOut,
    }: { readonly responseId?: string | undefined; readonly optOut?: OptOutCheck | undefined } = {},
  ): void {
    const check = optOut ?? this.#lateOptOuts.checkOf(recordId);
    const target = { recordId, responseId, spanContext: input?.spanContext, runId: idText(input?.runId) };
    if (isOptedOutTarget(target) || check?.() === 'withdrawn') return this.#destinations.skip('opted_out');
    const feedback = recordId === undefined ? input : { ...input, recordId };
    const event = toFeedbackEvent(feedback, randomUuid(), now, this.#maxTextLength);
    if (event) this.#destinations.sendEventIfKept(this.#privacy.applyToFeedback(event), check);
    else this.#destinations.skip('invalid_event');
  }
}

function warnOfUnusableIds(input: TrackInput | FeedbackInput): void {
  idTextOrWarn('userId', input?.userId);
  idTextOrWarn('threadId', input?.threadId);
}
