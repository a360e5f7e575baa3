import { AIMessage } from '@langchain/core/messages';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
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
