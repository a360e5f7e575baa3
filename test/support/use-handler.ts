import { onTestFinished } from 'vitest';
import { TrubricsCallbackHandler, type TrubricsCallbackHandlerOptions } from '../../src/langchain/index.js';
import { tracing } from './tracing.js';

/** A callback handler on a tracer provider of its own, shut down when the test has finished. */
export function useHandler(options: TrubricsCallbackHandlerOptions = {}) {
  const otel = tracing();
  const handler = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, ...options });
  onTestFinished(() => handler.shutdown());
  return { otel, handler };
}
