import { RecentMap } from '../common/collections/recent-map.js';
import { sharedState } from '../common/collections/shared-state.js';
import { recordId } from '../common/record-id.js';
import { ATTR_GEN_AI_RESPONSE_ID, ATTR_TRUBRICS_RUN_ID } from '../common/semconv.js';
import type { SpanLike } from '../reading/model/span-like.js';

/** Above it, the id that was added first is forgotten. */
const MAX_IDS = 20_000;

/**
 * Ids of spans, LangChain runs and responses that were opted out. Feedback on them is not sent.
 *
 * Lives on a global symbol: feedback can come through a client or another copy of this package.
 */
const OPTED_OUT = Symbol.for('opentelemetry-exporter-trubrics.opted-out.2');

/** Target of feedback, as far as it can be the id of something that was opted out. */
export interface FeedbackTarget {
  readonly recordId?: string | undefined;
  readonly spanContext?: { readonly traceId: string; readonly spanId: string } | undefined;
  readonly runId?: string | undefined;
  readonly responseId?: string | undefined;
}

/** Remembers a span that was opted out, by the ids under which feedback can name it. */
export function rememberOptedOut(span: SpanLike): void {
  const { attributes } = span;
  remember(recordId(span.spanContext()));
  rememberRun(attributes[ATTR_TRUBRICS_RUN_ID]);
  const responseId = attributes[ATTR_GEN_AI_RESPONSE_ID];
  if (typeof responseId === 'string') remember(`response:${responseId}`);
}

/** Remembers the LangChain run of a span above a call that was opted out. If another call below it is recorded, that counts. */
export function rememberRun(runId: unknown): void {
  if (typeof runId === 'string') remember(`run:${runId}`);
}

/** Remembers a record that was withdrawn. */
export function rememberWithdrawn(id: string): void {
  remember(id);
}

/** Returns whether feedback is about a span or a record that was opted out. A run counts only if it has no record. */
export function isOptedOutTarget(target: FeedbackTarget): boolean {
  const ids = optedOutIds();
  if (ids.size === 0) return false;
  const { recordId: record, spanContext, runId, responseId } = target;
  if (spanContext && ids.has(recordId(spanContext))) return true;
  if (record !== undefined) return ids.has(record);
  return (runId !== undefined && ids.has(`run:${runId}`)) || ids.has(`response:${responseId}`);
}

/** Returns whether anything was opted out in this process. */
export function isAnyOptedOut(): boolean {
  return optedOutIds().size > 0;
}

function remember(id: string): void {
  optedOutIds().set(id, true);
}

function optedOutIds(): RecentMap<string, true> {
  return sharedState(OPTED_OUT, () => new RecentMap(MAX_IDS));
}
