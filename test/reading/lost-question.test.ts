import { describe, expect, it } from 'vitest';
import { readLlmCall } from '../../src/reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { questionOf } from '../../src/records/turns/question.js';
import { generationOf, promptOf } from '../../src/records/calls/call-text.js';
import { makeSpan } from '../support/span.js';

function read(attributes: Record<string, unknown>, more: Partial<SpanLike> = {}) {
  const call = readLlmCall({ ...makeSpan({ attributes }), ...more });
  if (!call) throw new Error('not an LLM call');
  return { ...call, prompt: promptOf(call), generation: generationOf(call) };
}

const MESSAGES = [
  { role: 'system', content: 'You are a spy.' },
  { role: 'user', content: 'What is the capital of France?' },
  { role: 'assistant', content: 'It is Paris, of course.' },
  { role: 'user', content: 'And of Italy, please?' },
];
const JSON_OF_MESSAGES = JSON.stringify(MESSAGES);

/** JSON of the conversation up to some of its words. */
function cutAfter(words: string, json = JSON_OF_MESSAGES): string {
  return json.slice(0, json.indexOf(words) + words.length);
}

const AI_SDK = { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.response.text': 'Rome' };

/** Where the conversation stands as one text. */
const PLACES: readonly [string, (json: string) => Record<string, unknown>][] = [
  ['the AI SDK', (json) => ({ ...AI_SDK, 'ai.prompt.messages': json })],
  ['the GenAI conventions', (json) => ({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': json })],
  ['OpenInference', (json) => ({ 'openinference.span.kind': 'LLM', 'input.value': json })],
  ['Langfuse', (json) => ({ 'langfuse.observation.type': 'generation', 'langfuse.observation.input': json })],
  ['LangSmith', (json) => ({ 'langsmith.span.kind': 'llm', 'gen_ai.prompt': json })],
  ['MLflow', (json) => ({ 'mlflow.spanType': '"LLM"', 'mlflow.spanInputs': json })],
  ['Braintrust', (json) => ({ 'braintrust.span_attributes': '{"type":"llm"}', 'braintrust.input': json })],
  ['Laminar', (json) => ({ 'lmnr.span.type': 'LLM', 'lmnr.span.input': json })],
  ['VoltAgent', (json) => ({ 'span.type': 'llm', 'llm.operation': 'x', 'llm.messages': json })],
];

describe.each(PLACES)('an input that was cut, by %s', (_name, attributesOf) => {
  it.each(['You are a', 'What is the capital of France?"},{"role":"assistant","content":"It is'])(
    'has no question when it ends after %j',
    (words) => {
      expect(read(attributesOf(cutAfter(words)))).toMatchObject({
        prompt: '[truncated]',
        truncated: true,
        inputTruncated: true,
      });
    },
  );

  it('keeps what is left of the question', () => {
    expect(read(attributesOf(cutAfter('And of')))).toMatchObject({ prompt: 'And of', truncated: true });
  });

  it('is not told of when nothing is missing', () => {
    expect(read(attributesOf(JSON_OF_MESSAGES))).toMatchObject({
      prompt: 'And of Italy, please?',
      truncated: false,
      inputTruncated: false,
    });
  });
});

describe('an input that was cut', () => {
  it('is another question than the one that is left of it', () => {
    const [older, cut] = [cutAfter('France?"}') + ']', cutAfter('It is')].map((json) =>
      readLlmCall(makeSpan({ attributes: { ...AI_SDK, 'ai.prompt.messages': json } })),
    );
    expect(older && questionOf(older)).toEqual({ text: 'What is the capital of France?', count: 1 });
    expect(cut && questionOf(cut)).toEqual({ text: '[truncated]', count: 2 });
  });

  it('is read from where it is whole', () => {
    const call = read({
      'openinference.span.kind': 'LLM',
      'gen_ai.input.messages': cutAfter('It is'),
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'And of Italy, please?',
    });
    expect(call).toMatchObject({ prompt: 'And of Italy, please?', inputTruncated: false });
  });

  it('never gives the system prompt for a question', () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.system_instructions': 'You are a spy.',
      'gen_ai.input.messages': '[{"role":"us',
    };
    expect(read(attributes).prompt).toBe('[truncated]');
  });
});

describe('a limit on the number of attributes', () => {
  const flattened = {
    'openinference.span.kind': 'LLM',
    'llm.input_messages.0.message.role': 'system',
    'llm.input_messages.0.message.content': 'You are a spy.',
    'llm.input_messages.1.message.role': 'user',
    'llm.input_messages.1.message.content': 'What is the capital of France?',
    'llm.input_messages.2.message.role': 'assistant',
  };

  it('sends the reader to the JSON of the whole conversation', () => {
    const attributes = { ...flattened, 'input.value': JSON.stringify({ messages: MESSAGES }) };
    expect(read(attributes, { droppedAttributesCount: 9 })).toMatchObject({
      prompt: 'And of Italy, please?',
      truncated: true,
      inputTruncated: false,
    });
  });

  it('leaves no question when there is no such JSON', () => {
    expect(read(flattened, { droppedAttributesCount: 9 }).prompt).toBe('[truncated]');
    const numbered = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'What is the capital of France?',
      'gen_ai.prompt.1.role': 'assistant',
    };
    expect(read(numbered, { droppedAttributesCount: 9 }).prompt).toBe('[truncated]');
  });

  it('has left nothing out of an input that an answer follows', () => {
    const attributes = {
      ...flattened,
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': 'Paris',
    };
    const call = read(attributes, { droppedAttributesCount: 1 });
    expect(call).toMatchObject({ prompt: 'What is the capital of France?', generation: 'Paris' });
  });
});

describe('an input without text of the user', () => {
  const parts = (...messages: unknown[]) => ({
    'gen_ai.operation.name': 'chat',
    'gen_ai.input.messages': JSON.stringify(messages),
  });
  const RESULT = { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'secret row' }] };

  it('shows a place for the result of a tool, not the result', () => {
    expect(read(parts(RESULT)).prompt).toBe('[tool result]');
  });

  it('shows the result before a system prompt', () => {
    const system = { role: 'system', parts: [{ type: 'text', content: 'You are a spy.' }] };
    expect(read(parts(system, RESULT)).prompt).toBe('[tool result]');
  });

  it('shows a system prompt that was sent alone', () => {
    expect(read(parts({ role: 'system', parts: [{ type: 'text', content: 'Write.' }] })).prompt).toBe(
      'Write.',
    );
  });
});

describe('a span that says no more of a vendor than its kind', () => {
  const GEN_AI = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'm',
    'gen_ai.response.model': 'm-1',
    'gen_ai.usage.input_tokens': 3,
    'gen_ai.request.temperature': 0.5,
  };
  const KINDS: readonly [string, Record<string, unknown>][] = [
    ['langfuse', { 'langfuse.observation.type': 'generation' }],
    ['langsmith', { 'langsmith.span.kind': 'llm' }],
    ['mlflow', { 'mlflow.spanType': '"CHAT_MODEL"' }],
    ['braintrust', { 'braintrust.span_attributes': '{"type":"llm"}' }],
    ['laminar', { 'lmnr.span.type': 'LLM' }],
  ];
  const CONTENTS: readonly [string, Record<string, unknown>][] = [
    ['messages', { 'gen_ai.input.messages': JSON_OF_MESSAGES, 'gen_ai.output.messages': 'Rome' }],
    [
      'numbered messages',
      {
        'gen_ai.prompt.0.role': 'user',
        'gen_ai.prompt.0.content': 'And of Italy, please?',
        'gen_ai.completion.0.role': 'assistant',
        'gen_ai.completion.0.content': 'Rome',
      },
    ],
  ];
  const cases = KINDS.flatMap(([dialect, kind]) =>
    CONTENTS.map(([name, content]) => [dialect, name, { ...kind, ...content, ...GEN_AI }] as const),
  );

  it.each(cases)('is read by the GenAI conventions: %s, %s', (dialect, _name, attributes) => {
    expect(read(attributes)).toMatchObject({
      dialect,
      prompt: 'And of Italy, please?',
      generation: 'Rome',
      provider: 'openai',
      requestModel: 'm',
      responseModel: 'm-1',
      usage: { inputTokens: 3 },
      parameters: { temperature: 0.5 },
    });
  });
});
