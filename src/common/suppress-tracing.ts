import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

// The key of suppressTracing() in @opentelemetry/core. It is a Symbol.for(), the same in SDK 1.x, 2.x and 3.x.
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const SUPPRESSED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/**
 * Runs `fn`, and the asynchronous work that it starts, in a context in which no span is recorded. Otherwise the requests of a
 * delivery would become spans. The context is the root context, so that a queue does not retain the request that filled it.
 */
export function withTracingSuppressed<T>(fn: () => T): T {
  return context.with(SUPPRESSED, fn);
}

/** Returns whether no span may be recorded in this context. */
export function isTracingSuppressed(ctx: Context): boolean {
  return ctx.getValue(SUPPRESS_TRACING) === true;
}
