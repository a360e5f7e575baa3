import { firstUserAndThread, type UserAndThread } from '../../common/context-identity.js';
import { recordId } from '../../common/record-id.js';
import { nearestCallAbove } from '../../reading/calls/deduplicate-calls.js';
import { isTurnScope } from '../../reading/calls/turn-scope.js';
import { roleOf } from '../../reading/dialects/read-llm-call.js';
import { readIdentity } from '../../reading/fields/identity.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import {
  evaluatedResponse,
  evaluationFeedback,
  type FeedbackHints,
} from '../../records/feedback/evaluation-feedback.js';
import { isOptedOut, lateOptOut, type OptOutCheck } from '../../records/privacy/opt-out.js';
import type { FeedbackInput } from '../../records/feedback/to-feedback-event.js';
import type { OpenSpan } from './open-span.js';

/** Result of an evaluation as feedback, with hints for the record that it is about. */
export interface Evaluation {
  readonly feedback: FeedbackInput;
  readonly hints: FeedbackHints;
  /** True once the span is opted out. */
  readonly optOut: OptOutCheck | undefined;
}

/** Returns the evaluations among the events of a span. `areTurns`: records are turns, not calls. */
export function evaluationsOn(open: OpenSpan, areTurns: boolean): Evaluation[] {
  const evaluations: Evaluation[] = [];
  const places = open.surroundings();
  if (isOptedOut(places)) return [];
  for (const event of open.span.events ?? []) {
    const feedback = evaluationFeedback(event);
    if (!feedback) continue;
    const spans = [open.span, ...places.ancestors];
    evaluations.push({
      feedback: { ...feedback, ...resolveAsker(spans, open), spanContext: open.span.spanContext() },
      optOut: lateOptOut([places]),
      hints: { responseId: evaluatedResponse(event), likelyRecordId: likelyRecordId(spans, areTurns) },
    });
  }
  return evaluations;
}

/** Returns the id of the record that a span will be part of. `spans` is the span and those above it. */
function likelyRecordId(spans: readonly SpanLike[], areTurns: boolean): string | undefined {
  const scope = areTurns ? (spans.findLast((span) => isTurnScope(span)) ?? spans.at(-1)) : undefined;
  const recorded = scope ?? outermostCall(spans);
  return recorded && recordId(recorded.spanContext());
}

/** Returns the outermost LLM span that describes the call of the nearest LLM span. */
function outermostCall(spans: readonly SpanLike[]): SpanLike | undefined {
  let call = spans.find((span) => roleOf(span) === 'llm');
  while (call) {
    const above = nearestCallAbove(spans.slice(spans.indexOf(call) + 1));
    if (!above) break;
    call = above;
  }
  return call;
}

/** Returns the user and thread that the evaluated span belongs to. */
function resolveAsker(spans: readonly SpanLike[], { contextIdentity }: OpenSpan): UserAndThread {
  return firstUserAndThread([...spans.map((span) => readIdentity(span.attributes)), contextIdentity]);
}
