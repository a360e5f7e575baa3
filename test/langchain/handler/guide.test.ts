import { SpanKind } from '@opentelemetry/api';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { ChatOpenAI, OpenAI } from '@langchain/openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answeringModel,
  answerTo,
  type OpenAiServer,
  startOpenAiServer,
} from '../../support/openai-server.js';
import { json } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useHandler } from '../../support/use-handler.js';

useContextManager();

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());

function connection() {
  return { apiKey: 'test', maxRetries: 0, configuration: { baseURL: server.url } };
}

const MESSAGES = [
  new SystemMessage('You are a helpful assistant that translates English to French.'),
  new HumanMessage('I love programming.'),
];

describe('examples of the LangChain guide', () => {
  test('two prompts of a completion model are two spans, each with its own prompt and answer', async () => {
    const { otel, handler } = useHandler();
    const llm = new OpenAI({ ...connection(), model: 'gpt-3.5-turbo-instruct', callbacks: [handler] });

    await llm.generate(['Tell me a joke', 'Write me a poem']);

    expect(otel.spans).toHaveLength(2);
    for (const [index, prompt] of ['Tell me a joke', 'Write me a poem'].entries()) {
      const span = otel.spans[index];
      if (!span) throw new Error('no span');
      expect(span.name).toBe('text_completion gpt-3.5-turbo-instruct');
      expect(json(span, 'gen_ai.input.messages')).toEqual([
        { role: 'user', parts: [{ type: 'text', content: prompt }] },
      ]);
      expect(json(span, 'gen_ai.output.messages')).toEqual([
        { role: 'assistant', parts: [{ type: 'text', content: answerTo(prompt) }], finish_reason: 'stop' },
      ]);
      expect(span.attributes['trubrics.tags']).toEqual(['langchain']);
      expect(span.attributes['gen_ai.provider.name']).toBe('openai');
      expect(span.parentSpanContext).toBeUndefined();
    }
  });

  test('a chat model gives one span with user, tags, metadata and all messages', async () => {
    const { otel, handler } = useHandler({
      userId: 'user-id-1234',
      metadata: { hello: [1, 2] },
    });
    const model = new ChatOpenAI({
      ...connection(),
      model: 'gpt-4o-mini',
      tags: ['chat model'],
      callbacks: [handler],
    });

    await model.invoke(MESSAGES);
    await model.invoke(MESSAGES);

    expect(otel.spans).toHaveLength(2);
    for (const span of otel.spans) {
      expect(span.name).toBe('chat gpt-4o-mini');
      expect(span.kind).toBe(SpanKind.CLIENT);
      expect(span.attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.response.model': answeringModel('gpt-4o-mini'),
        'gen_ai.response.id': expect.stringMatching(/^chatcmpl-\d+$/) as string,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.usage.cache_read.input_tokens': 4,
        'gen_ai.usage.reasoning.output_tokens': 2,
        'server.address': '127.0.0.1',
        'server.port': Number(new URL(server.url).port),
        'user.id': 'user-id-1234',
        'trubrics.tags': ['langchain', 'chat model'],
      });
      expect(span.attributes).not.toHaveProperty('gen_ai.request.stream');
      expect(json(span, 'trubrics.metadata')).toEqual({ hello: [1, 2] });
      expect(json(span, 'gen_ai.system_instructions')).toEqual([
        { type: 'text', content: 'You are a helpful assistant that translates English to French.' },
      ]);
      expect(json(span, 'gen_ai.input.messages')).toEqual([
        { role: 'user', parts: [{ type: 'text', content: 'I love programming.' }] },
      ]);
      expect(json(span, 'gen_ai.output.messages')).toEqual([
        {
          role: 'assistant',
          parts: [{ type: 'text', content: answerTo('I love programming.') }],
          finish_reason: 'stop',
        },
      ]);
    }
  });

  test('user, tags and metadata of a call have priority over those of the handler', async () => {
    const { otel, handler } = useHandler({
      userId: 'somebody else',
      threadId: 'thread of the handler',
      tags: ['from handler'],
      metadata: { hello: 'overridden', kept: true },
    });
    const model = new ChatOpenAI({ ...connection(), model: 'gpt-4o-mini' });

    await model.invoke(MESSAGES, {
      callbacks: [handler],
      tags: ['chat model', 'from handler'],
      metadata: { user_id: 'user-id-1234', hello: [1, 2] },
    });

    const span = otel.span('chat');
    expect(span.attributes['user.id']).toBe('user-id-1234');
    expect(span.attributes['session.id']).toBe('thread of the handler');
    expect(span.attributes['gen_ai.conversation.id']).toBe('thread of the handler');
    expect(span.attributes['trubrics.tags']).toEqual(['langchain', 'from handler', 'chat model']);
    expect(json(span, 'trubrics.metadata')).toEqual({ hello: [1, 2], kept: true });
  });
});
