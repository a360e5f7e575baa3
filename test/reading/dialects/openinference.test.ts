import { describe, expect, test } from 'vitest';
import { readLlmCall, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { makeSpan, type SpanSketch } from '../../support/span.js';

function read(attributes: Record<string, unknown>, sketch: SpanSketch = {}) {
  return readLlmCall(
    makeSpan({ ...sketch, attributes: { 'openinference.span.kind': 'LLM', ...attributes } }),
  );
}

const question = {
  'llm.input_messages.0.message.role': 'user',
  'llm.input_messages.0.message.content': 'Hi?',
};

describe('OpenInference', () => {
  test.each([
    ['llm', 'llm'],
    ['TOOL', 'callBoundary'],
    ['Agent', 'agent'],
    ['CHAIN', 'other'],
    ['EMBEDDING', 'other'],
    ['RERANKER', 'other'],
  ])('OpenInference kind %s has the role %s', (kind, role) => {
    expect(roleOf(makeSpan({ attributes: { 'openinference.span.kind': kind } }))).toBe(role);
  });

  test('joined tool calls of an OpenInference stream are split, and its model is the requested one', () => {
    const call = read({
      ...question,
      'llm.model_name': 'gpt-4.1',
      'llm.invocation_parameters': '{"model":"gpt-4.1","stream":true}',
      'output.value': '',
      'output.mime_type': 'text/plain',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': '',
      'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'call_A1call_B2',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'get_weatherget_weather',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments':
        '{"city":"Zürich"}{"city":"Oslo"}',
    });
    expect(call).toMatchObject({ requestModel: 'gpt-4.1' });
    expect(call).not.toHaveProperty('responseModel');
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', id: 'call_A1', name: 'get_weather', arguments: { city: 'Zürich' } },
      { type: 'tool_call', id: 'call_B2', name: 'get_weather', arguments: { city: 'Oslo' } },
    ]);
  });

  test('the items of an OpenInference Responses API answer are one answer', () => {
    const call = read(
      {
        'llm.input_messages.0.message.role': 'system',
        'llm.input_messages.0.message.content': 'Be terse.',
        'llm.input_messages.1.message.role': 'user',
        'llm.input_messages.1.message.contents.0.message_content.type': 'input_text',
        'llm.input_messages.1.message.contents.0.message_content.text': 'Weather?',
        'llm.output_messages.0.message.role': 'assistant',
        'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'c1',
        'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'f',
        'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{}',
        'llm.output_messages.1.message.role': 'assistant',
        'llm.output_messages.1.message.contents.0.message_content.type': 'output_text',
        'llm.output_messages.1.message.contents.0.message_content.text': 'Checking.',
        'output.value': '{"id":"resp_1","object":"response","status":"completed","output":[]}',
        'output.mime_type': 'application/json',
      },
      { name: 'OpenAI Responses' },
    );
    expect(call?.inputMessages.at(-1)?.parts).toEqual([{ type: 'text', text: 'Weather?' }]);
    expect(call?.outputMessages).toHaveLength(1);
    expect(call?.outputMessages[0]?.parts.map((part) => part.type)).toEqual(['tool_call', 'text']);
    expect(call?.finishReasons).toEqual(['stop']);
  });

  test('OpenInference tool results of Anthropic are no question, and its tool calls count once', () => {
    const call = read({
      'llm.invocation_parameters': '{"model":"claude","system":"Be brief.","max_tokens":100}',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'Weather?',
      'llm.input_messages.1.message.role': 'assistant',
      'llm.input_messages.1.message.tool_calls.0.tool_call.id': 'toolu_1',
      'llm.input_messages.1.message.tool_calls.0.tool_call.function.name': 'f',
      'llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments': '{"a":1}',
      'llm.input_messages.1.message.contents.0.message_content.type': 'tool_use',
      'llm.input_messages.1.message.contents.0.tool_call.id': 'toolu_1',
      'llm.input_messages.1.message.contents.0.tool_call.function.name': 'f',
      'llm.input_messages.1.message.contents.0.tool_call.function.arguments': '{"a":1}',
      'llm.input_messages.2.message.role': 'user',
      'llm.input_messages.2.message.content': '{"tempC":18}',
      'llm.input_messages.2.message.tool_call_id': 'toolu_1',
    });
    expect(call?.systemInstructions).toEqual([{ type: 'text', text: 'Be brief.' }]);
    expect(call?.parameters.maxTokens).toBe(100);
    expect(call?.inputMessages.map(({ role, parts }) => [role, parts.map(({ type }) => type)])).toEqual([
      ['user', ['text']],
      ['assistant', ['tool_call']],
      ['user', ['tool_result']],
    ]);
  });

  test.each([
    ['{"system":"Be brief.","messages":[{"role":"user","content":"Q"}]}'],
    ['{"messages":[{"role":"user","content":"Q"}],"system":[{"text":"Be brief."}]}'],
    ['{"instructions":"Be brief.","input":"Q"}'],
  ])('a system prompt that stands in the request body alone is read, whatever the scope: %s', (body) => {
    const call = read({ ...question, 'input.value': body, 'input.mime_type': 'application/json' });
    expect(call?.systemInstructions).toEqual([{ type: 'text', text: 'Be brief.' }]);
  });

  test('a question that quotes the member of a system prompt is no system prompt', () => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: '{"system":"x"}' }] });
    const call = read({ ...question, 'input.value': body, 'input.mime_type': 'application/json' });
    expect(call?.systemInstructions).toEqual([]);
  });

  test('an OpenInference answer with thinking is read without its thoughts', () => {
    const call = read({
      ...question,
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
      'llm.output_messages.0.message.contents.0.message_content.text': 'Hm.',
      'llm.output_messages.0.message.contents.1.message_content.type': 'text',
      'llm.output_messages.0.message.contents.1.message_content.text': 'Rome.',
    });
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Rome.' },
    ]);
  });

  test('OpenInference messages of LangChain that are not flattened are read from JSON', () => {
    const lc = (name: string, kwargs: object) => ({
      lc: 1,
      type: 'constructor',
      id: ['langchain_core', 'messages', name],
      kwargs,
    });
    const call = read({
      'input.value': JSON.stringify({
        messages: [
          [
            lc('SystemMessage', { content: 'You are terse.' }),
            lc('HumanMessage', {
              content: [
                { type: 'text', text: 'What is this?' },
                { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
              ],
            }),
          ],
        ],
      }),
      'input.mime_type': 'application/json',
      'output.value': JSON.stringify({
        generations: [
          [
            {
              text: '',
              message: lc('AIMessageChunk', {
                content: '',
                tool_calls: [{ id: 'c1', name: 'look', args: { q: 1 } }],
              }),
            },
          ],
        ],
      }),
      'output.mime_type': 'application/json',
      'llm.model_name': 'gpt-4.1-mini',
      'llm.invocation_parameters': '{"model":"gpt-4.1-mini","temperature":0.2}',
      'llm.finish_reason': 'tool_calls',
      'llm.input_messages.0.message.role': 'system',
      'llm.input_messages.0.message.content': 'You are terse.',
      'llm.input_messages.1.message.role': 'user',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': '',
      metadata: '{"user_id":"u-1","ls_provider":"openai","plan":"pro"}',
      'session.id': 's-1',
    });
    expect(call).toMatchObject({ userId: 'u-1', threadId: 's-1', finishReasons: ['tool_call'] });
    expect(call?.metadata).toEqual({ plan: 'pro' });
    expect(call?.inputMessages[1]).toEqual({
      role: 'user',
      parts: [
        { type: 'text', text: 'What is this?' },
        { type: 'media', modality: 'image' },
      ],
    });
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', id: 'c1', name: 'look', arguments: { q: 1 } },
    ]);
  });

  test('OpenInference prompts of a completion model are read in any form', () => {
    const langChain = read({
      'input.value': '{"prompts":["prompt one"]}',
      'input.mime_type': 'application/json',
      'output.value': '{"generations":[[{"text":"R"}]]}',
      'output.mime_type': 'application/json',
    });
    expect(langChain?.inputMessages[0]?.parts).toEqual([{ type: 'text', text: 'prompt one' }]);
    expect(langChain?.outputMessages[0]?.parts).toEqual([{ type: 'text', text: 'R' }]);
    const openAi = read({
      'input.value': '{"not": JSON',
      'input.mime_type': 'text/plain',
      'output.value': '[1]',
      'output.mime_type': 'text/plain',
    });
    expect(openAi?.inputMessages[0]?.parts).toEqual([{ type: 'text', text: '{"not": JSON' }]);
    expect(openAi?.outputMessages[0]?.parts).toEqual([{ type: 'text', text: '[1]' }]);
  });

  test('hidden OpenInference content counts as not recorded', () => {
    const call = read({
      'input.value': '__REDACTED__',
      'output.value': '__REDACTED__',
      'llm.model_name': 'm',
    });
    expect(call).toMatchObject({ inputMessages: [], outputMessages: [], truncated: false });
  });

  test('an OpenInference message is reported as cut if cut JSON shows the limit', () => {
    const cut = { 'input.value': `{"messages":"${'x'.repeat(8)}`, 'input.mime_type': 'application/json' };
    const text = (length: number) => ({
      ...question,
      'llm.input_messages.0.message.content': 'y'.repeat(length),
    });
    expect(read({ ...cut, ...text(21) })?.truncated).toBe(true);
    expect(read({ ...cut, ...text(20) })?.truncated).toBe(false);
  });

  test('the system prompt of the AI SDK 7 is no OpenInference metadata', () => {
    const call = read({
      ...question,
      'metadata.gen_ai.system_instructions': 'secret',
      'metadata.tier': 'gold',
    });
    expect(call?.metadata).toEqual({ tier: 'gold' });
  });

  test('the first token of an OpenInference stream is read from its event', () => {
    const startMs = 1_767_000_000_000;
    const event = { name: 'First Token Stream Event', time: [1_767_000_000, 50_000_000] as const };
    expect(read(question, { startMs, events: [event] })).toMatchObject({
      timeToFirstToken: 0.05,
      streaming: true,
    });
  });
});
