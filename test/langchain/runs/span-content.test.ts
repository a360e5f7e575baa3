import { HumanMessage } from '@langchain/core/messages';
import type { Span } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { getContent } from '../../../src/common/content-channel.js';
import { TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useChatSpan, useHandler } from '../../support/use-handler.js';

useContextManager();

describe('content option', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('content "none" records no text on the span or in the content channel', () => {
    const span = useChatSpan([new HumanMessage('a question')], { content: 'none' });

    expect(JSON.stringify([span.attributes, span.events])).not.toMatch(/a question|the answer/);
    expect(getContent(span)).toBeUndefined();
  });

  test.each(['false', 'NO_CONTENT', 'no_content'])(
    'the environment variable with the value %s has the effect of content "none"',
    (value) => {
      vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', value);

      expect(useChatSpan([new HumanMessage('q')]).attributes).not.toHaveProperty('gen_ai.input.messages');
      expect(useChatSpan([new HumanMessage('q')], { content: 'span' }).attributes).toHaveProperty(
        'gen_ai.input.messages',
      );
    },
  );

  test('content "trubrics" records text in the content channel, not on the span', () => {
    const ended: unknown[] = [];
    const tracerProvider = new BasicTracerProvider({
      spanProcessors: [
        {
          onStart: () => {},
          onEnd: (span) => void ended.push(span),
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        },
      ],
    });

    chatOn(tracerProvider, 'trubrics');

    const [span] = ended as (Span & { attributes: object; events: object })[];
    if (!span) throw new Error('no span');
    expect(JSON.stringify([span.attributes, span.events])).not.toMatch(/a question|the answer/);
    const content = JSON.stringify(getContent(span));
    expect(content).toContain('a question');
    expect(content).toContain('the answer');
  });

  test('an error message that quotes the answer is recorded only with content "span"', () => {
    const error = Object.assign(new Error('Failed to parse "the answer"'), { llmOutput: 'the answer' });
    const attempts = (['span', 'none'] as const).map((content) => {
      const { otel, handler } = useHandler({ content });
      handler.handleChainStart({}, {}, 'run');
      handler.handleChainError(error, 'run');
      return JSON.stringify([otel.spans[0]?.status, otel.spans[0]?.events]);
    });

    expect(attempts[0]).toContain('the answer');
    expect(attempts[1]).not.toContain('the answer');
  });
});

function chatOn(tracerProvider: BasicTracerProvider, content: 'trubrics'): void {
  const handler = new TrubricsCallbackHandler({ tracerProvider, content });
  handler.handleChatModelStart({}, [[new HumanMessage('a question')]], 'run');
  handler.handleLLMEnd({ generations: [[{ text: 'the answer' }]] }, 'run');
}
