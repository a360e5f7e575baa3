import type { Tracer } from '@opentelemetry/api';
import { BasicTracerProvider, type SpanProcessor, type TracerConfig } from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';
import { TrubricsSpanProcessor, type TrubricsOptions } from '../../src/index.js';
import { type MemoryDestination, memoryDestination } from './memory-destination.js';

/** A real tracer provider with our processor behind it. */
export interface ProviderUnderTest {
  readonly provider: BasicTracerProvider;
  readonly processor: TrubricsSpanProcessor;
  readonly tracer: Tracer;
  /** Has the records and events that were sent, unless the options name another destination or host. */
  readonly destination: MemoryDestination;
}

/**
 * A tracer provider of the real SDK with one `TrubricsSpanProcessor`, shut down when the test has finished. `config` is that of the
 * provider; span processors in it come before ours.
 */
export function useProvider(
  options: TrubricsOptions = {},
  { spanProcessors = [], ...config }: TracerConfig = {},
): ProviderUnderTest {
  const destination = memoryDestination();
  const isElsewhere = 'host' in options || 'destination' in options;
  const processor = new TrubricsSpanProcessor({
    ...(!isElsewhere && { destination }),
    flushAt: 1,
    ...options,
  });
  // The compiler proves here that the structural class is a real SpanProcessor.
  const ours: SpanProcessor = processor;
  const provider = new BasicTracerProvider({ ...config, spanProcessors: [...spanProcessors, ours] });
  onTestFinished(() => provider.shutdown());
  return { provider, processor, destination, tracer: provider.getTracer('test') };
}
