import { InMemoryCache } from '@langchain/core/caches';
import { tool } from '@langchain/core/tools';
import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { answerTo } from '../../support/openai-server.js';
import { json, firstText } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useHandler } from '../../support/use-handler.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';
import { openAiModel } from '../../support/openai-model.js';

useContextManager();

describe('answers of a model', () => {
  test('a tool call and the tool message that answers it are recorded', async () => {
    const { otel, handler } = useHandler();
    const search = tool((input: string) => input, { name: 'search', description: 'd' });
    const model = openAiModel(await useOpenAiServer()).bindTools([search]);

    const call = await model.invoke('use search', { callbacks: [handler] });
    const result = await search.invoke({
      ...(call.tool_calls?.[0] ?? { name: '', args: {} }),
      type: 'tool_call',
    });
    await model.invoke([['human', 'use search'], call, result], { callbacks: [handler] });

    const [first, second] = otel.spans;
    if (!first || !second) throw new Error('no spans');
    expect(json(first, 'gen_ai.output.messages')).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'call_1', name: 'search', arguments: { input: 'use search' } }],
        finish_reason: 'tool_call',
      },
    ]);
    expect(json(second, 'gen_ai.input.messages')).toMatchObject([
      { role: 'user' },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_1' }] },
      {
        role: 'tool',
        name: 'search',
        parts: [{ type: 'tool_call_response', id: 'call_1', response: 'use search' }],
      },
    ]);
  });

  test('both choices of a call with n = 2 are recorded', async () => {
    const { otel, handler } = useHandler();
    const model = openAiModel(await useOpenAiServer(), { n: 2 });

    await model.generate([[['human', 'hi']] as never], { callbacks: [handler] });

    expect(otel.span('chat').attributes['gen_ai.request.choice.count']).toBe(2);
    expect(json(otel.span('chat'), 'gen_ai.output.messages')).toHaveLength(2);
  });

  test('a cache hit is marked, has no usage, and is not recorded as a stream', async () => {
    const { otel, handler } = useHandler();
    const model = openAiModel(await useOpenAiServer(), { cache: new InMemoryCache() });

    await model.invoke('hi', { callbacks: [handler] });
    await model.invoke('hi', { callbacks: [handler] });

    const [, hit] = otel.spans;
    if (!hit) throw new Error('no span');
    expect(hit.attributes['trubrics.cached']).toBe(true);
    expect(firstText(hit)).toBe(answerTo('hi'));
    expect(hit.attributes).not.toHaveProperty('gen_ai.response.time_to_first_chunk');
    expect(hit.attributes).not.toHaveProperty('gen_ai.request.stream');
    expect(hit.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
  });

  test('a stream that fails keeps the text that had arrived', () => {
    const { otel, handler } = useHandler();

    handler.handleChatModelStart({}, [[]], 'run');
    for (const token of ['one', ' two']) handler.handleLLMNewToken(token, { completion: 0 }, 'run');
    handler.handleLLMError(new Error('gone'), 'run');

    const span = otel.span('chat');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'gone' });
    expect(json(span, 'gen_ai.output.messages')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'one two' }], finish_reason: 'error' },
    ]);
  });

  test('an answer reported by events instead of tokens is recorded as a stream', () => {
    const { otel, handler } = useHandler();

    handler.handleChatModelStart({}, [[]], 'run');
    handler.handleChatModelStreamEvent({ event: 'message-start' }, 'run');
    handler.handleChatModelStreamEvent(
      { event: 'content-block-delta', index: 0, delta: { type: 'text-delta', text: 'a' } },
      'run',
    );
    handler.handleLLMEnd({ generations: [[{ text: 'ab' }]] }, 'run');

    expect(otel.span('chat').attributes['gen_ai.request.stream']).toBe(true);
    expect(otel.span('chat').attributes['gen_ai.response.time_to_first_chunk']).toEqual(expect.any(Number));
  });
});
