import { describe, expect, test } from 'vitest';
import { readLlmCall } from '../../../src/reading/dialects/read-llm-call.js';
import { questionOf } from '../../../src/records/turns/question.js';
import { readAttributes } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

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

/** Attributes that hold the conversation as one text, by library. */
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

describe.each(PLACES)('input of %s that was cut', (_name, attributesOf) => {
  test.each(['You are a', 'What is the capital of France?"},{"role":"assistant","content":"It is'])(
    'a cut input has no question if it ends after %j',
    (words) => {
      expect(readAttributes(attributesOf(cutAfter(words)))).toMatchObject({
        prompt: '[truncated]',
        truncated: true,
        inputTruncated: true,
      });
    },
  );

  test('a cut input keeps the rest of the question', () => {
    expect(readAttributes(attributesOf(cutAfter('And of')))).toMatchObject({
      prompt: 'And of',
      truncated: true,
    });
  });

  test('an input that is complete is not reported as cut', () => {
    expect(readAttributes(attributesOf(JSON_OF_MESSAGES))).toMatchObject({
      prompt: 'And of Italy, please?',
      truncated: false,
      inputTruncated: false,
    });
  });
});

describe('input that was cut', () => {
  test('the question of a cut input differs from the question that is left of it', () => {
    const [older, cut] = [cutAfter('France?"}') + ']', cutAfter('It is')].map((json) =>
      readLlmCall(makeSpan({ attributes: { ...AI_SDK, 'ai.prompt.messages': json } })),
    );
    expect(older && questionOf(older)).toEqual({ text: 'What is the capital of France?', count: 1 });
    expect(cut && questionOf(cut)).toEqual({ text: '[truncated]', count: 2 });
  });

  test('an input that is cut in one place is read from where it is complete', () => {
    const call = readAttributes({
      'openinference.span.kind': 'LLM',
      'gen_ai.input.messages': cutAfter('It is'),
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'And of Italy, please?',
    });
    expect(call).toMatchObject({ prompt: 'And of Italy, please?', inputTruncated: false });
  });

  test('the system prompt of a cut input is never shown as the question', () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.system_instructions': 'You are a spy.',
      'gen_ai.input.messages': '[{"role":"us',
    };
    expect(readAttributes(attributes).prompt).toBe('[truncated]');
  });
});

describe('limit on the number of attributes', () => {
  const flattened = {
    'openinference.span.kind': 'LLM',
    'llm.input_messages.0.message.role': 'system',
    'llm.input_messages.0.message.content': 'You are a spy.',
    'llm.input_messages.1.message.role': 'user',
    'llm.input_messages.1.message.content': 'What is the capital of France?',
    'llm.input_messages.2.message.role': 'assistant',
  };

  test('an input that lost attributes is read from the JSON of the whole conversation', () => {
    const attributes = { ...flattened, 'input.value': JSON.stringify({ messages: MESSAGES }) };
    expect(readAttributes(attributes, { droppedAttributesCount: 9 })).toMatchObject({
      prompt: 'And of Italy, please?',
      truncated: true,
      inputTruncated: false,
    });
  });

  test('an input that lost attributes has no question without such JSON', () => {
    expect(readAttributes(flattened, { droppedAttributesCount: 9 }).prompt).toBe('[truncated]');
    const numbered = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'What is the capital of France?',
      'gen_ai.prompt.1.role': 'assistant',
    };
    expect(readAttributes(numbered, { droppedAttributesCount: 9 }).prompt).toBe('[truncated]');
  });

  test('an input that is followed by an answer lost no attributes', () => {
    const attributes = {
      ...flattened,
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': 'Paris',
    };
    const call = readAttributes(attributes, { droppedAttributesCount: 1 });
    expect(call).toMatchObject({ prompt: 'What is the capital of France?', generation: 'Paris' });
  });
});

describe('input without text of the user', () => {
  const parts = (...messages: unknown[]) => ({
    'gen_ai.operation.name': 'chat',
    'gen_ai.input.messages': JSON.stringify(messages),
  });
  const RESULT = { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'secret row' }] };

  test('an input without user text shows a placeholder for a tool result, not the result', () => {
    expect(readAttributes(parts(RESULT)).prompt).toBe('[tool result]');
  });

  test('an input without user text shows a tool result before a system prompt', () => {
    const system = { role: 'system', parts: [{ type: 'text', content: 'You are a spy.' }] };
    expect(readAttributes(parts(system, RESULT)).prompt).toBe('[tool result]');
  });

  test('a system prompt that was sent alone is not shown as the prompt', () => {
    expect(
      readAttributes(parts({ role: 'system', parts: [{ type: 'text', content: 'Write.' }] })).prompt,
    ).toBe('[system prompt]');
  });
});

describe('span with only the kind of a vendor', () => {
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

  test.each(cases)(
    'a span with only the kind of %s is read by the GenAI conventions from %s',
    (dialect, _name, attributes) => {
      expect(readAttributes(attributes)).toMatchObject({
        dialect,
        prompt: 'And of Italy, please?',
        generation: 'Rome',
        provider: 'openai',
        requestModel: 'm',
        responseModel: 'm-1',
        usage: { inputTokens: 3 },
        parameters: { temperature: 0.5 },
      });
    },
  );
});
