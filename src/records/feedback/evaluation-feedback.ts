import type { SpanEventLike } from '../../reading/model/span-like.js';
import type { FeedbackInput } from './to-feedback-event.js';

/** By what the record of an answer can be found when its id is not given. */
export interface FeedbackHints {
  /** The provider's id of the answer. */
  readonly responseId?: string | undefined;
  /** The record that will be made of the span. */
  readonly likelyRecordId?: string | undefined;
}

/** The convention's event for what an evaluator, or a person, thinks of an answer. */
export const EVALUATION_EVENT = 'gen_ai.evaluation.result';

/** An evaluation as feedback; what it is about is for the caller to say. `undefined`: the event is none, or has no result. */
export function evaluationFeedback({ name, attributes = {} }: SpanEventLike): FeedbackInput | undefined {
  if (name !== EVALUATION_EVENT) return undefined;
  const read = (key: string): unknown => attributes[`gen_ai.evaluation.${key}`];
  const score = read('score.value');
  const label = textOf(read('score.label'));
  const comment = textOf(read('explanation'));
  const evaluation = textOf(read('name'));
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

/** The answer that the event is about, by the provider's id. */
export function evaluatedResponse({ attributes }: SpanEventLike): string | undefined {
  return textOf(attributes?.['gen_ai.response.id']);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
