import { idText } from '../../common/id-text.js';
import { recordId } from '../../common/record-id.js';
import { toProperties } from '../calls/properties.js';
import { ANONYMOUS, type PropertyValue, type TrackedEvent } from '../model/prompt-record.js';
import { cutText, wellFormed } from '../text/clean-text.js';
import { toIso } from '../text/timestamp.js';

/** Event that feedback becomes. */
export const FEEDBACK_EVENT = 'Feedback';

/** Symbols that people click in Trubrics: thumbs, and faces from sad to happy. */
export type FeedbackSymbol = '👍' | '👎' | '😞' | '🙁' | '😐' | '🙂' | '😀';

/**
 * Feedback on an answer. It needs a target (`recordId`, `runId`, `spanContext` or `threadId`) and a value (`score`, `label` or `comment`).
 */
export interface FeedbackInput {
  /** `id` of the record: `traceId-spanId`. */
  readonly recordId?: string | undefined;
  /** Span of the LLM call, or a span above or below it, for instance `trace.getActiveSpan()?.spanContext()`. */
  readonly spanContext?: { readonly traceId: string; readonly spanId: string } | undefined;
  /**
   * Id of a LangChain run of the same process: of the model's run, which is the property `run_id` of the record, or of a run above it,
   * such as `runId` in the config of the call.
   */
  readonly runId?: string | undefined;
  /** Conversation, if the feedback is about all of it. */
  readonly threadId?: string | undefined;
  /** User who gives the feedback. Default: `"anonymous"`. */
  readonly userId?: string | undefined;
  /**
   * Number, higher is better; `true` is thumbs up, `false` thumbs down. Thumbs are 1 and -1, faces -1 to 1. `null` takes back what the user has
   * said about the answer before.
   */
  readonly score?: number | boolean | FeedbackSymbol | null | undefined;
  /** Short label, for instance `"wrong answer"`. Default: the thumb or face. */
  readonly label?: string | undefined;
  readonly comment?: string | undefined;
  /** Place where it was given, for instance `"chat"`: the feedback component of Trubrics. */
  readonly component?: string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** Default: now. */
  readonly timestamp?: Date | string | undefined;
}

interface SymbolMeaning {
  readonly score: number;
  readonly type: 'thumbs' | 'faces';
}

/** Score and feedback type of each symbol. */
export const FEEDBACK_SYMBOLS: Readonly<Record<FeedbackSymbol, SymbolMeaning>> = {
  '👍': { score: 1, type: 'thumbs' },
  '👎': { score: -1, type: 'thumbs' },
  '😞': { score: -1, type: 'faces' },
  '🙁': { score: -0.5, type: 'faces' },
  '😐': { score: 0, type: 'faces' },
  '🙂': { score: 0.5, type: 'faces' },
  '😀': { score: 1, type: 'faces' },
};

/** {@link FEEDBACK_SYMBOLS} for values of any type. */
const MEANINGS: ReadonlyMap<unknown, SymbolMeaning> = new Map(Object.entries(FEEDBACK_SYMBOLS));

const MAX_LABEL_LENGTH = 1_000;

/**
 * Converts feedback to an event `Feedback` with the properties `score`, `label`, `comment`, `component`, `record_id` and
 * `feedback_type` (`thumbs`, `faces`, `textbox` or `score`), or `cleared` if the score is null and nothing else is said. `undefined`: it has no value or no target. Pure: the caller passes `id`
 * and `now`.
 */
export function toFeedbackEvent(
  input: FeedbackInput,
  id: string,
  now: Date,
  maxTextLength = 100_000,
): TrackedEvent | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const threadId = wellFormedId(input.threadId);
  const target = targetOf(input);
  const values = feedbackValues(input, maxTextLength);
  const hasTarget = target.record_id !== undefined || threadId !== undefined;
  const isEmpty = Object.values(values).every((value) => value === undefined);
  const isCleared = isEmpty && input.score === null;
  if (!hasTarget || (isEmpty && !isCleared)) return undefined;
  return {
    id,
    event: FEEDBACK_EVENT,
    userId: wellFormedId(input.userId) ?? ANONYMOUS,
    ...(threadId !== undefined && { threadId }),
    timestamp: toIso(input.timestamp) ?? now.toISOString(),
    properties: toProperties({
      ...objectOrEmpty(input.properties),
      ...values,
      ...(isCleared && { cleared: true }),
      feedback_type: objectOrEmpty(input.properties).feedback_type ?? typeOf(input),
      component: text(input.component, MAX_LABEL_LENGTH),
      ...target,
    }),
  };
}

/** Converts a score to a number. `undefined`: it is neither a finite number nor a symbol. */
export function scoreOf(score: unknown): number | undefined {
  if (typeof score === 'number') return Number.isFinite(score) ? score : undefined;
  return symbolOf(score)?.score;
}

function feedbackValues(
  { score, label, comment }: FeedbackInput,
  maxTextLength: number,
): Record<'score' | 'label' | 'comment', PropertyValue | undefined> {
  const symbol = typeof score === 'boolean' ? (score ? '👍' : '👎') : score;
  return {
    score: scoreOf(symbol),
    label: text(label, MAX_LABEL_LENGTH) ?? (MEANINGS.has(symbol) ? String(symbol) : undefined),
    comment: text(comment, maxTextLength),
  };
}

function typeOf({ score, comment }: FeedbackInput): string | undefined {
  const symbol = symbolOf(score);
  if (symbol) return symbol.type;
  if (typeof score === 'number') return 'score';
  return text(comment, 1) === undefined ? undefined : 'textbox';
}

function symbolOf(score: unknown): SymbolMeaning | undefined {
  return MEANINGS.get(typeof score === 'boolean' ? (score ? '👍' : '👎') : score);
}

function targetOf({ recordId: givenId, spanContext }: FeedbackInput): Record<string, string | undefined> {
  const traceId = wellFormedId(spanContext?.traceId);
  const spanId = wellFormedId(spanContext?.spanId);
  const spanRecordId =
    traceId !== undefined && spanId !== undefined ? recordId({ traceId, spanId }) : undefined;
  return { record_id: wellFormedId(givenId) ?? spanRecordId, trace_id: traceId };
}

function objectOrEmpty(properties: unknown): Readonly<Record<string, unknown>> {
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>) : {};
}

function wellFormedId(value: unknown): string | undefined {
  const id = idText(value);
  return id === undefined ? undefined : wellFormed(id);
}

function text(value: unknown, maxLength: number): string | undefined {
  return typeof value === 'string' && value !== '' ? cutText(value, maxLength) : undefined;
}
