import { expect, test } from 'vitest';
import { searchTextOf } from '../../../src/server/model/search-text.js';
import type { StoredRecord } from '../../../src/server/model/stored-record.js';
import { matches } from '../../../src/server/query/match-query.js';
import { parseQuery } from '../../../src/server/query/parse-query.js';

const STORED = {
  seq: 1,
  id: 'trace-1-span-2',
  userId: 'Ada',
  threadId: 'thread 7',
  timestamp: '2026-01-01T00:00:00.000Z',
  receivedAt: '2026-01-01T00:00:00.000Z',
  tags: ['Beta'],
};

function prompt(properties: StoredRecord['properties'] = {}, text = 'Why is the sky blue?'): StoredRecord {
  return {
    ...STORED,
    kind: 'prompt',
    prompt: text,
    generation: 'Rayleigh.',
    assistantId: 'gpt-4o',
    properties,
  };
}

function event(name: string, properties: StoredRecord['properties']): StoredRecord {
  return { ...STORED, kind: 'event', event: name, properties };
}

function finds(search: string, record: StoredRecord): boolean {
  return matches(parseQuery(new URLSearchParams({ q: search })), record, 0);
}

test.each([
  ['a comment of one word', 'wrong', event('User feedback', { comment: 'Wrong' })],
  ['a comment of many words', '"far too long"', event('User feedback', { comment: 'Far too\nlong!' })],
  ['the explanation of an evaluation', 'contradicts', event('Feedback', { explanation: 'Contradicts.' })],
  ['the label of an evaluation', 'unfaithful', event('Feedback', { label: 'unfaithful' })],
  ['a system prompt', 'pirate', prompt({ system_prompt: 'You are a pirate.' })],
  ['a prompt template', 'topic', prompt({ prompt_template: 'Tell me about {topic}' })],
  ['the type of an error', 'ratelimit', event('LLM error', { error_type: 'RateLimitError' })],
  ['an error message', '429', event('LLM error', { error_message: '429' })],
  ['an error message of another name', '"not reachable"', event('Crash', { what: 'Host not reachable' })],
  ['an error message with dots', 'ECONNRESET', prompt({ 'exception.message': 'ECONNRESET' })],
  ['a nested comment', 'rude', event('Review', { review: { comment: 'Rude' } })],
  ['one of several comments', 'terse', event('Review', { comments: ['Rude', 'Terse'] })],
  ['a tool', 'get_weather', prompt({ tool_calls: ['get_weather'] })],
  ['the prompt of a failed call', 'sky', event('LLM error', { prompt: 'Sky' })],
  ['the answer of a call of a turn', 'done', event('LLM call', { generation: 'Done' })],
  ['the name of an event', 'sign', event('Sign up', {})],
  ['a person', 'ada', prompt()],
  ['a conversation', '"thread 7"', prompt()],
  ['a model', 'gpt-4', prompt()],
  ['a tag', 'beta', prompt()],
  ['a trace', 'trace-1', prompt()],
])('a search finds %s', (_what, search, record) => {
  expect(finds(search, record)).toBe(true);
  expect(finds(`-${search}`, record)).toBe(false);
});

test('a search does not find values that most records have', () => {
  const record = prompt({
    operation: 'chat',
    provider: 'openai',
    finish_reason: 'stop',
    environment: 'prod',
  });
  for (const word of ['chat', 'openai', 'stop', 'prod'])
    expect([word, finds(word, record)]).toEqual([word, false]);
});

test('a phrase is not found across two texts of a record', () => {
  expect(finds('"blue? Rayleigh"', prompt())).toBe(false);
});

test.each(['Zoë', 'Ångström', 'Việt Nam', '한국어', 'がぎ', 'İzmir'])(
  'a search finds %s in composed and decomposed form and in any case',
  (word) => {
    const forms = [word, word.toLowerCase(), word.toUpperCase()].flatMap((text) => [
      text.normalize('NFC'),
      text.normalize('NFD'),
    ]);
    for (const typed of forms.slice(0, 4))
      for (const stored of forms.slice(0, 4))
        expect(finds(`"${typed}"`, prompt({}, `${stored}!`))).toBe(true);
    for (const typed of forms.slice(4))
      expect(finds(`"${typed}"`, prompt({}, `${word.toUpperCase()}!`))).toBe(true);
  },
);

test('deep and odd properties do no harm to the text that is searched', () => {
  let deep: StoredRecord['properties'][string] = 'the bottom of it';
  for (let i = 0; i < 5000; i++) deep = { a: deep };
  expect(searchTextOf(prompt({ deep, none: null, list: [1, null, [true]] }))).not.toContain('bottom');
});
