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
  calls: [{ model: 'gpt-4o', provider: 'openai', input_tokens: 3, cached: true }],
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

const RECORD: NewRecord = {
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

test('a record without texts keeps names, ids and numbers, also those of a turn of several models', () => {
  const erased = { ...RECORD, prompt: '', generation: '' };
  expect(withoutTexts(RECORD, new Set())).toEqual({ ...erased, properties: { ...NAMES, text_erased: true } });
  expect(withoutTexts(RECORD, new Set(['plan'])).properties).toEqual({
    ...NAMES,
    plan: 'pro',
    text_erased: true,
  });
});

test.each([
  ['the arguments of a tool call', { tool_calls: [{ name: 'look', arguments: '{"for":"my keys"}' }] }],
  [
    'a text beside the numbers of a call',
    { calls: [{ model: 'gpt-4o', input_tokens: 1, prompt: 'Where?' }] },
  ],
  ['a text below the name of a model', { tokens_by_model: { 'gpt-4o': 'what was asked' } }],
  ['a text that is nested deeply', { calls: [[[[[{ model: 'Where?' }]]]]] }],
])('%s, sent by hand under a name of ours, goes with the texts', (_what, properties) => {
  expect(withoutTexts({ ...RECORD, properties }, new Set()).properties).toEqual({ text_erased: true });
});
