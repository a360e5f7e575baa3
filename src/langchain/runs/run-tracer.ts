import { trace, type TracerProvider } from '@opentelemetry/api';
import { wasProcessed } from '../../common/spans/processed-spans.js';
import {
  areRunSpansShared,
  findRunSpan,
  type RunTracer,
  shareRunSpan,
} from '../../common/spans/run-spans.js';
import { asRecord, hasMethod } from '../../common/unknown-values.js';
import { INSTRUMENTATION_SCOPE } from './run.js';

/** Returns the tracer of a provider. A provider that makes spans for runs itself has one: that of `./standalone`. */
export function runTracerOf(provider: TracerProvider): RunTracer {
  const tracer = provider.getTracer(INSTRUMENTATION_SCOPE);
  if (isRunTracer(tracer)) return tracer;
  return {
    startRunSpan(run, name, options, parent) {
      const known = findRunSpan(provider, run);
      if (known) return { span: trace.wrapSpanContext(known.spanContext), isRepeated: true };
      const span = tracer.startSpan(name, options, parent);
      if (!areRunSpansShared()) return { span, isRepeated: false };
      const { resource } = asRecord(span);
      shareRunSpan(provider, run, {
        spanContext: span.spanContext(),
        resource,
        wasProcessed: wasProcessed(span),
      });
      return { span, isRepeated: false };
    },
  };
}

function isRunTracer(tracer: object): tracer is RunTracer {
  return hasMethod(tracer, 'startRunSpan');
}
