import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { replayThroughExporter, replayThroughProcessor } from '../support/replay-spans.js';
import { makeChatSpan, makeSpan, type SpanSketch } from '../support/span.js';

const QUESTION = 'Où est la gare de Zürich ?';
const ANSWER = 'Au centre 🚉';

const json = (value: unknown) => JSON.stringify(value);
const text = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
const message = (role: string, content: string) => ({ role, content });
const langChain = (name: string, content: string) => ({
  lc: 1,
  type: 'constructor',
  id: ['langchain_core', 'messages', name],
  kwargs: { content },
});

const GEN_AI = {
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.input.messages': json([text('user', QUESTION)]),
  'gen_ai.output.messages': json([text('assistant', ANSWER)]),
};

/** Spans of agents as their libraries write them, by the library and the form of question and answer. */
const AGENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'GenAI conventions': GEN_AI,
  'Gemini CLI': { ...GEN_AI, 'gen_ai.operation.name': 'agent_call' },
  'GenAI conventions without an operation': {
    'gen_ai.agent.name': 'guide',
    'gen_ai.request.model': 'm',
    'gen_ai.prompt.0.role': 'user',
    'gen_ai.prompt.0.content': QUESTION,
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.content': ANSWER,
  },
  'OpenInference, plain text': {
    'openinference.span.kind': 'AGENT',
    'input.value': QUESTION,
    'output.value': ANSWER,
  },
  'OpenInference, named members': {
    'openinference.span.kind': 'AGENT',
    'input.value': json({ input: QUESTION }),
    'input.mime_type': 'application/json',
    'output.value': json({ output: ANSWER }),
  },
  'OpenInference, messages': {
    'openinference.span.kind': 'agent',
    'input.value': json({ messages: [message('system', 'Be brief.'), message('user', QUESTION)] }),
    'output.value': json({ messages: [message('user', QUESTION), message('assistant', ANSWER)] }),
  },
  'OpenInference, flattened messages': {
    'openinference.span.kind': 'AGENT',
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.content': QUESTION,
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.content': ANSWER,
  },
  'OpenInference, messages of LangChain': {
    'openinference.span.kind': 'AGENT',
    'input.value': json({ messages: [langChain('HumanMessage', QUESTION)] }),
    'output.value': json({ messages: [langChain('HumanMessage', QUESTION), langChain('AIMessage', ANSWER)] }),
  },
  'Langfuse, plain text': {
    'langfuse.observation.type': 'agent',
    'langfuse.observation.input': QUESTION,
    'langfuse.observation.output': ANSWER,
  },
  'Langfuse, JSON texts': {
    'langfuse.observation.type': 'AGENT',
    'langfuse.observation.input': json(QUESTION),
    'langfuse.observation.output': json(ANSWER),
  },
  'Langfuse, named members': {
    'langfuse.observation.type': 'agent',
    'langfuse.observation.input': json({ question: QUESTION }),
    'langfuse.observation.output': json({ answer: ANSWER }),
  },
  'Langfuse, messages': {
    'langfuse.observation.type': 'agent',
    'langfuse.observation.input': json([message('user', QUESTION)]),
    'langfuse.observation.output': json([message('assistant', ANSWER)]),
  },
  'Traceloop, LangChain': {
    'traceloop.span.kind': 'agent',
    'traceloop.entity.input': json({ inputs: { input: QUESTION }, tags: [], metadata: {}, kwargs: {} }),
    'traceloop.entity.output': json({ outputs: { output: ANSWER }, kwargs: {} }),
  },
  'Traceloop, decorated function': {
    'traceloop.span.kind': 'agent',
    'traceloop.entity.input': json({ args: [], kwargs: { question: QUESTION } }),
    'traceloop.entity.output': json(ANSWER),
  },
  'Traceloop, positional argument': {
    'traceloop.span.kind': 'agent',
    'traceloop.entity.input': json({ args: [QUESTION, { limit: 3 }], kwargs: {} }),
    'traceloop.entity.output': json(ANSWER),
  },
  'Langfuse, positional argument': {
    'langfuse.observation.type': 'agent',
    'langfuse.observation.input': json({ args: [QUESTION], kwargs: {} }),
    'langfuse.observation.output': json(ANSWER),
  },
  'Langfuse, list of arguments': {
    'langfuse.observation.type': 'agent',
    'langfuse.observation.input': json([QUESTION, { userId: 'ada' }]),
    'langfuse.observation.output': json({ output: ANSWER }),
  },
  'OpenInference, list of arguments': {
    'openinference.span.kind': 'AGENT',
    'input.value': json([QUESTION, 'ada']),
    'input.mime_type': 'application/json',
    'output.value': ANSWER,
  },
  'LangWatch, text': {
    'langwatch.span.type': 'agent',
    'langwatch.input': json({ type: 'text', value: QUESTION }),
    'langwatch.output': json({ type: 'text', value: ANSWER }),
  },
  'LangWatch, JSON': {
    'langwatch.span.type': 'agent',
    'langwatch.input': json({ type: 'json', value: { query: QUESTION } }),
    'langwatch.output': json({ type: 'json', value: { result: ANSWER } }),
  },
  'LangWatch, messages': {
    'langwatch.span.type': 'agent',
    'langwatch.input': json({ type: 'chat_messages', value: [message('user', QUESTION)] }),
    'langwatch.output': json({ type: 'chat_messages', value: [message('assistant', ANSWER)] }),
  },
  'MLflow, decorated function': {
    'mlflow.spanType': '"AGENT"',
    'mlflow.spanInputs': json({ question: QUESTION }),
    'mlflow.spanOutputs': json(ANSWER),
  },
  'MLflow, Responses API': {
    'mlflow.spanType': '"AGENT"',
    'mlflow.spanInputs': json({ messages: [message('user', QUESTION)] }),
    'mlflow.spanOutputs': json({
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: ANSWER }] }],
    }),
  },
  Mastra: {
    'mastra.span.type': 'agent_run',
    'mastra.agent_run.input': json([message('user', QUESTION)]),
    'mastra.agent_run.output': json({ text: ANSWER, files: [] }),
  },
  'Mastra, plain text': {
    'mastra.span.type': 'agent_run',
    'mastra.agent_run.input': QUESTION,
    'mastra.agent_run.output': ANSWER,
  },
  Genkit: {
    'genkit:type': 'action',
    'genkit:metadata:subtype': 'agent',
    'genkit:input': json({ messages: [{ role: 'user', content: [{ text: QUESTION }] }] }),
    'genkit:output': json({ message: { role: 'model', content: [{ text: ANSWER }] } }),
  },
  Sentry: {
    'sentry.op': 'gen_ai.invoke_agent',
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.request.messages': json([message('user', QUESTION)]),
    'gen_ai.response.text': ANSWER,
  },
};

const T0 = Date.UTC(2026, 0, 2);
let nextMs = 0;

/** Makes an agent span around spans that are made later. Its children lie within it. */
function agentSpan(attributes: SpanSketch['attributes'] = GEN_AI, sketch: SpanSketch = {}): SpanLike {
  return makeSpan({ name: 'agent', startMs: T0, durationMs: 10_000, attributes, ...sketch });
}

function below(outer: SpanLike, sketch: SpanSketch = {}): SpanSketch & { parentSpanId: string } {
  nextMs += 10;
  return { startMs: T0 + 100 + nextMs, durationMs: 5, parentSpanId: outer.spanContext().spanId, ...sketch };
}

const OPTIONS = { defaultUserId: 'ada', errors: 'record' } as const;
const GRANULARITIES = ['call', 'turn'] as const;

/** Returns records and skipped calls by each way through the package. */
async function byEveryDoor(spans: readonly SpanLike[]) {
  const doors = [];
  for (const granularity of GRANULARITIES) {
    const options = { ...OPTIONS, granularity };
    doors.push(
      await replayThroughProcessor({ spans }, options),
      await replayThroughProcessor({ spans }, options, { attributes: 'afterStart' }),
      await replayThroughExporter({ spans }, options),
      await replayThroughExporter({ spans }, options, 1),
    );
  }
  return doors.map(({ records, stats }) => ({
    said: records.map(({ prompt, generation }) => ({ prompt, generation })),
    skipped: stats.skipped,
  }));
}

const eight = <T>(outcome: T): T[] => Array.from({ length: 8 }, () => outcome);

beforeEach(() => {
  vi.useFakeTimers();
  nextMs = 0;
});
afterEach(() => void vi.useRealTimers());

describe('an agent span below which no call was recorded', () => {
  test.each(Object.entries(AGENTS))(
    'an agent of %s with question and answer is recorded as a call by every door',
    async (_library, attributes) => {
      const spans = [agentSpan(attributes)];
      const said = [{ prompt: QUESTION, generation: ANSWER }];
      expect(await byEveryDoor(spans)).toEqual(eight({ said, skipped: {} }));
      for (const granularity of GRANULARITIES)
        expect(toPromptRecords(spans, { granularity })).toMatchObject([
          { prompt: QUESTION, generation: ANSWER, properties: { operation: 'invoke_agent' } },
        ]);
    },
  );

  test.each(Object.entries(AGENTS))(
    'an agent of %s is no record if a call below it was recorded',
    async (_library, attributes) => {
      const outer = agentSpan(attributes);
      const chat = makeChatSpan({ ...below(outer), prompt: 'Where?', answer: 'There' });
      const outcomes = await byEveryDoor([chat, outer]);
      expect(outcomes.map(({ skipped }) => skipped)).toEqual(eight({}));
      expect(outcomes.map(({ said }) => said.map(({ generation }) => generation))).toEqual(eight(['There']));
    },
  );

  test('the record of an agent has its user, model, tokens and its own id in call and turn mode', () => {
    const span = agentSpan({
      ...GEN_AI,
      'user.id': 'ada',
      'session.id': 's-1',
      'gen_ai.response.model': 'claude-opus',
      'gen_ai.usage.input_tokens': 7,
    });
    const request = makeSpan({
      name: 'POST',
      startMs: T0 - 5,
      durationMs: 20_000,
      spanId: 'b7ad6b7169203331',
    });
    const inRequest = agentSpan(span.attributes, { parentSpanId: 'b7ad6b7169203331' });
    const { traceId, spanId } = inRequest.spanContext();
    for (const granularity of GRANULARITIES)
      expect(toPromptRecords([inRequest, request], { granularity })).toMatchObject([
        {
          id: `${traceId}-${spanId}`,
          userId: 'ada',
          threadId: 's-1',
          assistantId: 'claude-opus',
          latency: 10,
          properties: { input_tokens: 7, operation: 'invoke_agent' },
        },
      ]);
  });

  test('of nested agents the outermost is the call, completed from the one below', async () => {
    const outer = agentSpan();
    const inner = makeSpan({ ...below(outer), attributes: { ...GEN_AI, 'gen_ai.request.model': 'm-1' } });
    const innermost = makeSpan({ ...below(inner, { startMs: T0 + 111, durationMs: 1 }), attributes: GEN_AI });
    const options = { ...OPTIONS, granularity: 'call' } as const;
    const spans = [innermost, inner, outer];
    const { records, stats } = await replayThroughProcessor({ spans }, options);
    expect(records).toMatchObject([
      { assistantId: 'm-1', properties: { span_id: outer.spanContext().spanId } },
    ]);
    expect(stats.skipped).toEqual({});
    expect(records).toEqual(JSON.parse(json(toPromptRecords(spans, { defaultUserId: 'ada' }))));
    const exported = await replayThroughExporter({ spans }, options, 3);
    expect(exported.records).toHaveLength(1);
  });

  test('an agent without a call beside one with calls, below the same agent, is a call of its own', async () => {
    const outer = agentSpan();
    const remote = makeSpan({
      ...below(outer),
      attributes: { ...GEN_AI, 'gen_ai.output.messages': json([text('assistant', 'from far')]) },
    });
    const chat = makeChatSpan({ ...below(outer), prompt: QUESTION, answer: 'local' });
    const { records } = await replayThroughProcessor(
      { spans: [remote, chat, outer] },
      { ...OPTIONS, granularity: 'call' },
    );
    expect(records.map(({ generation }) => generation).toSorted()).toEqual(['from far', 'local']);
    expect(toPromptRecords([remote, chat, outer]).map(({ generation }) => generation)).toEqual([
      'from far',
      'local',
    ]);
  });

  test('a call without content below it is counted, and the agent is the record', async () => {
    const outer = agentSpan();
    const empty = makeChatSpan({
      ...below(outer, { startMs: T0 + 9_000, durationMs: 995 }),
      attributes: { 'gen_ai.input.messages': undefined, 'gen_ai.output.messages': undefined },
    });
    const said = [{ prompt: QUESTION, generation: ANSWER }];
    const outcomes = await byEveryDoor([empty, outer]);
    expect(outcomes.map((outcome) => outcome.said)).toEqual(eight(said));
    expect(outcomes.slice(0, 4).map(({ skipped }) => skipped)).toEqual(
      Array.from({ length: 4 }, () => ({ no_content: 1 })),
    );
  });

  test('an agent that names no model has that of the calls without content below it, if they agree', async () => {
    const outer = agentSpan(GEN_AI);
    const empty = (model: string, more = {}) =>
      makeSpan({
        ...below(outer),
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'aws.bedrock',
          'gen_ai.request.model': model,
          'gen_ai.response.model': `${model}-1`,
          ...more,
        },
      });
    const modelsOf = async (spans: readonly SpanLike[]) => {
      const records = [];
      for (const granularity of GRANULARITIES) {
        const options = { ...OPTIONS, granularity };
        records.push(
          ...toPromptRecords(spans, { granularity }),
          ...(await replayThroughProcessor({ spans }, options)).records,
          ...(await replayThroughProcessor({ spans }, options, { attributes: 'afterStart' })).records,
          ...(await replayThroughExporter({ spans }, options)).records,
        );
      }
      return records.map(({ generation, assistantId, properties }) => [
        generation,
        assistantId,
        properties.provider,
      ]);
    };
    const agreed = eight([ANSWER, 'nova-1', 'aws.bedrock']);
    expect(await modelsOf([empty('nova'), outer])).toEqual(agreed);
    expect(await modelsOf([empty('nova'), empty('nova'), outer])).toEqual(agreed);
    const different = [empty('nova'), empty('claude'), outer];
    expect(await modelsOf(different)).toEqual(eight([ANSWER, 'unknown', 'aws.bedrock']));
    const named = agentSpan({ ...GEN_AI, 'gen_ai.request.model': 'own' });
    const inNamed = makeSpan({ ...below(named), attributes: empty('nova').attributes });
    expect(await modelsOf([inNamed, named])).toEqual(eight([ANSWER, 'own', undefined]));
  });

  test('a span that is twice in a batch is one record', () => {
    const chat = makeChatSpan({ prompt: 'Where?', answer: 'There' });
    const copy = makeChatSpan({ prompt: 'Where?', answer: 'There' });
    const twice = { ...copy, spanContext: () => chat.spanContext() };
    expect(toPromptRecords([chat, chat, twice])).toHaveLength(1);
    expect(toPromptRecords([chat, copy])).toHaveLength(2);
    const inOtherTrace = { ...chat, spanContext: () => ({ ...chat.spanContext(), traceId: 'f'.repeat(32) }) };
    expect(toPromptRecords([chat, inOtherTrace])).toHaveLength(2);
  });

  test('a call that failed below it, or that was opted out, is not repeated by its agent', async () => {
    const outer = agentSpan();
    const failed = makeChatSpan({
      ...below(outer),
      status: { code: 2 },
      attributes: { 'error.type': 'Timeout' },
    });
    const hidden = makeChatSpan({ ...below(outer), attributes: { 'trubrics.record': false } });
    for (const { said } of await byEveryDoor([failed, outer]))
      expect(said.map(({ generation }) => generation === ANSWER)).toEqual([false]);
    for (const { said, skipped } of await byEveryDoor([hidden, outer])) {
      expect(said).toEqual([]);
      expect(skipped).toEqual({ opted_out: 1 });
    }
  });

  test('an agent that was opted out, or one above it, is counted as opted out', async () => {
    const outer = agentSpan({ ...GEN_AI, 'trubrics.record': false });
    const inner = makeSpan({ ...below(outer), attributes: GEN_AI });
    for (const { said, skipped } of await byEveryDoor([inner, outer])) {
      expect(said).toEqual([]);
      expect(skipped.opted_out).toBeGreaterThan(0);
    }
  });

  test('an agent that failed before its first call is a failure with its question', async () => {
    const attributes = { ...GEN_AI, 'gen_ai.output.messages': undefined, 'error.type': 'RateLimitError' };
    for (const granularity of GRANULARITIES) {
      const options = { ...OPTIONS, errors: 'event', granularity } as const;
      const spans = [agentSpan(attributes, { status: { code: 2 } })];
      for (const { records, events } of [
        await replayThroughProcessor({ spans }, options),
        await replayThroughExporter({ spans }, options),
      ]) {
        expect(records).toEqual([]);
        expect(events).toMatchObject([
          { event: 'LLM error', properties: { prompt: QUESTION, error_type: 'RateLimitError' } },
        ]);
      }
    }
  });

  test('a stream that outlasts its agent is the call', async () => {
    const outer = agentSpan();
    const stream = makeChatSpan({
      ...below(outer, { durationMs: 12_000 }),
      prompt: QUESTION,
      answer: ANSWER,
    });
    for (const granularity of GRANULARITIES) {
      const { records } = await replayThroughProcessor(
        { spans: [stream, outer] },
        { ...OPTIONS, granularity },
      );
      expect(records).toMatchObject([{ properties: { operation: 'chat' } }]);
    }
  });

  test('an agent and a call that another library traced in another trace are one record', async () => {
    const chat = makeSpan({
      traceId: '11111111111111111111111111111111',
      startMs: T0 + 5,
      durationMs: 9_990,
      attributes: { ...GEN_AI, 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm-1' },
    });
    const spans = [{ ...chat, instrumentationScope: { name: 'other' } }, agentSpan()];
    for (const { said } of await byEveryDoor(spans))
      expect(said).toEqual([{ prompt: QUESTION, generation: ANSWER }]);
    expect(toPromptRecords(spans)).toMatchObject([{ assistantId: 'm-1', properties: { operation: 'chat' } }]);
  });
});

/** Spans that look like calls, and why they are none. */
const LOOK_ALIKES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'an agent without question and answer': {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'a',
  },
  'an agent without an answer': { ...GEN_AI, 'gen_ai.output.messages': undefined },
  'an agent without a question': { ...GEN_AI, 'gen_ai.input.messages': undefined },
  'an agent with a system prompt alone': {
    ...GEN_AI,
    'gen_ai.input.messages': json([text('system', 'Be brief.')]),
  },
  'an agent of a library that writes every call': {
    agent_name: 'a',
    model_name: 'gpt-4o',
    final_result: ANSWER,
    'pydantic_ai.all_messages': json([text('user', QUESTION), text('assistant', ANSWER)]),
  },
  'a span with a requested model alone': { 'gen_ai.request.model': 'gpt-4o' },
  'a span with an answering model alone': { 'gen_ai.response.model': 'gpt-4o', 'http.route': '/chat' },
  'a span with the model name of OpenInference alone': { 'llm.model_name': 'gpt-4o' },
  'an outer span of the AI SDK alone': {
    'ai.operationId': 'ai.generateText',
    'ai.model.id': 'gpt-4o',
    'ai.prompt': json({ prompt: QUESTION }),
    'ai.response.text': ANSWER,
  },
};

const scopeOf = (attributes: Readonly<Record<string, unknown>>) =>
  'agent_name' in attributes ? 'pydantic-ai' : 'test';

describe('a span that looks like a call', () => {
  test.each(Object.entries(LOOK_ALIKES))(
    '%s is counted as no_call by every door',
    async (_what, attributes) => {
      const span = { ...agentSpan(attributes), instrumentationScope: { name: scopeOf(attributes) } };
      expect(await byEveryDoor([span])).toEqual(eight({ said: [], skipped: { no_call: 1 } }));
    },
  );

  test.each(Object.entries(LOOK_ALIKES))(
    '%s is not counted if a call below it is recorded',
    async (_what, attributes) => {
      const span = { ...agentSpan(attributes), instrumentationScope: { name: scopeOf(attributes) } };
      const chat = makeChatSpan({ ...below(span), prompt: QUESTION, answer: ANSWER });
      const said = [{ prompt: QUESTION, generation: ANSWER }];
      expect(await byEveryDoor([chat, span])).toEqual(eight({ said, skipped: {} }));
    },
  );

  test('of spans with a model alone inside of each other the outer one is counted by every door', async () => {
    const outer = agentSpan({ 'gen_ai.request.model': 'gpt-4o' });
    const tool = makeSpan({
      ...below(outer, { durationMs: 100 }),
      attributes: { 'gen_ai.operation.name': 'execute_tool' },
    });
    const inTool = makeSpan({
      ...below(tool, { durationMs: 1 }),
      attributes: { 'gen_ai.request.model': 'gpt-4o' },
    });
    const inner = makeSpan({ ...below(outer), attributes: { 'gen_ai.request.model': 'gpt-4o' } });
    // Batches of the exporter do not know what lies around them, so that only whole traces are compared.
    const outcomes = (await byEveryDoor([inTool, tool, inner, outer])).filter((_, at) => at % 4 !== 3);
    const expected = { said: [], skipped: { no_call: 1 } };
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => expected));
  });

  test('a span with a model alone inside of an LLM span is not counted', async () => {
    const chat = makeChatSpan({ startMs: T0, durationMs: 5_000, prompt: QUESTION, answer: ANSWER });
    const inner = makeSpan({ ...below(chat), attributes: { 'gen_ai.request.model': 'gpt-4o' } });
    const { stats } = await replayThroughProcessor({ spans: [inner, chat] }, OPTIONS);
    expect(stats.skipped).toEqual({});
  });

  test.each([
    ['a tool', { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 't', 'input.value': QUESTION }],
    ['a workflow', { ...GEN_AI, 'gen_ai.operation.name': 'invoke_workflow' }],
    ['the creation of an agent', { ...GEN_AI, 'gen_ai.operation.name': 'create_agent' }],
    ['a chain', { 'openinference.span.kind': 'CHAIN', 'input.value': QUESTION, 'output.value': ANSWER }],
    ['an embedding', { 'gen_ai.operation.name': 'embeddings', 'gen_ai.request.model': 'text-embedding-3' }],
    ['a request', { 'http.request.method': 'POST' }],
  ])('%s is neither recorded nor counted', async (_what, attributes) => {
    expect(await byEveryDoor([agentSpan(attributes)])).toEqual(eight({ said: [], skipped: {} }));
  });
});
