import { EVENT_EVALUATION_RESULT } from '../../common/semconv.js';
import { asText } from '../../common/unknown-values.js';
import type { SpanEventLike } from '../../reading/model/span-like.js';
import type { FeedbackInput } from './to-feedback-event.js';

/** Hints for finding the record that feedback is about when its id is not given. */
export interface FeedbackHints {
  /** Id that the provider gave to the response. */
  readonly responseId?: string | undefined;
  /** Id of the record that the span will probably be part of. */
  readonly likelyRecordId?: string | undefined;
}

/** Converts an evaluation event to feedback without a target. `undefined`: it is no evaluation event, or has no result. */
export function evaluationFeedback({ name, attributes = {} }: SpanEventLike): FeedbackInput | undefined {
  if (name !== EVENT_EVALUATION_RESULT) return undefined;
  const read = (key: string): unknown => attributes[`gen_ai.evaluation.${key}`];
  const score = read('score.value');
  const label = asText(read('score.label'));
  const comment = asText(read('explanation'));
  const evaluation = asText(read('name'));
  const isScored = typeof score === 'number' && Number.isFinite(score);
  if (!isScored && label === undefined && comment === undefined) return undefined;
  return {
    ...(isScored && { score }),
    ...(label !== undefined && { label }),
    ...(comment !== undefined && { comment }),
    ...(evaluation !== undefined && { component: evaluation }),
    properties: { feedback_type: 'evaluation' },
  };
}

/** Returns the provider's id of the response that an event is about. */
export function evaluatedResponse({ attributes }: SpanEventLike): string | undefined {
  return asText(attributes?.['gen_ai.response.id']);
}
