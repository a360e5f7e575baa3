import { idTextOrWarn } from '../common/id-text.js';
import type { FeedbackHints } from '../records/feedback/evaluation-feedback.js';
import { toFeedbackEvent, type FeedbackInput } from '../records/feedback/to-feedback-event.js';
import { toTrackedEvent, type TrackInput } from '../records/feedback/to-tracked-event.js';
import { ANONYMOUS, type PromptRecord } from '../records/model/prompt-record.js';
import type { DestinationFanOut } from './destination-fan-out.js';
import type { PrivacyFilter } from './privacy-filter.js';
import type { RecordLinks } from './record-links.js';
import type { PipelineSteps } from './record-pipeline.js';

/** Sends what the application hands over itself, without a span: records, events and feedback. */
export class ManualPipeline {
  readonly #maxTextLength: number;
  readonly #privacy: PrivacyFilter;
  readonly #destinations: DestinationFanOut;
  readonly #links: RecordLinks;

  /** `maxTextLength` is the longest comment before redaction. */
  constructor(maxTextLength: number, { privacy, destinations, links }: PipelineSteps) {
    this.#maxTextLength = maxTextLength;
    this.#privacy = privacy;
    this.#destinations = destinations;
    this.#links = links;
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
    const event = toTrackedEvent(input, crypto.randomUUID(), new Date());
    if (event) this.#destinations.sendEventIfKept(this.#privacy.applyToEvent(event));
    else this.#destinations.skip('invalid_event');
  }

  /** Sends feedback. If it names no record, the record is looked up: by response id, by `likelyRecordId`, then by span. */
  trackFeedback(input: FeedbackInput, { responseId, likelyRecordId }: FeedbackHints = {}): void {
    warnOfUnusableIds(input);
    const recordId =
      input?.recordId ??
      this.#links.ofResponse(responseId) ??
      likelyRecordId ??
      (input?.spanContext && this.#links.ofSpan(input.spanContext));
    const feedback = recordId === undefined ? input : { ...input, recordId };
    const event = toFeedbackEvent(feedback, crypto.randomUUID(), new Date(), this.#maxTextLength);
    if (event) this.#destinations.sendEventIfKept(this.#privacy.applyToFeedback(event));
    else this.#destinations.skip('invalid_event');
  }
}

function warnOfUnusableIds(input: TrackInput | FeedbackInput): void {
  idTextOrWarn('userId', input?.userId);
  idTextOrWarn('threadId', input?.threadId);
}
