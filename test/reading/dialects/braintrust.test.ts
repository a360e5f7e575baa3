import { describe, expect, test } from 'vitest';
import { readAttributes, roleOfAttributes, textParts } from '../../support/read-call.js';

describe('Braintrust', () => {
  test('Braintrust calls are told from tools, and metadata from settings', () => {
    expect(
      roleOfAttributes({ 'braintrust.span_attributes': '{"type":"tool"}', 'gen_ai.operation.name': 'chat' }),
    ).toBe('callBoundary');
    expect(roleOfAttributes({ 'braintrust.span_attributes': 'not JSON' })).toBe('other');
    const call = readAttributes({
      'braintrust.span_attributes': '{"type":"llm"}',
      'braintrust.input_json': '"Hi?"',
      'braintrust.output_json': '"Hello"',
      'braintrust.metadata': '{"model":"m","temperature":0,"tier":"gold","user_id":"u"}',
      'braintrust.metrics':
        '{"prompt_tokens":10,"completion_tokens":2,"tokens":12,"prompt_cached_tokens":4,"completion_reasoning_tokens":1,"time_to_first_token":0.2}',
    });
    expect(call).toMatchObject({
      inputMessages: [{ role: 'user', parts: textParts('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: textParts('Hello') }],
      parameters: { temperature: 0 },
      usage: { inputTokens: 10, outputTokens: 2, totalTokens: 12, cacheReadTokens: 4, reasoningTokens: 1 },
      timeToFirstToken: 0.2,
      userId: 'u',
    });
    expect(call?.metadata).toEqual({ tier: 'gold' });
  });
});
