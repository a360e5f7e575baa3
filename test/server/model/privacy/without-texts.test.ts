import { expect, test } from 'vitest';
import { withoutTexts } from '../../../../src/server/model/privacy/without-texts.js';
import { priceRecord } from '../../../../src/server/insights/prices/price-record.js';
import { PriceTable } from '../../../../src/server/insights/prices/price-table.js';
import { givenRating } from '../../../../src/server/model/feedback.js';
import { costOf } from '../../../../src/server/model/cost.js';
import { summedTokens } from '../../../../src/server/model/measures.js';
import { isFailure, type NewRecord } from '../../../../src/server/model/stored-record.js';

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

const BY_HAND = { name: 'look', arguments: '{"for":"xylophone"}' };

test.each<[string, NewRecord['properties'], NewRecord['properties']]>([
  [
    'arguments of a tool call',
    { tool_calls: [BY_HAND, { type: 'function', function: BY_HAND }, 'look'] },
    { tool_calls: [{ name: 'look' }, { function: { name: 'look' } }, 'look'] },
  ],
  [
    'a tool call in a text',
    { tool_calls: 'lookup({"name":"xylophone"})', models: ['search(xylophone)'] },
    { tool_calls: '_OTHER', models: ['_OTHER'] },
  ],
  [
    'tool calls in a list of texts',
    { tool_calls: ['search({"q":"xylophone"})', 'search (xylophone)', '["xylophone"]', 'a\nxylophone'] },
    { tool_calls: ['_OTHER', '_OTHER', '_OTHER', '_OTHER'] },
  ],
  ['keys of objects', { calls: [{ 'a xylophone': 1, model: 'm' }] }, { calls: [{ model: 'm' }] }],
  [
    'keys of objects below other names',
    { models: { 'a xylophone': 1 }, finish_reason: { 'a xylophone': [1] } },
    { models: {}, finish_reason: {} },
  ],
  [
    'texts beside the numbers of a call',
    { calls: [{ model: 'm', input_tokens: 1, cost: '0.5', prompt: 'xylophone?', error: 'No xylophone' }] },
    { calls: [{ model: 'm', input_tokens: 1, cost: '0.5', error: '_OTHER' }] },
  ],
  [
    'texts in place of calls and of numbers',
    { calls: ['xylophone'], input_tokens: 'xylophone', tokens_by_model: 'xylophone' },
    { calls: ['_OTHER'], input_tokens: '_OTHER', tokens_by_model: '_OTHER' },
  ],
  [
    'texts below and in place of the name of a model',
    {
      tokens_by_model: {
        'gpt-4o': 'xylophone',
        '{"a":"xylophone"}': { input: 1 },
        'xylophone\n': { output: '2' },
      },
    },
    { tokens_by_model: { 'gpt-4o': '_OTHER', _OTHER: { input: 1 }, '_OTHER 2': { output: '2' } } },
  ],
  ['a text that is nested deeply', { calls: [[[[[{ model: 'xylophone' }]]]]] }, { calls: [[[['_OTHER']]]] }],
  [
    'long texts',
    {
      error_type: `No ${'xylophone '.repeat(20)}`,
      turn_id: `a ${'xylophone '.repeat(20)}`,
      label: 'xylophone'.repeat(8),
    },
    { error_type: '_OTHER', turn_id: '_OTHER', label: '_OTHER' },
  ],
])(
  '%s, sent by hand under names of ours, go with the texts, and the rest stays',
  (_what, properties, left) => {
    const erased = withoutTexts({ ...RECORD, properties }, new Set());
    expect(erased.properties).toEqual({ ...left, text_erased: true });
    expect(withoutTexts(erased, new Set())).toEqual(erased);
    expect(JSON.stringify(erased)).not.toContain('xylophone');
  },
);

test('names of models, tools, prompts, errors and ids stay in every form that libraries give them', () => {
  const properties = {
    provider: 'aws.bedrock',
    models: [
      'anthropic/claude-3.5-sonnet:beta',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6',
      'projects/one/locations/us-central1/publishers/google/models/gemini-2.5-pro@001',
      `/mnt/models/hub/models--meta-llama--Llama-3.1-70B-Instruct/snapshots/${'a1'.repeat(20)}`,
      'Llama 3.1 8B Instruct (Q4_K_M)',
    ],
    tool_calls: [
      'functions.look:0',
      'mcp__server__tool',
      'Ask the Weather',
      'transfer_to_ünïcode',
      'repo/search',
    ],
    prompt_name: 'Support / Greeting (short)',
    prompt_version: 'v2+3',
    error_type: 'openai.RateLimitError',
    finish_reason: 'MAX_TOKENS',
    trace_id: 'root=1-67891233-abcdef012345678912345678',
    tags: ['{"any":"tag"}'],
    record_id: 'order {"1"}',
    score: '4',
    label: 'thumbs down',
    input_tokens: '30',
    cost_by_model: { 'gpt-4o': { cost: 0.5, priced: 1, unpriced: 0 }, '': { cost: 1 } },
  };
  expect(withoutTexts({ ...RECORD, properties }, new Set()).properties).toEqual({
    ...properties,
    text_erased: true,
  });
});

test('no number that is read of a record changes when texts stand in its places', () => {
  const failed: NewRecord = {
    ...RECORD,
    properties: {
      error_type: 'No answer to "Where is it?"',
      input_tokens: '3',
      calls: [{ model: 'm', error: 'Where?' }, 'Where?'],
      tokens_by_model: {
        '{"Where?"}': { input: 2, output: 1 },
        m: { input: 1, output: '4', note: 'Where?' },
      },
    },
  };
  const erased = withoutTexts(failed, new Set());
  const table = new PriceTable({ date: '2026-09-23', version: '1', providers: [] });
  const numbers = (record: NewRecord) => [
    isFailure(record),
    summedTokens(record).input,
    summedTokens(record).output,
    costOf(record),
    priceRecord(record, { table }),
  ];
  expect(numbers(erased)).toEqual(numbers(failed));
  expect(summedTokens(erased)).toMatchObject({ input: 3, output: 5 });
  expect(JSON.stringify(erased)).not.toContain('Where');
});

test('a comment that is erased takes no rating back, and a rating that was taken back stays so', () => {
  const ratingAfter = (properties: NewRecord['properties']) => {
    const given = { ...RECORD, kind: 'event' as const, event: 'Feedback', properties };
    const erased = { ...given, properties: withoutTexts(given, new Set()).properties };
    return [givenRating(given), givenRating(erased)];
  };
  const about = { record_id: 'one' };
  expect(ratingAfter({ ...about, score: null, comment: 'Where is it?' })).toEqual([undefined, undefined]);
  expect(ratingAfter({ ...about, score: null })).toEqual(['cleared', 'cleared']);
});
