import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Creates a span processor that keeps the spans that ended, in `spans`. */
export function collectSpans(): {
  readonly spans: readonly ReadableSpan[];
  readonly processor: SpanProcessor;
} {
  const spans: ReadableSpan[] = [];
  return {
    spans,
    processor: {
      onStart() {},
      onEnd: (span) => void spans.push(span),
      async forceFlush() {},
      async shutdown() {},
    },
  };
}
