import { SPAN_REASONS, type SpanExplanation } from '../../../reading/advice/span-explanation.js';
import type { ExplainResponse } from '../answers/explained-spans.js';
import { BadQueryError, parseCount } from '../../query/parse-query.js';

/** Spans of an answer, by default and at most. */
const DEFAULT_SPANS = 200;
const MAX_SPANS = 1_000;

/** @throws BadQueryError */
export function explainResponse(params: URLSearchParams, all: readonly SpanExplanation[]): ExplainResponse {
  const wanted = params.getAll('reason');
  const unknown = wanted.find((reason) => !SPAN_REASONS.some((known) => known === reason));
  if (unknown !== undefined) throw new BadQueryError(`reason must be one of ${SPAN_REASONS.join(', ')}`);
  const limit = parseCount(params, 'limit', DEFAULT_SPANS, MAX_SPANS);
  const reasons: Record<string, number> = {};
  for (const { reason, count = 1 } of all) reasons[reason] = (reasons[reason] ?? 0) + count;
  const spans = wanted.length === 0 ? all : all.filter(({ reason }) => wanted.includes(reason));
  return { spans: spans.slice(0, limit), reasons };
}
