import { trace } from '@opentelemetry/api';
import { guard } from '../common/guard.js';
import { actualProvider } from '../common/spans/run-spans.js';
import { warnUserOnce } from '../common/logger.js';
import { asArray, asNumber, asRecord } from '../common/unknown-values.js';
import type { TrubricsStats } from '../pipeline/trubrics-stats.js';

/** The rest is for timers that fire late on a busy machine. */
const SHARE = 0.8;

/**
 * Returns how long a flush of a span processor or exporter may take, in milliseconds, if the global tracer provider flushes it. After its
 * `forceFlushTimeoutMillis` a provider rejects its own `forceFlush()`: Sentry 8 to 10 set 500 ms, and `Sentry.flush()` rejects.
 * `undefined` if the component belongs to no provider that is known.
 *
 * The fields are private: `_config` up to version 2.11 of the SDK, `_forceFlushTimeoutMillis` since then.
 */
export function providerFlushLimit(component: object): number | undefined {
  return guard('forceFlush', () => {
    const provider = asRecord(actualProvider(trace.getTracerProvider()));
    const timeoutMs =
      asNumber(provider['_forceFlushTimeoutMillis']) ??
      asNumber(asRecord(provider['_config'])['forceFlushTimeoutMillis']);
    if (timeoutMs === undefined) return undefined;
    const processors = asArray(asRecord(provider['_activeSpanProcessor'])['_spanProcessors']);
    const isFlushed = processors.some(
      (processor) => processor === component || asRecord(processor)['_exporter'] === component,
    );
    return isFlushed ? timeoutMs * SHARE : undefined;
  });
}

/** Says that a flush ended at the limit of the provider, if it left anything: `Sentry.flush()` resolves to true all the same. */
export function warnOfUndelivered({ destinations }: TrubricsStats, limitMs: number): void {
  if (destinations.every(({ queued, inFlight }) => queued + inFlight === 0)) return;
  warnUserOnce(
    `A flush of the tracer provider ended after ${Math.round(limitMs)} ms, its limit, before all records were delivered. They follow if ` +
      'the process lives on. processor.flush() waits for them, and flushOnExit delivers them before the process ends.',
  );
}

/** Returns a function that returns the time left for each step of a flush: `timeoutMs`, but for all together at most `limitMs`. */
export function timeLeft(timeoutMs: number, limitMs = Infinity): () => number {
  const startedMs = performance.now();
  return () => Math.min(timeoutMs, Math.max(limitMs - (performance.now() - startedMs), 0));
}
