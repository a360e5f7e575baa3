import { describe, expect, test } from 'vitest';
import { readLlmCall } from '../../../src/reading/dialects/read-llm-call.js';
import { makeSpan } from '../../support/span.js';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

function read(observation: Record<string, unknown>, others: Record<string, unknown> = {}) {
  const entries = Object.entries({ type: 'generation', ...observation });
  const attributes = Object.fromEntries(
    entries.map(([name, value]) => [`langfuse.observation.${name}`, value]),
  );
  return readLlmCall(makeSpan({ startMs: START, attributes: { ...attributes, ...others } }));
}

/** Attributes that the OpenAI wrapper always writes. */
const WRAPPER = { 'model.parameters': '{"stream":true,"response_format":""}' };

describe('Langfuse', () => {
  test.each(['embedding', 'agent', 'tool', 'chain', 'retriever', 'span', 'event'])(
    'a Langfuse %s is no call, though it has a model',
    (type) => {
      expect(
        read({ type, input: 'x', 'model.name': 'm' }, { 'gen_ai.operation.name': 'chat' }),
      ).toBeUndefined();
    },
  );

  test('a chat stream of the Langfuse OpenAI wrapper has model, first token and split tool calls', () => {
    const call = read({
      ...WRAPPER,
      input: '{"messages":[{"role":"user","content":"Weather?"}]}',
      output:
        '{"tool_calls":[{"function":{"name":"get_weather","arguments":"{\\"city\\":\\"Z}\\"}{\\"city\\":\\"Oslo\\"}"}}]}',
      'model.name': 'gpt-4.1',
      completion_start_time: '"2026-01-02T03:04:05.250Z"',
    });
    expect(call).toMatchObject({ requestModel: 'gpt-4.1', streaming: true, timeToFirstToken: 0.25 });
    expect(call).not.toHaveProperty('responseModel');
    expect(call?.finishReasons).toEqual(['tool_call']);
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', name: 'get_weather', arguments: { city: 'Z}' } },
      { type: 'tool_call', name: 'get_weather', arguments: { city: 'Oslo' } },
    ]);
  });

  test('a Responses API answer of Langfuse is one answer, and its instructions are no metadata', () => {
    const call = read({
      ...WRAPPER,
      input: 'Weather?',
      output: JSON.stringify([
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Checking.' }] },
        { type: 'function_call', call_id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      ]),
      'model.name': 'gpt-4.1-2025-04-14',
      'metadata.instructions': 'Be terse.',
      'metadata.status': 'completed',
      'metadata.tier': 'gold',
    });
    expect(call?.outputMessages).toHaveLength(1);
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Checking.' },
      { type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { city: 'Oslo' } },
    ]);
    expect(call).toMatchObject({
      responseModel: 'gpt-4.1-2025-04-14',
      systemInstructions: [{ type: 'text', text: 'Be terse.' }],
      inputMessages: [{ role: 'user', parts: [{ type: 'text', text: 'Weather?' }] }],
      finishReasons: ['stop'],
      metadata: { tier: 'gold' },
    });
    expect(call).not.toHaveProperty('requestModel');
  });

  test('a Langfuse answer that is JSON stays text', () => {
    const call = read({ input: 'A city?', output: '{"city":"Rome"}' });
    expect(call?.outputMessages[0]?.parts).toEqual([{ type: 'text', text: '{"city":"Rome"}' }]);
  });

  test('Langfuse counts that exclude cached tokens are made inclusive', () => {
    const usage =
      '{"input":20,"output":16,"total":140,"input_cache_read":64,"input_cache_creation":16,"output_reasoning":24}';
    expect(read({ usage_details: usage })?.usage).toEqual({
      inputTokens: 100,
      outputTokens: 40,
      totalTokens: 140,
      cacheReadTokens: 64,
      cacheWriteTokens: 16,
      reasoningTokens: 24,
    });
  });

  test('Langfuse counts that are inclusive already, as the total shows, are kept', () => {
    const usage = '{"input":42,"output":9,"total":51,"input_cached_tokens":16}';
    expect(read({ usage_details: usage })?.usage).toMatchObject({ inputTokens: 42, cacheReadTokens: 16 });
  });

  test('spans of the Langfuse LangChain handler are read', () => {
    const call = read({
      input: JSON.stringify({
        messages: [
          { content: 'You are terse.', role: 'system' },
          {
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: '@@@media@@@' } },
            ],
            role: 'user',
          },
          {
            content: '',
            role: 'assistant',
            tool_calls: [{ id: 'call_0', name: 'look', args: { q: 1 }, type: 'tool_call' }],
          },
          { content: 'a cat', additional_kwargs: {}, role: 'look' },
        ],
        tools: [],
      }),
      output:
        '{"content":"","role":"assistant","tool_calls":[{"id":"call_1","name":"get_weather","args":{"city":"Paris"},"type":"tool_call"}]}',
      'model.name': 'gpt-4.1-mini-2026-01-01',
      'model.parameters': '{"temperature":0.2,"max_tokens":256,"top_p":0.9}',
      'metadata.ls_provider': 'openai',
      'metadata.ls_model_name': 'gpt-4.1-mini',
      'metadata.user_id': 'u-1',
      'metadata.thread_id': 't-1',
      'metadata.nested': '{"a":1}',
      'metadata.tags': '["tag-a"]',
    });
    expect(call).toMatchObject({
      provider: 'openai',
      requestModel: 'gpt-4.1-mini',
      responseModel: 'gpt-4.1-mini-2026-01-01',
      parameters: { temperature: 0.2, maxTokens: 256, topP: 0.9 },
      userId: 'u-1',
      threadId: 't-1',
      tags: ['tag-a'],
      finishReasons: ['tool_call'],
    });
    expect(call?.metadata).toEqual({ nested: { a: 1 } });
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } },
    ]);
  });

  test('Langfuse prompts of a completion model are read', () => {
    const call = read({ input: '["prompt one"]', output: 'R', usage_details: '{}' });
    expect(call?.inputMessages).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'prompt one' }] }]);
    expect(call?.outputMessages).toEqual([{ role: 'assistant', parts: [{ type: 'text', text: 'R' }] }]);
  });

  test('a Langfuse failure is read from level and message, as the status stays unset', () => {
    const call = read({ level: 'ERROR', status_message: 'RateLimitError: 429 slow down', input: 'x' });
    expect(call?.error).toEqual({ type: 'RateLimitError', message: 'RateLimitError: 429 slow down' });
    expect(read({ level: 'WARNING', status_message: 'slow' })?.error).toBeUndefined();
  });
});
