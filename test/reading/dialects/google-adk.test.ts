import { describe, expect, test } from 'vitest';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import { CHAT, readAttributes, roleOfAttributes, textParts } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('Google ADK', () => {
  const request = 'gcp.vertex.agent.llm_request';

  test('Google ADK tools are no calls, and calls of sub-agents below tools are separate', () => {
    expect(roleOfAttributes({ [request]: '{}' })).toBe('callBoundary');
    expect(roleOfAttributes({ [request]: '{}', 'gen_ai.operation.name': 'execute_tool' })).toBe(
      'callBoundary',
    );
    const outer = makeSpan({
      attributes: { [request]: '{"contents":[{"role":"user","parts":[{"text":"A?"}]}]}' },
    });
    const tool = makeSpan({ parentSpanId: outer.spanContext().spanId, attributes: { [request]: '{}' } });
    const inner = makeSpan({
      parentSpanId: tool.spanContext().spanId,
      attributes: { [request]: '{"contents":[{"role":"user","parts":[{"text":"B?"}]}]}' },
    });
    expect(locateCalls([inner, tool, outer])).toHaveLength(2);
  });

  test('Google ADK function calls, thoughts and snake case are read', () => {
    const call = readAttributes({
      [request]:
        '{"model":"gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"Weather?"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"t":1}}}]}],"config":{"system_instruction":"Be terse.","temperature":0.1}}',
      'gcp.vertex.agent.llm_response':
        '{"content":{"role":"model","parts":[{"text":"Hm.","thought":true},{"text":"Sunny."}]},"finish_reason":"STOP","usage_metadata":{"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":3,"totalTokenCount":18}}',
      'gcp.vertex.agent.session_id': 't',
    });
    expect(call).toMatchObject({
      operation: 'generate_content',
      systemInstructions: textParts('Be terse.'),
      parameters: { temperature: 0.1 },
      usage: { inputTokens: 10, outputTokens: 8, reasoningTokens: 3 },
      finishReasons: ['stop'],
      threadId: 't',
    });
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      ...textParts('Sunny.'),
    ]);
    expect(call?.inputMessages.map(({ parts }) => parts[0]?.type)).toEqual([
      'text',
      'tool_call',
      'tool_result',
    ]);
  });
});

const ADK = { ...CHAT, 'gen_ai.operation.name': 'generate_content', 'gen_ai.usage.output_tokens': 4 };

const REQUEST = '{"contents":[{"role":"user","parts":[{"text":"Q"}]}]}';

test.each([
  {
    usageMetadata: {
      promptTokenCount: 3,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 6,
      totalTokenCount: 13,
    },
  },
  {
    usage_metadata: {
      prompt_token_count: 3,
      candidates_token_count: 4,
      thoughts_token_count: 6,
      total_token_count: 13,
    },
  },
])('Google ADK counts contain the thoughts: %j', (body) => {
  const call = readAttributes({
    ...ADK,
    'gcp.vertex.agent.llm_request': REQUEST,
    'gcp.vertex.agent.llm_response': JSON.stringify({
      content: { role: 'model', parts: [{ text: 'A' }] },
      ...body,
    }),
  });
  expect(call.usage).toMatchObject({ inputTokens: 3, outputTokens: 10, totalTokens: 13 });
});

test('a Google ADK notice in place of content is no prompt', () => {
  const notice = '<not serializable>';
  const attributes = { 'gcp.vertex.agent.llm_request': notice, 'gcp.vertex.agent.llm_response': notice };
  expect(readAttributes({ ...ADK, ...attributes })).toMatchObject({ prompt: '', generation: '' });
});

test('Google ADK thoughts that were cut before their text are no part', () => {
  const response = '{"content":{"role":"model","parts":[{"text":"A"},{"thought":true,"text":"';
  const attributes = { 'gcp.vertex.agent.llm_request': REQUEST, 'gcp.vertex.agent.llm_response': response };
  expect(readAttributes({ ...ADK, ...attributes }).outputMessages[0]?.parts).toEqual([
    { type: 'text', text: 'A' },
  ]);
});
