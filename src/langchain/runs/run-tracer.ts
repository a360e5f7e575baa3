import type { TracerProvider } from '@opentelemetry/api';
import { type RunTracer, sharedRunSpans } from '../../common/spans/run-spans.js';
import { hasMethod } from '../../common/unknown-values.js';
import { INSTRUMENTATION_SCOPE } from '../../common/spans/processed-spans.js';

/** Returns the tracer of a provider. A provider that makes spans for runs itself has one: that of `./standalone`. */
export function runTracerOf(provider: TracerProvider): RunTracer {
  const tracer = provider.getTracer(INSTRUMENTATION_SCOPE);
  if (isRunTracer(tracer)) return tracer;
  return {
    startRunSpan(run, name, options, parent) {
      const shared = sharedRunSpans();
      if (shared) return shared.start(provider, run, () => tracer.startSpan(name, options, parent));
      return { span: tracer.startSpan(name, options, parent), isRepeated: false };
    },
  };
}

function isRunTracer(tracer: object): tracer is RunTracer {
  return hasMethod(tracer, 'startRunSpan');
}
