import { describe, expect, test } from 'vitest';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import { roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, readAttributes, readSketch } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('Logfire', () => {
  const REQUEST =
    '{"model":"m","stream":true,"temperature":0.2,"messages":[{"role":"user","content":"Say \\"stream\\": true"}]}';
  const STREAMED = { ...CHAT, request_data: REQUEST, 'logfire.span_type': 'span' };

  test('a streamed Logfire call is counted once, with the duration of its answer', () => {
    const request = makeSpan({ attributes: STREAMED });
    const answer = makeSpan({
      durationMs: 0,
      attributes: {
        ...CHAT,
        request_data: REQUEST,
        'logfire.span_type': 'log',
        duration: 1.2,
        response_data: '{"combined_chunk_content":"Because.","chunk_count":3}',
      },
    });
    const calls = locateCalls([request, answer]).map(({ call }) => call);
    expect(calls).toMatchObject([
      { spanId: answer.spanContext().spanId, streaming: true, parameters: { temperature: 0.2 } },
    ]);
    expect((calls[0]?.endTimeMs ?? 0) - (calls[0]?.startTimeMs ?? 0)).toBeCloseTo(1200, 3);
  });

  test('a streamed Logfire call that failed before its answer is counted', () => {
    expect(readSketch({ attributes: STREAMED, status: { code: 2, message: 'no' } }).error).toBeDefined();
  });

  test('message and usage of a Logfire call without a stream are read', () => {
    const call = readSketch({
      attributes: {
        ...CHAT,
        'logfire.msg': 'x',
        request_data: '{"messages":[{"role":"user","content":"Say {\\"stream\\": true}"}]}',
        response_data:
          '{"message":{"role":"assistant","content":"Because."},"usage":{"prompt_tokens":3,"completion_tokens":2}}',
      },
    });
    expect(call).toMatchObject({
      prompt: 'Say {"stream": true}',
      generation: 'Because.',
      usage: { inputTokens: 3, outputTokens: 2 },
    });
  });

  test('a pending Logfire span is no call', () => {
    expect(roleOf(makeSpan({ attributes: { ...STREAMED, 'logfire.span_type': 'pending_span' } }))).toBe(
      'other',
    );
  });

  const LOGFIRE = {
    ...CHAT,
    'logfire.msg': 'x',
    'logfire.span_type': 'span',
    request_data: '{"model":"m","stream":false}',
  };

  test('Logfire events of the Responses API are read', () => {
    const events = [
      { 'event.name': 'gen_ai.user.message', content: 'Capital?', role: 'user' },
      { 'event.name': 'gen_ai.choice', index: 0, message: { role: 'assistant', content: 'Rome' } },
    ];
    const call = readAttributes({ ...LOGFIRE, events: JSON.stringify(events) });
    expect(call).toMatchObject({ dialect: 'logfire', prompt: 'Capital?', generation: 'Rome' });
  });

  test('a Logfire request without a conversation has no question', () => {
    expect(readAttributes(LOGFIRE).inputMessages).toEqual([]);
  });
});
