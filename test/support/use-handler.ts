import { AIMessage } from '@langchain/core/messages';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';
import { TrubricsCallbackHandler, type TrubricsCallbackHandlerOptions } from '../../src/langchain/index.js';
import { trubricsHandler } from '../../src/standalone/index.js';
import { memoryDestination } from './memory-destination.js';
import { tracing } from './tracing.js';

/** The entries of the package that have a handler. */
export const HANDLER_ENTRIES = ['./langchain', './standalone'] as const;

/** A callback handler on a tracer provider of its own, shut down when the test has finished. */
export function useHandler(
  options: TrubricsCallbackHandlerOptions = {},
  entry: (typeof HANDLER_ENTRIES)[number] = './langchain',
) {
  const otel = tracing();
  const withProvider = { tracerProvider: otel.tracerProvider, ...options };
  const handler =
    entry === './langchain'
      ? new TrubricsCallbackHandler(withProvider)
      : trubricsHandler({ ...withProvider, destination: memoryDestination() });
  onTestFinished(() => handler.shutdown());
  return { otel, handler };
}

/** The finished span of a chat with these messages; the answer is "the answer". */
export function useChatSpan(
  messages: readonly unknown[],
  options?: TrubricsCallbackHandlerOptions,
): ReadableSpan {
  const { otel, handler } = useHandler(options);
  handler.handleChatModelStart({}, [messages], 'run');
  handler.handleLLMEnd(
    { generations: [[{ text: 'the answer', message: new AIMessage('the answer') }]] },
    'run',
  );
  return otel.span('chat');
}
