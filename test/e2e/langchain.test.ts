import { HumanMessage, SystemMessage, type ToolMessage } from '@langchain/core/messages';
import type { ToolCall } from '@langchain/core/messages/tool';
import { tool, type StructuredToolInterface } from '@langchain/core/tools';
import { ChatOpenAI, OpenAI } from '@langchain/openai';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { TrubricsCallbackHandler, type TrubricsCallbackHandlerOptions } from '../../src/langchain/index.js';
import type { StoredPrompt } from '../../src/server/index.js';
import { answeringModel, answerTo, type OpenAiServerOptions } from '../support/openai-server.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useOpenAiServer } from '../support/use-openai-server.js';
import { useProvider } from '../support/use-provider.js';
import { useServer } from '../support/use-server.js';

useContextManager();

/** Sets up a LangChain application whose spans go to a local Trubrics, through our processor, and to another backend. */
async function useApplication(options: OpenAiServerOptions = {}) {
  const trubrics = await useServer();
  const openai = await useOpenAiServer(options);
  const otherBackend = new InMemorySpanExporter();
  const { provider, processor } = useProvider(
    { host: trubrics.ingestionUrl, flushAt: 20 },
    { spanProcessors: [new SimpleSpanProcessor(otherBackend)] },
  );
  return {
    trubrics,
    processor,
    otherBackend,
    openAiUrl: openai.url,
    makeHandler: (fields: TrubricsCallbackHandlerOptions = {}) =>
      new TrubricsCallbackHandler({ tracerProvider: provider, ...fields }),
    makeChat: (fields: Record<string, unknown> = {}) =>
      new ChatOpenAI({
        model: 'gpt-4o-mini',
        apiKey: 'k',
        maxRetries: 0,
        configuration: { baseURL: openai.url },
        ...fields,
      }),
    /** Flushes and returns the prompts that have arrived. */
    prompts: async (): Promise<StoredPrompt[]> => {
      await processor.forceFlush();
      return trubrics.records().filter((record) => record.kind === 'prompt');
    },
  };
}

test('two prompts of one generate() are two records, each with its own answer', async () => {
  const { makeHandler, openAiUrl, prompts } = await useApplication();
  const llm = new OpenAI({
    model: 'gpt-3.5-turbo-instruct',
    apiKey: 'k',
    configuration: { baseURL: openAiUrl },
  });
  await llm.generate(['Tell me a joke', 'Write me a poem'], { callbacks: [makeHandler()] });
  const records = await prompts();
  expect(records.map((record) => [record.prompt, record.generation])).toEqual([
    ['Tell me a joke', answerTo('Tell me a joke')],
    ['Write me a poem', answerTo('Write me a poem')],
  ]);
  for (const record of records) {
    expect(record.assistantId).toContain('gpt-3.5-turbo-instruct');
    expect(record.tags).toEqual(['langchain']);
    expect(record.latency).toBeGreaterThan(0);
    expect(record.latency).toBeLessThan(10);
  }
});

test('two calls with one handler are two equal records with user, tags and metadata', async () => {
  const { makeHandler, makeChat, otherBackend, prompts } = await useApplication();
  const handler = makeHandler({
    userId: 'user-id-1234',
    tags: ['chat model'],
    metadata: { hello: [1, 2] },
  });
  const chat = makeChat({ callbacks: [handler] });
  const messages = [
    new SystemMessage('Every answer of yours must be about OpenAI.'),
    new HumanMessage('Tell me a joke'),
  ];
  await chat.invoke(messages);
  await chat.invoke(messages);
  const records = await prompts();
  expect(records).toHaveLength(2);
  for (const record of records) {
    expect(record).toMatchObject({
      userId: 'user-id-1234',
      prompt: 'Tell me a joke',
      generation: answerTo('Tell me a joke'),
      assistantId: answeringModel('gpt-4o-mini'),
      tags: ['langchain', 'chat model'],
    });
    expect(record.properties.hello).toEqual([1, 2]);
  }
  const [span] = otherBackend.getFinishedSpans();
  const everything = `${String(span?.attributes['gen_ai.system_instructions'])}${String(span?.attributes['gen_ai.input.messages'])}`;
  expect(everything).toContain('Every answer of yours must be about OpenAI.');
  expect(everything).toContain('Tell me a joke');
});

test('a record takes its tags from the model and its user from the call', async () => {
  const { makeHandler, makeChat, prompts } = await useApplication();
  const chat = makeChat({ callbacks: [makeHandler()], tags: ['chat model'] });
  await chat.invoke('hi', { metadata: { user_id: 'user-id-1234', hello: [1, 2] } });
  const [record] = await prompts();
  expect(record).toMatchObject({ userId: 'user-id-1234', tags: ['langchain', 'chat model'] });
  expect(record?.properties.hello).toEqual([1, 2]);
  expect(record?.properties).not.toHaveProperty('user_id');
});

test('fifty concurrent users of one handler are never mixed up', async () => {
  const { makeHandler, makeChat, prompts } = await useApplication();
  const chat = makeChat({ callbacks: [makeHandler({ userId: 'nobody' })] });
  const users = Array.from({ length: 50 }, (_, index) => `user-${index}`);
  await Promise.all(
    users.map((user_id) =>
      chat.invoke(`I am ${user_id}`, { metadata: { user_id, thread_id: `${user_id}-t` } }),
    ),
  );
  const records = await prompts();
  expect(records).toHaveLength(50);
  for (const { userId, prompt, generation, threadId } of records) {
    expect([prompt, generation, threadId]).toEqual([
      `I am ${userId}`,
      answerTo(`I am ${userId}`),
      `${userId}-t`,
    ]);
  }
});

test('a record has the model, usage, parameters and finish reason of a call', async () => {
  const { makeHandler, makeChat, prompts } = await useApplication();
  await makeChat({ temperature: 0.3, topP: 0.9, maxTokens: 50 }).invoke('hi', {
    callbacks: [makeHandler()],
  });
  const [record] = await prompts();
  expect(record?.properties).toMatchObject({
    provider: 'openai',
    request_model: 'gpt-4o-mini',
    operation: 'chat',
    temperature: 0.3,
    top_p: 0.9,
    max_tokens: 50,
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    cache_read_tokens: 4,
    reasoning_tokens: 2,
    finish_reason: 'stop',
    dialect: 'gen_ai',
  });
});

test('the record of a stream has the whole answer and the time to the first token', async () => {
  const { makeHandler, makeChat, prompts } = await useApplication({ delayMs: 5 });
  const stream = await makeChat().stream('stream please', { callbacks: [makeHandler()] });
  let text = '';
  for await (const chunk of stream) text += chunk.text;
  const [record] = await prompts();
  expect(record?.generation).toBe(text);
  expect(record?.properties.streaming).toBe(true);
  expect(record?.properties.time_to_first_token).toBeGreaterThan(0);
  expect(record?.properties.time_to_first_token).toBeLessThan(record?.latency ?? 0);
  expect(record?.properties).toMatchObject({ input_tokens: 10, output_tokens: 5 });
});

test('a record has the tool calls of an answer and keeps the question for the next step', async () => {
  const { makeHandler, makeChat, prompts } = await useApplication();
  const search = tool(({ input }) => `results for ${input}`, {
    name: 'search',
    description: 'searches',
    schema: { type: 'object', properties: { input: { type: 'string' } } },
  });
  const config = { callbacks: [makeHandler()], metadata: { user_id: 'ada', thread_id: 't' } };
  const agent = makeChat().bindTools([search]);
  const messages: (HumanMessage | ToolMessage)[] = [new HumanMessage('use search')];
  const plan = await agent.invoke(messages, config);
  const [call] = plan.tool_calls ?? [];
  const result: unknown = await (search as StructuredToolInterface).invoke(call as ToolCall, config);
  await agent.invoke([...messages, plan, result as ToolMessage], config);
  const records = await prompts();
  expect(records.map((record) => [record.prompt, record.generation])).toEqual([
    ['use search', 'search({"input":"use search"})'],
    ['use search', answerTo('use search')],
  ]);
  expect(records[0]?.properties).toMatchObject({
    tool_calls: ['search'],
    tool_call_count: 1,
    finish_reason: 'tool_call',
  });
  expect(records.map((record) => record.threadId)).toEqual(['t', 't']);
});

test('a failed call becomes an event "LLM error"', async () => {
  const { makeHandler, makeChat, processor, trubrics } = await useApplication({ status: 429 });
  await expect(
    makeChat().invoke('please', { callbacks: [makeHandler()], metadata: { user_id: 'ada' } }),
  ).rejects.toThrow();
  await processor.forceFlush();
  expect(trubrics.records()).toMatchObject([
    {
      kind: 'event',
      event: 'LLM error',
      userId: 'ada',
      properties: { prompt: 'please', model: 'gpt-4o-mini', error_type: 'MODEL_RATE_LIMIT' },
    },
  ]);
});

test('content "trubrics" reaches Trubrics and no other backend', async () => {
  const { makeHandler, makeChat, otherBackend, prompts } = await useApplication();
  await makeChat().invoke('a secret question', { callbacks: [makeHandler({ content: 'trubrics' })] });
  expect((await prompts())[0]).toMatchObject({
    prompt: 'a secret question',
    generation: answerTo('a secret question'),
  });
  expect(
    JSON.stringify(otherBackend.getFinishedSpans().map((span) => [span.attributes, span.events])),
  ).not.toContain('secret question');
});

test('two runs that are started by hand in one function are two records, in whatever order they end and are sent', async () => {
  const { makeHandler, prompts } = await useApplication();
  const handler = makeHandler();
  const start = (id: string): void =>
    handler.handleChatModelStart({}, [[new HumanMessage(`question ${id}`)]], id, undefined, {}, [], {
      user_id: `user ${id}`,
    });
  const end = (id: string): void => handler.handleLLMEnd({ generations: [[{ text: `answer ${id}` }]] }, id);
  for (const [first, second] of [
    ['b', 'a'],
    ['a', 'b'],
  ] as const) {
    start('a');
    start('b');
    end(first);
    end(second);
  }
  start('a');
  start('b');
  end('a');
  await prompts();
  end('b');
  const records = await prompts();
  const told = records.map(({ prompt, generation, userId }) => `${prompt}, ${generation}, ${userId}`);
  expect(told.sort()).toEqual(
    ['a', 'a', 'a', 'b', 'b', 'b'].map((id) => `question ${id}, answer ${id}, user ${id}`),
  );
});
