import { describe, expect, test } from 'vitest';
import { roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, makeScopedSpan, readSketch } from '../../support/read-call.js';

describe('Pydantic AI', () => {
  test('the events of Pydantic AI version 1 are read', () => {
    const events = [
      { 'event.name': 'gen_ai.system.message', content: 'Be brief.', role: 'system' },
      { 'event.name': 'gen_ai.user.message', content: 'Why?', role: 'user' },
      { 'event.name': 'gen_ai.choice', index: 0, message: { role: 'assistant', content: 'Because.' } },
    ];
    const attributes = {
      ...CHAT,
      model_request_parameters: '{}',
      events: JSON.stringify(events),
      'gen_ai.usage.details.cache_read_tokens': 16,
    };
    expect(readSketch({ attributes })).toMatchObject({
      dialect: 'pydantic_ai',
      prompt: 'Why?',
      generation: 'Because.',
      usage: { cacheReadTokens: 16 },
    });
  });

  test('a Pydantic AI agent is no call although it has all messages', () => {
    const attributes = {
      agent_name: 'a',
      model_name: 'm',
      'gen_ai.usage.input_tokens': 1,
      all_messages_events: '[]',
    };
    expect(roleOf(makeScopedSpan({ scope: 'pydantic-ai', attributes }))).toBe('agent');
  });
});
