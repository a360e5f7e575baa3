import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

// The key of @opentelemetry/core's suppressTracing(): a Symbol.for(), the same in SDK 1.x, 2.x and 3.x.
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const UNTRACED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/**
 * Runs `fn`, and what it starts, where no span is recorded: deliveries must not become spans, least of all spans that are
 * delivered. It starts from the root context, so that a queue does not hold on to the request that happened to fill it.
 */
export function withTracingSuppressed<T>(fn: () => T): T {
  return context.with(UNTRACED, fn);
}
