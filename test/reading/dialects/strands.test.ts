import { describe, expect, test } from 'vitest';
import { readLlmCall } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, readSketch } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('Strands', () => {
  test('Strands times are milliseconds, and Strands is not the provider', () => {
    const call = readSketch({
      attributes: {
        ...CHAT,
        'gen_ai.system': 'strands-agents',
        'gen_ai.server.time_to_first_token': 250,
        'gen_ai.usage.prompt_tokens': 42,
        'gen_ai.usage.input_tokens': 42,
      },
    });
    expect(call).toMatchObject({ dialect: 'strands', timeToFirstToken: 0.25, usage: { inputTokens: 42 } });
    expect(call).not.toHaveProperty('provider');
  });

  test('the cycle of a Strands agent is no call', () => {
    const events = [{ name: 'gen_ai.user.message', attributes: { content: '[{"text":"Why?"}]' } }];
    expect(readLlmCall(makeSpan({ attributes: { 'agent_loop.cycle_id': 'c' }, events }))).toBeUndefined();
  });
});
