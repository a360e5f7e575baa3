import { cutText } from '../text/cut-text.js';
import { ANONYMOUS } from '../model/identity.js';
import { fill } from '../calls/properties.js';
import type { PropertyValue, TrackedEvent } from '../model/prompt-record.js';
import { recordId } from '../../common/record-id.js';
import { toIso } from '../text/timestamp.js';

/** Name of the event that feedback becomes. */
export const FEEDBACK_EVENT = 'Feedback';

/** What people click in Trubrics: thumbs, faces from sad to happy. */
export type FeedbackSymbol = '👍' | '👎' | '😞' | '🙁' | '😐' | '🙂' | '😀';

/**
 * What somebody thinks of an answer. It needs something to stand on (`recordId`, `spanContext` or `threadId`) and something to say
 * (`score`, `label` or `comment`).
 */
export interface FeedbackInput {
  /** `id` of the record: `traceId-spanId`. */
  readonly recordId?: string | undefined;
  /** The span of the LLM call, or one above or below it, for instance `trace.getActiveSpan()?.spanContext()`. */
  readonly spanContext?: { readonly traceId: string; readonly spanId: string } | undefined;
  /** The conversation, when the feedback is about all of it. */
  readonly threadId?: string | undefined;
  /** Who gives the feedback. Default: `"anonymous"`. */
  readonly userId?: string | undefined;
  /** A number, higher is better; `true` and `false` stand for thumbs up and down. Thumbs are 1 and -1, faces -1 to 1. */
  readonly score?: number | boolean | FeedbackSymbol | undefined;
  /** In a word, for instance `"wrong answer"`. Default: the thumb or face. */
  readonly label?: string | undefined;
  readonly comment?: string | undefined;
  /** Where it was given, for instance `"chat"`: the feedback component of Trubrics. */
  readonly component?: string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** Default: now. */
  readonly timestamp?: Date | string | undefined;
}

/** What feedback with a symbol says as a number, and where it comes from. */
const SYMBOLS: ReadonlyMap<unknown, { readonly score: number; readonly type: 'thumbs' | 'faces' }> = new Map([
  ['👍', { score: 1, type: 'thumbs' }],
  ['👎', { score: -1, type: 'thumbs' }],
  ['😞', { score: -1, type: 'faces' }],
  ['🙁', { score: -0.5, type: 'faces' }],
  ['😐', { score: 0, type: 'faces' }],
  ['🙂', { score: 0.5, type: 'faces' }],
  ['😀', { score: 1, type: 'faces' }],
]);

const MAX_ID_LENGTH = 1_000;
const MAX_LABEL_LENGTH = 1_000;

/**
 * The feedback as an event named `Feedback`, with the properties `score`, `label`, `comment`, `component`, `record_id` and
 * `feedback_type` (`thumbs`, `faces`, `textbox` or `score`). `undefined`: it says nothing, or stands on nothing. Pure: `now` and `id`
 * are the caller's.
 */
export function toFeedbackEvent(
  input: FeedbackInput,
  id: string,
  now: Date,
  maxTextLength = 100_000,
): TrackedEvent | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const threadId = idText(input.threadId);
  const target = targetOf(input);
  const said = saidBy(input, maxTextLength);
  const isAbout = target.record_id !== undefined || threadId !== undefined;
  if (!isAbout || Object.values(said).every((value) => value === undefined)) return undefined;
  return {
    id,
    event: FEEDBACK_EVENT,
    userId: idText(input.userId) ?? ANONYMOUS,
    ...(threadId !== undefined && { threadId }),
    timestamp: toIso(input.timestamp) ?? now.toISOString(),
    properties: fill({
      ...own(input.properties),
      ...said,
      feedback_type: own(input.properties).feedback_type ?? typeOf(input),
      component: text(input.component, MAX_LABEL_LENGTH),
      ...target,
    }),
  };
}

/** The number that a score stands for. */
export function scoreOf(score: unknown): number | undefined {
  if (typeof score === 'number') return Number.isFinite(score) ? score : undefined;
  return symbolOf(score)?.score;
}

function saidBy(
  { score, label, comment }: FeedbackInput,
  maxTextLength: number,
): Record<'score' | 'label' | 'comment', PropertyValue | undefined> {
  const symbol = typeof score === 'boolean' ? (score ? '👍' : '👎') : score;
  return {
    score: scoreOf(symbol),
    label: text(label, MAX_LABEL_LENGTH) ?? (SYMBOLS.has(symbol) ? String(symbol) : undefined),
    comment: text(comment, maxTextLength),
  };
}

function typeOf({ score, comment }: FeedbackInput): string | undefined {
  const symbol = symbolOf(score);
  if (symbol) return symbol.type;
  if (typeof score === 'number') return 'score';
  return text(comment, 1) === undefined ? undefined : 'textbox';
}

function symbolOf(score: unknown): { readonly score: number; readonly type: string } | undefined {
  return SYMBOLS.get(typeof score === 'boolean' ? (score ? '👍' : '👎') : score);
}

function targetOf({ recordId: given, spanContext }: FeedbackInput): Record<string, string | undefined> {
  const traceId = idText(spanContext?.traceId);
  const spanId = idText(spanContext?.spanId);
  const own = traceId !== undefined && spanId !== undefined ? recordId({ traceId, spanId }) : undefined;
  return { record_id: idText(given) ?? own, trace_id: traceId };
}

function own(properties: unknown): Readonly<Record<string, unknown>> {
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>) : {};
}

function idText(value: unknown): string | undefined {
  return text(value, MAX_ID_LENGTH);
}

function text(value: unknown, maxLength: number): string | undefined {
  return typeof value === 'string' && value !== '' ? cutText(value, maxLength) : undefined;
}
