import type { SpanLog } from '../pipeline/span-log.js';
import type { TrubricsStats } from '../pipeline/trubrics-stats.js';
import { explainSpan, type SpanExplanation } from '../reading/advice/span-explanation.js';
import { recogniseSpan } from '../reading/dialects/read-llm-call.js';
import { scopeNameOf, type SpanLike } from '../reading/model/span-like.js';

/** Explains the spans of a log, and those that have not ended. Says of recorded ones if a destination does not take them. */
export function explainSpans(
  log: SpanLog,
  { destinations }: TrubricsStats,
  open: readonly SpanLike[] = [],
): SpanExplanation[] {
  const stuck = destinations.filter(({ state }) => state !== 'sending');
  const states = stuck.map(
    ({ destination, state, lastError }) => `"${destination}" is ${state} (${lastError ?? 'no error'})`,
  );
  return [...open.map((span) => explainOpen(span)), ...log.list().map((span) => explainSpan(span))].map(
    (span) => {
      if (states.length === 0 || (span.outcome !== 'recorded' && span.outcome !== 'event')) return span;
      return {
        ...span,
        advice: `It may wait for its delivery: destination ${states.join(', ')}. See stats().destinations.`,
      };
    },
  );
}

function explainOpen(span: SpanLike): SpanExplanation {
  const { traceId, spanId } = span.spanContext();
  const dialect = recogniseSpan(span)?.dialect.name;
  return explainSpan({ traceId, spanId, name: span.name, scope: scopeNameOf(span), dialect, reason: 'open' });
}
