import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { answerTo } from '../../support/openai-server.js';
import { parentId, statusOf } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useHandler } from '../../support/use-handler.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';
import { openAiModel } from '../../support/openai-model.js';

useContextManager();

describe('errors', () => {
  test.each([
    [404, 'MODEL_NOT_FOUND'],
    [429, 'MODEL_RATE_LIMIT'],
    [500, 'InternalServerError'],
  ])('a response with status %i is recorded as an error of the right type', async (status, type) => {
    const { otel, handler } = useHandler();
    const model = openAiModel(await useOpenAiServer({ status }));

    await expect(model.invoke('hi', { callbacks: [handler] })).rejects.toThrow();

    const span = otel.span('chat');
    expect(span.attributes['error.type']).toBe(type);
    expect(statusOf(span)).toBe(SpanStatusCode.ERROR);
    expect(span.status.message).toContain(String(status));
    expect(span.status.message).not.toContain('\n');
    expect(span.events.map(({ name }) => name)).toEqual(['exception']);
    expect(span.events[0]?.attributes?.['exception.type']).toBe(type);
    expect(span.attributes).not.toHaveProperty('gen_ai.output.messages');
  });

  test('a plain error after an abort has the type AbortError', () => {
    const { otel, handler } = useHandler();
    const controller = new AbortController();
    const options = { signal: controller.signal };

    for (const id of ['nameless', 'named'])
      handler.handleChatModelStart({}, [[]], id, undefined, { options });
    controller.abort();
    // The AWS SDK throws a plain Error.
    handler.handleLLMError(new Error('aborted'), 'nameless');
    handler.handleLLMError(new RangeError('aborted'), 'named');

    expect(otel.spans.map(({ attributes }) => attributes['error.type'])).toEqual([
      'AbortError',
      'RangeError',
    ]);
  });

  test('an interrupt of LangGraph is recorded as an event, not as an error', () => {
    const { otel, handler } = useHandler();
    class GraphInterrupt extends Error {
      readonly interrupts = [{ id: 'i-1', value: 'Sure?' }];
      get is_bubble_up() {
        return true;
      }
    }

    handler.handleChainStart({}, {}, 'node');
    handler.handleChainError(new GraphInterrupt('interrupt'), 'node');

    const [span] = otel.spans;
    expect(span?.status.code).toBe(SpanStatusCode.UNSET);
    expect(span?.attributes).not.toHaveProperty('error.type');
    expect(span?.events[0]).toMatchObject({
      name: 'langgraph.control_flow',
      attributes: {
        'trubrics.control_flow': 'GraphInterrupt',
        'trubrics.interrupts': '[{"id":"i-1","value":"Sure?"}]',
      },
    });
  });

  test('a retry gives an error and an answer below one chain', async () => {
    const { otel, handler } = useHandler();
    const model = openAiModel(await useOpenAiServer({ status: 500, failures: 1 }));

    await model.withRetry({ stopAfterAttempt: 2 }).invoke('hi', { callbacks: [handler], tags: ['mine'] });

    const [failed, answered, chain] = otel.spans;
    expect(failed?.status.code).toBe(SpanStatusCode.ERROR);
    expect(answered?.status.code).toBe(SpanStatusCode.UNSET);
    expect(answered?.attributes['trubrics.tags']).toEqual(['langchain', 'mine']);
    expect([failed, answered].map((span) => span && parentId(span))).toEqual(
      Array(2).fill(chain?.spanContext().spanId),
    );
  });

  test('a fallback gives an error and an answer below one chain', async () => {
    const { otel, handler } = useHandler();
    const broken = openAiModel(await useOpenAiServer({ status: 404 }));
    const model = broken.withFallbacks([openAiModel(await useOpenAiServer())]);

    const answer = await model.invoke('hi', { callbacks: [handler] });

    expect(answer.text).toBe(answerTo('hi'));
    expect(otel.spans.map(({ status }) => status.code)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
    ]);
  });
});
