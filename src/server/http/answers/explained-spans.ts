import type { SpanExplanation } from '../../../reading/advice/span-explanation.js';

/** Answer of `GET /api/explain`. */
export interface ExplainResponse {
  readonly spans: readonly SpanExplanation[];
  /** Number of spans of each reason, whatever was asked for. */
  readonly reasons: Readonly<Record<string, number>>;
}
