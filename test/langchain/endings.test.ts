import { InMemoryCache } from '@langchain/core/caches';
import { CallbackManager } from '@langchain/core/callbacks/manager';
import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel, FakeRetriever } from '@langchain/core/utils/testing';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TrubricsCallbackHandler, type TrubricsCallbackHandlerOptions } from '../../src/langchain/index.js';
import {
  answerTo,
  type OpenAiServer,
  type OpenAiServerOptions,
  startOpenAiServer,
} from '../support/openai-server.js';
import { json, parentId, statusOf, tracing } from '../support/tracing.js';
import { useContextManager } from '../support/use-context-manager.js';

useContextManager();

const servers: OpenAiServer[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function setUp(options: TrubricsCallbackHandlerOptions = {}) {
  const otel = tracing();
  return { otel, handler: new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, ...options }) };
}

async function openai(options: OpenAiServerOptions = {}, fields: Record<string, unknown> = {}) {
  const server = await startOpenAiServer(options);
  servers.push(server);
  return new ChatOpenAI({
    apiKey: 'test',
    model: 'gpt-4o-mini',
    maxRetries: 0,
    configuration: { baseURL: server.url },
    ...fields,
  });
}

const textOf = (span: Parameters<typeof json>[0], attribute = 'gen_ai.output.messages') =>
  (json(span, attribute) as { parts: { content: string }[] }[])[0]?.parts[0]?.content;

describe('streams', () => {
  test('a stream read to its end', async () => {
    const { otel, handler } = setUp();
    const model = await openai({ delayMs: 3 });

    for await (const chunk of await model.stream('hi there', { callbacks: [handler] }))
      expect(chunk).toBeDefined();

    const span = otel.span('chat');
    expect(textOf(span)).toBe(answerTo('hi there'));
    expect(span.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.output_tokens': 5,
    });
    const first = Number(span.attributes['gen_ai.response.time_to_first_chunk']);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(span.duration[0] + span.duration[1] / 1e9);
    expect(span.attributes).not.toHaveProperty('trubrics.abandoned');
  });

  test('a stream that is left by break is ended by shutdown() with what had arrived', async () => {
    const { otel, handler } = setUp();
    const model = new FakeListChatModel({ responses: ['abcdef'] });
    const received: string[] = [];

    for await (const chunk of await model.stream('hi', { callbacks: [handler] })) {
      received.push(chunk.text);
      if (received.length === 3) break;
    }
    expect(otel.spans).toHaveLength(0);
    await handler.shutdown();

    const span = otel.span('chat');
    expect(received.join('')).toBe('abc');
    // A model yields a chunk first and reports it afterwards: the last one may be missing.
    expect(textOf(span)).toMatch(/^abc?$/);
    expect(span.attributes).toMatchObject({ 'trubrics.abandoned': true, 'gen_ai.request.stream': true });
    expect(statusOf(span)).toBe(SpanStatusCode.UNSET);
  });

  test.each<[string, (stream: ReadableStream<unknown> & AsyncIterable<unknown>) => Promise<void>]>([
    ['a throw in the loop', (stream) => expect(throwIn(stream)).rejects.toThrow('enough')],
    ['reader.cancel()', cancel],
    ['nobody who reads it', () => Promise.resolve()],
  ])('a stream with %s is ended by shutdown(), too, and so is the chain above', async (_name, leave) => {
    const { otel, handler } = setUp();
    const chain = RunnableLambda.from((text: string) => text).pipe(
      new FakeListChatModel({ responses: ['abcdef'] }),
    );

    await leave(await chain.stream('hi', { callbacks: [handler] }));
    await new Promise((resolve) => setTimeout(resolve));
    await handler.shutdown();

    expect(otel.span('invoke_workflow RunnableSequence').attributes['trubrics.abandoned']).toBe(true);
  });

  test('an abort in the loop body ends the span with what had arrived', async () => {
    const { otel, handler } = setUp();
    const model = new FakeListChatModel({ responses: ['abcdef'] });
    const controller = new AbortController();

    try {
      for await (const chunk of await model.stream('hi', {
        callbacks: [handler],
        signal: controller.signal,
      })) {
        if (chunk.text === 'c') {
          controller.abort();
          break;
        }
      }
    } catch {
      // Depends on the version of Node.
    }
    await expect.poll(() => otel.spans.length).toBe(1);

    expect(textOf(otel.span('chat'))).toMatch(/^abc?$/);
    expect(otel.span('chat').attributes['trubrics.abandoned']).toBe(true);
  });

  test('an abort that LangChain reports is an error, with what had arrived', async () => {
    const { otel, handler } = setUp();
    const model = await openai({ delayMs: 20 });
    const controller = new AbortController();
    const stream = await model.stream('one two three four', {
      callbacks: [handler],
      signal: controller.signal,
    });

    setTimeout(() => controller.abort(), 110);
    await expect(drain(stream)).rejects.toThrow();

    const span = otel.span('chat');
    expect(statusOf(span)).toBe(SpanStatusCode.ERROR);
    expect(span.attributes['error.type']).toMatch(/Abort/);
    expect(span.attributes).not.toHaveProperty('trubrics.abandoned');
    expect(answerTo('one two three four')).toContain(textOf(span));
  });

  test('one signal for many calls gets one listener, which is removed', async () => {
    const { handler } = setUp();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };

    for (let i = 0; i < 30; i += 1) {
      handler.handleChatModelStart({}, [[]], `run-${i}`, undefined, { options: { signal } });
    }
    expect(listeners).toBe(1);
    for (let i = 0; i < 30; i += 1) handler.handleLLMEnd({ generations: [] }, `run-${i}`);

    expect(listeners).toBe(0);
  });
});

describe('bounds', () => {
  test('above maxOpenRuns the run that was silent for longest is ended', () => {
    const { otel, handler } = setUp({ maxOpenRuns: 3 });

    for (const id of ['a', 'b', 'c', 'd']) handler.handleChatModelStart({ id: ['', '', id] }, [[]], id);

    expect(otel.spans.map(({ attributes }) => attributes['trubrics.run.id'])).toEqual(['a']);
    expect(otel.spans[0]?.attributes['trubrics.abandoned']).toBe(true);
  });

  test('a run above maxRunAgeMs is ended; a chain below which something happens is not', () => {
    vi.useFakeTimers();
    const { otel, handler } = setUp({ maxRunAgeMs: 40 });

    handler.handleChainStart({}, {}, 'chain');
    handler.handleChatModelStart({}, [[]], 'silent');
    vi.setSystemTime(Date.now() + 25);
    handler.handleToolStart({}, '', 'child', 'chain');
    vi.setSystemTime(Date.now() + 25);
    handler.handleChainStart({}, {}, 'later');

    expect(otel.spans.map(({ attributes }) => attributes['trubrics.run.id'])).toEqual(['silent']);
  });

  test('also when nothing happens any more', () => {
    vi.useFakeTimers();
    const { otel, handler } = setUp({ maxRunAgeMs: 1_000 });

    handler.handleChatModelStart({}, [[]], 'silent');
    handler.handleLLMNewToken('so far', { completion: 0 }, 'silent');
    vi.advanceTimersByTime(900);
    expect(otel.spans).toHaveLength(0);
    vi.advanceTimersByTime(1_200);

    expect(textOf(otel.span('chat'))).toBe('so far');
    expect(otel.span('chat').attributes['trubrics.abandoned']).toBe(true);
  });

  test('an abandoned span ends when the run was last heard of', async () => {
    const { otel, handler } = setUp();
    handler.handleChatModelStart({}, [[]], 'run');
    await sleep(60);

    await handler.shutdown();

    const [seconds, nanos] = otel.span('chat').duration;
    expect(seconds * 1e3 + nanos / 1e6).toBeLessThan(50);
  });
});

describe('errors', () => {
  test.each([
    [404, 'MODEL_NOT_FOUND'],
    [429, 'MODEL_RATE_LIMIT'],
    [500, 'InternalServerError'],
  ])('status %i', async (status, type) => {
    const { otel, handler } = setUp();
    const model = await openai({ status });

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

  test('an error without a name of its own, after the signal has aborted, is an abort', () => {
    const { otel, handler } = setUp();
    const controller = new AbortController();
    const options = { signal: controller.signal };

    for (const id of ['nameless', 'named'])
      handler.handleChatModelStart({}, [[]], id, undefined, { options });
    controller.abort();
    // As the AWS SDK says it.
    handler.handleLLMError(new Error('aborted'), 'nameless');
    handler.handleLLMError(new RangeError('aborted'), 'named');

    expect(otel.spans.map(({ attributes }) => attributes['error.type'])).toEqual([
      'AbortError',
      'RangeError',
    ]);
  });

  test('control flow of LangGraph is not an error and keeps its payload', () => {
    const { otel, handler } = setUp();
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

  test('retry: an error and an answer below one chain', async () => {
    const { otel, handler } = setUp();
    const model = await openai({ status: 500, failures: 1 });

    await model.withRetry({ stopAfterAttempt: 2 }).invoke('hi', { callbacks: [handler], tags: ['mine'] });

    const [failed, answered, chain] = otel.spans;
    expect(failed?.status.code).toBe(SpanStatusCode.ERROR);
    expect(answered?.status.code).toBe(SpanStatusCode.UNSET);
    expect(answered?.attributes['trubrics.tags']).toEqual(['langchain', 'mine']);
    expect([failed, answered].map((span) => span && parentId(span))).toEqual(
      Array(2).fill(chain?.spanContext().spanId),
    );
  });

  test('fallback: an error and an answer below one chain', async () => {
    const { otel, handler } = setUp();
    const broken = await openai({ status: 404 });
    const model = broken.withFallbacks([await openai()]);

    const answer = await model.invoke('hi', { callbacks: [handler] });

    expect(answer.text).toBe(answerTo('hi'));
    expect(otel.spans.map(({ status }) => status.code)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
    ]);
  });
});

describe('once only', () => {
  test('a handler on constructor and call, and a second handler on the same provider', async () => {
    const { otel, handler } = setUp({ userId: 'first' });
    const second = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, userId: 'second' });
    const model = new FakeListChatModel({ responses: ['a'], callbacks: [handler] });

    await model.invoke('hi', { callbacks: [handler, second] });
    await model.invoke('hi', { callbacks: new CallbackManager() });

    expect(otel.spans).toHaveLength(2);
  });

  test('starts and ends that are delivered twice', () => {
    const { otel, handler } = setUp();

    for (let i = 0; i < 2; i += 1) handler.handleChatModelStart({}, [[]], 'run');
    for (let i = 0; i < 2; i += 1) handler.handleLLMEnd({ generations: [[{ text: 'a' }]] }, 'run');
    handler.handleChatModelStart({}, [[]], 'run');
    handler.handleLLMError(new Error('late'), 'run');

    expect(otel.spans).toHaveLength(1);
    expect(otel.spans[0]?.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('two providers get a span each, and neither is the parent of the other', async () => {
    const one = setUp();
    const two = setUp();
    const model = new FakeListChatModel({ responses: ['a'] });

    await model.invoke('hi', { callbacks: [one.handler, two.handler] });

    expect(parentId(one.otel.span('chat'))).toBeUndefined();
    expect(parentId(two.otel.span('chat'))).toBeUndefined();
  });
});

describe('the run tree', () => {
  test('hidden runs have no span, and their children the grandparent', () => {
    const { otel, handler } = setUp();

    handler.handleChainStart({}, {}, 'graph', undefined, [], {}, undefined, 'graph');
    handler.handleChainStart({}, {}, 'hidden', 'graph', ['langsmith:hidden'], { user_id: 'u' });
    handler.handleChatModelStart({}, [[]], 'model', 'hidden');
    handler.handleLLMEnd({ generations: [] }, 'model');
    handler.handleChainEnd({}, 'hidden');
    handler.handleChainEnd({}, 'graph');

    expect(otel.spans.map(({ name }) => name)).toEqual(['chat', 'invoke_workflow graph']);
    expect(parentId(otel.span('chat'))).toBe(otel.span('invoke').spanContext().spanId);
    expect(otel.span('chat').attributes['user.id']).toBe('u');
  });

  test('a child that starts after its parent has ended still finds it', () => {
    const { otel, handler } = setUp();

    handler.handleChainStart({}, {}, 'chain', undefined, [], { user_id: 'u' });
    handler.handleChainError(new Error('aborted'), 'chain');
    handler.handleChatModelStart({}, [[]], 'model', 'chain');
    handler.handleLLMEnd({ generations: [] }, 'model');

    expect(parentId(otel.span('chat'))).toBe(otel.span('invoke').spanContext().spanId);
    expect(otel.span('chat').attributes['user.id']).toBe('u');
  });

  test('a child that ends after its parent has its own answer and time', async () => {
    const { otel, handler } = setUp();
    const deaf = new FakeListChatModel({ responses: ['late answer'], sleep: 60 });
    // A model that does not listen to the signal, as LangChain's own ending of a chain then shows.
    const chain = RunnableLambda.from((text: string, config) =>
      deaf.invoke(text, { callbacks: config.callbacks ?? [] }),
    );

    await expect(chain.invoke('hi', { callbacks: [handler], timeout: 20 })).rejects.toThrow();
    expect(otel.spans.map(({ name }) => name)).not.toContain('chat');
    await expect.poll(() => otel.spans.length).toBe(2);

    const [parent, child] = [otel.span('invoke_workflow'), otel.span('chat')];
    expect(statusOf(parent)).toBe(SpanStatusCode.ERROR);
    expect(textOf(child)).toBe('late answer');
    expect(statusOf(child)).toBe(SpanStatusCode.UNSET);
    expect(parentId(child)).toBe(parent.spanContext().spanId);
    expect(child.endTime[0] * 1e9 + child.endTime[1]).toBeGreaterThan(
      parent.endTime[0] * 1e9 + parent.endTime[1],
    );
  });

  test('batch: every input is a run of its own', async () => {
    const { otel, handler } = setUp();
    const model = await openai();

    await model.batch(['a', 'b', 'c'], { callbacks: [handler] });

    expect(new Set(otel.spans.map((span) => textOf(span)))).toEqual(
      new Set(['a', 'b', 'c'].map((p) => answerTo(p))),
    );
  });

  test('a lambda, a tool and a retriever', async () => {
    const { otel, handler } = setUp();
    const search = tool((input: string) => `found ${input}`, { name: 'search', description: 'Searches.' });
    const chain = RunnableLambda.from(async (text: string, config) => {
      await new FakeRetriever().invoke(text, config);
      return search.invoke(
        { type: 'tool_call', id: 'call_1', name: 'search', args: { input: text } },
        config,
      );
    });

    await chain.invoke('cats', { callbacks: [handler], runName: 'answer' });

    const root = otel.span('invoke_workflow answer');
    expect(root.kind).toBe(SpanKind.INTERNAL);
    const retrieval = otel.span('retrieval FakeRetriever');
    expect(retrieval.kind).toBe(SpanKind.CLIENT);
    expect(retrieval.attributes['gen_ai.retrieval.query.text']).toBe('cats');
    expect(json(retrieval, 'gen_ai.retrieval.documents')).toHaveLength(2);
    const used = otel.span('execute_tool search');
    expect(used.kind).toBe(SpanKind.INTERNAL);
    expect(used.attributes).toMatchObject({
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.id': 'call_1',
      'gen_ai.tool.call.result': 'found cats',
    });
    expect(used.attributes['gen_ai.tool.call.arguments']).toContain('cats');
    for (const span of [retrieval, used]) expect(parentId(span)).toBe(root.spanContext().spanId);
  });

  test('a graph that asks its model as agents do is one, although nothing else says so', () => {
    const { otel, handler } = setUp();
    const graph = { id: ['langgraph', 'pregel', 'CompiledStateGraph'] };
    const node = (langgraph_node: string) => ({ langgraph_node });

    handler.handleChainStart(graph, {}, 'a', undefined, [], {}, undefined, 'researcher');
    handler.handleChainStart({}, {}, 'a1', 'a', [], node('model_request'), undefined, 'model_request');
    handler.handleChainStart(graph, {}, 'b', undefined, [], {}, undefined, 'support');
    handler.handleChainStart({}, {}, 'b1', 'b', [], node('answer'), undefined, 'answer');
    // A chain of the user's own that happens to have the name.
    handler.handleChainStart({}, {}, 'b2', 'b', [], node('answer'), undefined, 'model_request');
    for (const id of ['a1', 'a', 'b1', 'b2', 'b']) handler.handleChainEnd({}, id);

    expect(otel.spans.map(({ name }) => name)).toEqual([
      'invoke_workflow model_request',
      'invoke_agent researcher',
      'invoke_workflow answer',
      'invoke_workflow model_request',
      'invoke_workflow support',
    ]);
    expect(otel.span('invoke_agent').attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'researcher',
    });
  });

  test('agent actions are events of the chain', () => {
    const { otel, handler } = setUp();

    handler.handleChainStart({ id: ['langchain', 'agents', 'AgentExecutor'] }, {}, 'agent');
    handler.handleAgentAction({ tool: 'search', toolInput: { q: 1 }, log: '' }, 'agent');
    handler.handleAgentEnd({ returnValues: {} }, 'agent');
    handler.handleChainEnd({}, 'agent');

    const span = otel.span('invoke_agent AgentExecutor');
    expect(span.events.map(({ name }) => name)).toEqual(['langchain.agent_action', 'langchain.agent_finish']);
    expect(span.events[0]?.attributes).toEqual({
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.arguments': '{"q":1}',
    });
  });
});

describe('answers', () => {
  test('tool calls, and the tool message that answers them', async () => {
    const { otel, handler } = setUp();
    const search = tool((input: string) => input, { name: 'search', description: 'd' });
    const model = (await openai()).bindTools([search]);

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

  test('n = 2: two choices', async () => {
    const { otel, handler } = setUp();
    const model = await openai({}, { n: 2 });

    await model.generate([[['human', 'hi']] as never], { callbacks: [handler] });

    expect(otel.span('chat').attributes['gen_ai.request.choice.count']).toBe(2);
    expect(json(otel.span('chat'), 'gen_ai.output.messages')).toHaveLength(2);
  });

  test('a cache hit says so, has no usage and is no stream', async () => {
    const { otel, handler } = setUp();
    const model = await openai({}, { cache: new InMemoryCache() });

    await model.invoke('hi', { callbacks: [handler] });
    await model.invoke('hi', { callbacks: [handler] });

    const [, hit] = otel.spans;
    if (!hit) throw new Error('no span');
    expect(hit.attributes['trubrics.cached']).toBe(true);
    expect(textOf(hit)).toBe(answerTo('hi'));
    expect(hit.attributes).not.toHaveProperty('gen_ai.response.time_to_first_chunk');
    expect(hit.attributes).not.toHaveProperty('gen_ai.request.stream');
    expect(hit.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
  });

  test('an error in the middle of a stream keeps what had arrived', () => {
    const { otel, handler } = setUp();

    handler.handleChatModelStart({}, [[]], 'run');
    for (const token of ['one', ' two']) handler.handleLLMNewToken(token, { completion: 0 }, 'run');
    handler.handleLLMError(new Error('gone'), 'run');

    const span = otel.span('chat');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'gone' });
    expect(json(span, 'gen_ai.output.messages')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'one two' }], finish_reason: 'error' },
    ]);
  });

  test('events in the place of tokens count as a stream', () => {
    const { otel, handler } = setUp();

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

async function throwIn(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) throw new Error('enough');
}

async function cancel(stream: ReadableStream<unknown>): Promise<void> {
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of stream) expect(chunk).toBeDefined();
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
