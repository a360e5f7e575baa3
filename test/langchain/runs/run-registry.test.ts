import { CallbackManager } from '@langchain/core/callbacks/manager';
import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel, FakeRetriever } from '@langchain/core/utils/testing';
import { tool } from '@langchain/core/tools';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { answerTo } from '../../support/openai-server.js';
import { json, parentId, statusOf, firstText } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useHandler } from '../../support/use-handler.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';
import { openAiModel } from '../../support/openai-model.js';

useContextManager();

afterEach(() => vi.useRealTimers());

describe('bounds', () => {
  test('the run that is inactive for longest is ended above maxOpenRuns', () => {
    const { otel, handler } = useHandler({ maxOpenRuns: 3 });

    for (const id of ['a', 'b', 'c', 'd']) handler.handleChatModelStart({ id: ['', '', id] }, [[]], id);

    expect(otel.spans.map(({ attributes }) => attributes['trubrics.run.id'])).toEqual(['a']);
    expect(otel.spans[0]?.attributes['trubrics.abandoned']).toBe(true);
  });

  test('a run inactive for maxRunAgeMs is ended, but not a chain with activity below it', () => {
    vi.useFakeTimers();
    const { otel, handler } = useHandler({ maxRunAgeMs: 40 });

    handler.handleChainStart({}, {}, 'chain');
    handler.handleChatModelStart({}, [[]], 'silent');
    vi.setSystemTime(Date.now() + 25);
    handler.handleToolStart({}, '', 'child', 'chain');
    vi.setSystemTime(Date.now() + 25);
    handler.handleChainStart({}, {}, 'later');

    expect(otel.spans.map(({ attributes }) => attributes['trubrics.run.id'])).toEqual(['silent']);
  });

  test('an inactive run is ended by a timer if there are no further callbacks', () => {
    vi.useFakeTimers();
    const { otel, handler } = useHandler({ maxRunAgeMs: 1_000 });

    handler.handleChatModelStart({}, [[]], 'silent');
    handler.handleLLMNewToken('so far', { completion: 0 }, 'silent');
    vi.advanceTimersByTime(900);
    expect(otel.spans).toHaveLength(0);
    vi.advanceTimersByTime(1_200);

    expect(firstText(otel.span('chat'))).toBe('so far');
    expect(otel.span('chat').attributes['trubrics.abandoned']).toBe(true);
  });

  test('an abandoned span ends at the time of its last activity', async () => {
    const { otel, handler } = useHandler();
    handler.handleChatModelStart({}, [[]], 'run');
    await sleep(60);

    await handler.shutdown();

    const [seconds, nanos] = otel.span('chat').duration;
    expect(seconds * 1e3 + nanos / 1e6).toBeLessThan(50);
  });
});

describe('runs that are reported twice', () => {
  test('one span is made for a handler on constructor and call, and a second handler', async () => {
    const { otel, handler } = useHandler({ userId: 'first' });
    const second = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, userId: 'second' });
    const model = new FakeListChatModel({ responses: ['a'], callbacks: [handler] });

    await model.invoke('hi', { callbacks: [handler, second] });
    await model.invoke('hi', { callbacks: new CallbackManager() });

    expect(otel.spans).toHaveLength(2);
  });

  test('starts and ends that are reported twice give one span', () => {
    const { otel, handler } = useHandler();

    for (let i = 0; i < 2; i += 1) handler.handleChatModelStart({}, [[]], 'run');
    for (let i = 0; i < 2; i += 1) handler.handleLLMEnd({ generations: [[{ text: 'a' }]] }, 'run');
    handler.handleChatModelStart({}, [[]], 'run');
    handler.handleLLMError(new Error('late'), 'run');

    expect(otel.spans).toHaveLength(1);
    expect(otel.spans[0]?.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('two providers get a span each, and neither span is the parent of the other', async () => {
    const one = useHandler();
    const two = useHandler();
    const model = new FakeListChatModel({ responses: ['a'] });

    await model.invoke('hi', { callbacks: [one.handler, two.handler] });

    expect(parentId(one.otel.span('chat'))).toBeUndefined();
    expect(parentId(two.otel.span('chat'))).toBeUndefined();
  });
});

describe('the run tree', () => {
  test('hidden runs have no span, and their children attach to the grandparent', () => {
    const { otel, handler } = useHandler();

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

  test('a child that starts after its parent has ended is attached to it', () => {
    const { otel, handler } = useHandler();

    handler.handleChainStart({}, {}, 'chain', undefined, [], { user_id: 'u' });
    handler.handleChainError(new Error('aborted'), 'chain');
    handler.handleChatModelStart({}, [[]], 'model', 'chain');
    handler.handleLLMEnd({ generations: [] }, 'model');

    expect(parentId(otel.span('chat'))).toBe(otel.span('invoke').spanContext().spanId);
    expect(otel.span('chat').attributes['user.id']).toBe('u');
  });

  test('a child that ends after its parent keeps its own answer and end time', async () => {
    const { otel, handler } = useHandler();
    const deaf = new FakeListChatModel({ responses: ['late answer'], sleep: 60 });
    // The model ignores the signal, so that it ends after LangChain has ended the chain.
    const chain = RunnableLambda.from((text: string, config) =>
      deaf.invoke(text, { callbacks: config.callbacks ?? [] }),
    );

    await expect(chain.invoke('hi', { callbacks: [handler], timeout: 20 })).rejects.toThrow();
    expect(otel.spans.map(({ name }) => name)).not.toContain('chat');
    await expect.poll(() => otel.spans.length).toBe(2);

    const [parent, child] = [otel.span('invoke_workflow'), otel.span('chat')];
    expect(statusOf(parent)).toBe(SpanStatusCode.ERROR);
    expect(firstText(child)).toBe('late answer');
    expect(statusOf(child)).toBe(SpanStatusCode.UNSET);
    expect(parentId(child)).toBe(parent.spanContext().spanId);
    expect(child.endTime[0] * 1e9 + child.endTime[1]).toBeGreaterThan(
      parent.endTime[0] * 1e9 + parent.endTime[1],
    );
  });

  test('every input of a batch is a run of its own', async () => {
    const { otel, handler } = useHandler();
    const model = openAiModel(await useOpenAiServer());

    await model.batch(['a', 'b', 'c'], { callbacks: [handler] });

    expect(new Set(otel.spans.map((span) => firstText(span)))).toEqual(
      new Set(['a', 'b', 'c'].map((p) => answerTo(p))),
    );
  });

  test('a tool and a retriever in a lambda are children of its span', async () => {
    const { otel, handler } = useHandler();
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

  test('a graph with the model node of an agent is recorded as an agent', () => {
    const { otel, handler } = useHandler();
    const graph = { id: ['langgraph', 'pregel', 'CompiledStateGraph'] };
    const node = (langgraph_node: string) => ({ langgraph_node });

    handler.handleChainStart(graph, {}, 'a', undefined, [], {}, undefined, 'researcher');
    handler.handleChainStart({}, {}, 'a1', 'a', [], node('model_request'), undefined, 'model_request');
    handler.handleChainStart(graph, {}, 'b', undefined, [], {}, undefined, 'support');
    handler.handleChainStart({}, {}, 'b1', 'b', [], node('answer'), undefined, 'answer');
    // A chain of the user that has the same name by chance.
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

  test('agent actions are events of the span of the AgentExecutor', () => {
    const { otel, handler } = useHandler();

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

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
