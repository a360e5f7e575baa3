import { expect, test } from 'vitest';
import { withoutTexts } from '../../../../src/server/model/privacy/without-texts.js';
import type { NewRecord } from '../../../../src/server/model/stored-record.js';

const NAMES = {
  $event_id: 'one',
  provider: 'openai',
  request_model: 'gpt-4o',
  finish_reason: 'stop',
  environment: 'production',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  models: ['gpt-4o', 'gpt-4o-mini'],
  tokens_by_model: { 'gpt-4o': { input: 3, output: 1 } },
  resumes: 'an id',
  turn_id: 'another',
  tool_calls: ['look'],
  input_tokens: 3,
  streaming: true,
  my_number: 4.5,
};
const TEXTS = {
  system_prompt: 'Be kind.',
  messages: [{ role: 'user', content: 'Where is it?' }],
  prompt_template: 'Answer {question}',
  response_format: '{"description":"what somebody wrote"}',
  tools: [{ description: 'what somebody wrote' }],
  plan: 'pro',
};

test('a record without texts keeps names, ids and numbers, also those of a turn of several models', () => {
  const record: NewRecord = {
    kind: 'prompt',
    id: 'one',
    userId: 'ada',
    timestamp: '2026-01-02T00:00:00.000Z',
    receivedAt: '2026-01-02T00:00:01.000Z',
    tags: ['beta'],
    prompt: 'Where is it?',
    generation: 'Here.',
    properties: { ...NAMES, ...TEXTS },
  };
  const erased = { ...record, prompt: '', generation: '' };
  expect(withoutTexts(record, new Set())).toEqual({ ...erased, properties: { ...NAMES, text_erased: true } });
  expect(withoutTexts(record, new Set(['plan'])).properties).toEqual({
    ...NAMES,
    plan: 'pro',
    text_erased: true,
  });
});
