import { ancestorsOf, type OpenSpan } from './open-spans.js';
import { readIdentity } from '../../reading/fields/identity.js';
import { nearestCallAbove } from '../../reading/calls/deduplicate-calls.js';
import { roleOf } from '../../reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import { isTurnScope } from '../../reading/calls/turn-scope.js';
import {
  evaluatedResponse,
  evaluationFeedback,
  type FeedbackHints,
} from '../../records/feedback/evaluation-feedback.js';
import type { FeedbackInput } from '../../records/feedback/to-feedback-event.js';
import { idOf } from '../../records/turns/turn-groups.js';
import { firstUserAndThread, type UserAndThread } from '../../common/context-identity.js';

/** What an evaluation says, and what it is probably about. */
export interface Evaluation {
  readonly feedback: FeedbackInput;
  readonly hints: FeedbackHints;
}

/** The evaluations that stand on a span as events. */
export function evaluationsOn(open: OpenSpan, areTurns: boolean): Evaluation[] {
  const evaluations: Evaluation[] = [];
  for (const event of open.span.events ?? []) {
    const feedback = evaluationFeedback(event);
    if (!feedback) continue;
    const spans = [open.span, ...ancestorsOf(open).map(({ span }) => span)];
    evaluations.push({
      feedback: { ...feedback, ...whoAsked(spans, open), spanContext: open.span.spanContext() },
      hints: { responseId: evaluatedResponse(event), likelyRecordId: recordOf(spans, areTurns) },
    });
  }
  return evaluations;
}

/** The id of the record that a span, given with those above it, will be part of. */
function recordOf(spans: readonly SpanLike[], areTurns: boolean): string | undefined {
  const scope = areTurns ? (spans.findLast((span) => isTurnScope(span)) ?? spans.at(-1)) : undefined;
  const call = scope ?? outermostCall(spans);
  return call && idOf(call);
}

function outermostCall(spans: readonly SpanLike[]): SpanLike | undefined {
  let at = spans.findIndex((span) => roleOf(span) === 'llm');
  let call = spans[at];
  for (let above = call; above; above = nearestCallAbove(spans.slice(at + 1))) {
    call = above;
    at = spans.indexOf(above);
  }
  return call;
}

function whoAsked(spans: readonly SpanLike[], { contextIdentity }: OpenSpan): UserAndThread {
  return firstUserAndThread([...spans.map((span) => readIdentity(span.attributes)), contextIdentity]);
}
