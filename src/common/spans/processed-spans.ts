import { sharedState } from '../collections/shared-state.js';

/** Name of the instrumentation scope of all spans and metrics of our LangChain handler. */
export const INSTRUMENTATION_SCOPE = 'opentelemetry-exporter-trubrics';

/**
 * Spans of our LangChain handler that a `TrubricsSpanProcessor` of the application has seen. A handler that stands alone leaves their
 * record to that processor.
 *
 * The set lives on a global symbol, so that the ESM and the CommonJS copy of this package share it. It holds spans weakly.
 */
const PROCESSED_SPANS = Symbol.for('opentelemetry-exporter-trubrics.processed-spans');

export function markProcessed(span: object): void {
  processedSpans().add(span);
}

export function wasProcessed(span: object): boolean {
  return processedSpans().has(span);
}

function processedSpans(): WeakSet<object> {
  return sharedState(PROCESSED_SPANS, () => new WeakSet());
}
