import type { TracerProvider } from '@opentelemetry/api';
import { NO_STATS, type TrubricsStats } from '../pipeline/trubrics-stats.js';
import { roleOf } from '../reading/dialects/read-llm-call.js';
import type { RecordSink } from './record-sink.js';
import { resourceFromEnvironment } from './resource-from-environment.js';
import type { RecordedSpan } from './tracer/recorded-span.js';
import { StandaloneTracerProvider } from './tracer/tracer-provider.js';

/** A sink for a handler that has nowhere to send records to: it counts the LLM calls as skipped, reason `no_destination`. */
export function sinkWithoutDestination(applicationProvider: TracerProvider | undefined): RecordSink {
  let calls = 0;
  const counter = {
    onStart: () => undefined,
    onEnd(span: RecordedSpan): void {
      if (roleOf(span) === 'llm') calls += 1;
    },
  };
  return {
    tracerProvider: new StandaloneTracerProvider({
      listener: counter,
      resource: resourceFromEnvironment(),
      applicationProvider,
    }),
    flush: () => Promise.resolve(),
    release: () => Promise.resolve(),
    stats: (): TrubricsStats => ({ ...NO_STATS, skipped: calls > 0 ? { no_destination: calls } : {} }),
    explain: () => [],
    trackFeedback: () => undefined,
  };
}
