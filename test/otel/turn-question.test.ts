import { SpanKind, type Attributes } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { collectSpans } from '../support/collect-spans.js';
import { agent, around, chat, toolResult } from '../support/trace-sketch.js';
import { useProvider } from '../support/use-provider.js';

function useTurns() {
  const collected = collectSpans();
  return {
    ...useProvider({ granularity: 'turn' }, { spanProcessors: [collected.processor] }),
    ended: collected.spans,
  };
}

const said = (content: string) => JSON.stringify([{ role: 'user', parts: [{ type: 'text', content }] }]);

describe('the question of a turn is that of the call that gives the answer', () => {
  test.each([
    ['a router', 'Classify as billing or parcel: Where is my parcel?', 'parcel'],
    ['a summary', 'Summarise this conversation: …', 'They talked.'],
  ])('after %s', async (_title, prompt, answer) => {
    const { processor, destination, tracer, ended } = useTurns();
    around(tracer, 'agent', agent('guide'), (below) => {
      chat(tracer, { prompt, answer, below });
      chat(tracer, { prompt: 'Where is my parcel?', toolCalls: ['look'], below });
      chat(tracer, {
        prompt: 'Where is my parcel?',
        steps: [toolResult('look-0', 'Rome')],
        answer: 'In Rome.',
        below,
      });
    });
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ prompt: 'Where is my parcel?', generation: 'In Rome.' }]);
    expect(toPromptRecords(ended, { granularity: 'turn' })).toEqual(destination.records);
  });

  test('a call before it is asked if the answering call has no question of its own', async () => {
    const { processor, destination, tracer } = useTurns();
    around(tracer, 'agent', agent('guide'), (below) => {
      chat(tracer, { prompt: 'Where?', toolCalls: ['look'], below });
      chat(tracer, { steps: [toolResult('look-0', 'Rome')], answer: 'In Rome.', below });
    });
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ prompt: 'Where?', generation: 'In Rome.' }]);
  });
});

describe('the question of a turn is in the input of its agent', () => {
  test.each<[string, Attributes]>([
    ['messages', { 'gen_ai.input.messages': said('Where?') }],
    ['the key input', { 'input.value': '{"input":"Where?","topic":"post"}' }],
    ['the key question', { 'input.value': '{"question":"Where?"}' }],
    ['the key query', { 'langfuse.observation.input': '{"query":"Where?"}' }],
    ['the key prompt', { 'mlflow.spanInputs': '{"prompt":"Where?"}' }],
    [
      'the key messages',
      { 'input.value': '{"messages":[{"role":"system","content":"x"},{"role":"user","content":"Where?"}]}' },
    ],
    [
      'messages of LangChain',
      {
        'traceloop.entity.input':
          '{"inputs":{"messages":[{"lc":1,"type":"constructor","id":["langchain_core","messages","HumanMessage"],"kwargs":{"content":"Where?"}}]}}',
      },
    ],
    ['messages in short form', { 'input.value': '{"messages":[["system","x"],["human","Where?"]]}' }],
    ['a list of messages in short form', { 'langfuse.observation.input': '[["ai","x"],["user","Where?"]]' }],
    ['texts that are messages', { 'input.value': '{"messages":["Hello?","Where?"]}' }],
    ['a positional argument', { 'langfuse.observation.input': '{"args":["Where?"],"kwargs":{}}' }],
    ['the first of several arguments', { 'traceloop.entity.input': '{"args":["Where?","ada",{"k":1}]}' }],
    [
      'an argument after another object',
      { 'traceloop.entity.input': '{"args":[{"user":"ada"},{"query":"Where?"}]}' },
    ],
    [
      'a conversation as argument',
      { 'langfuse.observation.input': '{"args":[[{"role":"user","content":"Where?"}]],"kwargs":{"k":1}}' },
    ],
    [
      'the messages of an argument',
      { 'langfuse.observation.input': '{"args":[{"messages":[{"role":"user","content":"Where?"}]}]}' },
    ],
    [
      'a named argument before positional ones',
      { 'langfuse.observation.input': '{"args":["x"],"kwargs":{"question":"Where?"}}' },
    ],
    ['a list of arguments', { 'input.value': '["Where?",{"thread":"t-1"}]' }],
    ['a list of texts that are arguments', { 'lmnr.span.input': '["Where?","ada"]' }],
    ["a text that is a user's", { 'lk.pii.user_input': 'Where?' }],
    ['a text alone', { 'input.value': 'Where?' }],
    ['a text alone as JSON', { 'langfuse.observation.input': '"Where?"' }],
    ['a text with its type', { 'langwatch.input': '{"type":"text","value":"Where?"}' }],
    ['tuples of LangChain', { 'input.value': '{"messages":[["system","x"],["human","Where?"]]}' }],
    [
      'a request of MLflow',
      { 'mlflow.spanInputs': '{"request":{"input":[{"role":"user","content":"Where?"}]}}' },
    ],
    ['the input of a workflow of Mastra', { 'mastra.workflow_run.input': '{"question":"Where?"}' }],
    ['all messages of Pydantic AI', { 'pydantic_ai.all_messages': said('Where?') }],
    [
      "messages of which the last is the framework's",
      {
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: 'Where?' }] },
          {
            role: 'user',
            parts: [
              { type: 'text', content: 'For context:' },
              { type: 'text', content: '[guide] said: Wait.' },
            ],
          },
        ]),
      },
    ],
    [
      'messages that end with a request to correct the answer',
      {
        'input.value':
          '{"messages":[{"role":"user","content":"Where?"},{"role":"user","content":"1 validation error:\\n[]\\n\\nFix the errors and try again."}]}',
      },
    ],
  ])('as %s', async (_title, attributes) => {
    const { processor, destination, tracer } = useTurns();
    around(tracer, 'agent', { ...agent('guide'), ...attributes }, (below) =>
      chat(tracer, { prompt: 'Rephrased: where is the parcel of the user?', answer: 'In Rome.', below }),
    );
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ prompt: 'Where?', generation: 'In Rome.' }]);
  });

  test.each<[string, Attributes, SpanKind]>([
    [
      'of an HTTP span',
      { 'input.value': '{"input":"GET /"}', 'openinference.span.kind': 'CHAIN' },
      SpanKind.SERVER,
    ],
    ['of another shape', { ...agent('a'), 'input.value': '{"topic":"post"}' }, SpanKind.INTERNAL],
    [
      'of arguments of a chain',
      { 'traceloop.span.kind': 'workflow', 'traceloop.entity.input': '{"args":["Template"]}' },
      SpanKind.INTERNAL,
    ],
    ['of a chain', { 'openinference.span.kind': 'CHAIN', 'input.value': 'Template' }, SpanKind.INTERNAL],
    [
      'that is a system instruction',
      { ...agent('a'), 'input.value': '[{"role":"system","content":"x"}]' },
      SpanKind.INTERNAL,
    ],
  ])('but not an input %s', async (_title, attributes, kind) => {
    const { processor, destination, tracer } = useTurns();
    around(
      tracer,
      'root',
      attributes,
      (below) => chat(tracer, { prompt: 'Where?', answer: 'In Rome.', below }),
      { kind },
    );
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ prompt: 'Where?' }]);
  });
});

test('a system instruction never becomes the prompt', () => {
  const { tracer, ended } = useTurns();
  chat(tracer, {
    history: [{ role: 'system', parts: [{ type: 'text', content: 'Secret.' }] }],
    answer: 'Hello.',
  });
  expect(JSON.stringify(toPromptRecords(ended))).not.toContain('Secret');
});

test('a session around several turns is not one turn', async () => {
  const { processor, destination, tracer } = useTurns();
  around(tracer, 'agent_session', { 'gen_ai.operation.name': 'invoke_workflow' }, (session) => {
    for (const prompt of ['One?', 'Two?'])
      around(
        tracer,
        'agent_turn',
        agent('a'),
        (below) => chat(tracer, { prompt, answer: `To ${prompt}`, below }),
        {
          below: session,
        },
      );
  });
  await processor.forceFlush();
  expect(destination.records.map(({ prompt }) => prompt)).toEqual(['One?', 'Two?']);
});

test('the answer of a hand-off is that of the agent to which the call around it handed over', async () => {
  const { processor, destination, tracer } = useTurns();
  around(tracer, 'agent', agent('first'), (below) => {
    const request = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
    const transfer = JSON.stringify([
      { role: 'assistant', parts: [{ type: 'tool_call', name: 'transfer', arguments: {} }] },
    ]);
    const call = { ...request, 'gen_ai.input.messages': said('Where?'), 'gen_ai.output.messages': transfer };
    around(
      tracer,
      'call_llm',
      call,
      (inCall) =>
        around(
          tracer,
          'agent',
          agent('second'),
          (inSecond) => chat(tracer, { prompt: 'Where?', answer: 'In Rome.', below: inSecond }),
          {
            below: inCall,
          },
        ),
      { below },
    );
  });
  await processor.forceFlush();
  expect(destination.records).toMatchObject([{ generation: 'In Rome.', properties: { call_count: 2 } }]);
});

test("facts of a turn keep their names, and a user's properties with the same names are kept beside them", async () => {
  const { processor, destination, tracer } = useTurns();
  const mine = { call_count: 'mine', tool_call_count: 'mine', models: 'mine', resumed: 'mine' };
  const attributes = Object.fromEntries(
    Object.entries(mine).map(([name, value]) => [`langfuse.observation.metadata.${name}`, value]),
  );
  around(tracer, 'agent', agent('guide'), (below) => {
    chat(tracer, { prompt: 'q', toolCalls: ['look', 'look'], below });
    chat(tracer, { prompt: 'q', toolCalls: ['act'], below, attributes });
  });
  await processor.forceFlush();
  const [record] = destination.records;
  expect(record?.properties).toMatchObject({ call_count: 2, tool_call_count: 3, models: ['gpt-4o-mini'] });
  expect(Object.keys(record?.properties ?? {}).filter((name) => name.startsWith('metadata.'))).toSatisfy(
    (names: string[]) => names.every((name) => record?.properties[name] === 'mine'),
  );
});

test.each(['agent_session', 'AgentSession', 'chat session 17', 'session:9f-1', 'Voice-Session'])(
  'a span named %s is around several turns, each with its own question',
  async (name) => {
    const { processor, destination, tracer } = useTurns();
    around(tracer, name, agent('guide'), (below) => {
      for (const at of [1, 2])
        around(
          tracer,
          'turn',
          agent('guide'),
          (inner) => chat(tracer, { prompt: `Q${at}`, answer: `A${at}`, below: inner }),
          { below },
        );
    });
    await processor.forceFlush();
    expect(destination.records.map(({ prompt, generation }) => [prompt, generation])).toEqual([
      ['Q1', 'A1'],
      ['Q2', 'A2'],
    ]);
  },
);
