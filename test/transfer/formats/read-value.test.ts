import { expect, test } from 'vitest';
import { readValue } from '../../../src/transfer/formats/read-value.js';
import type { Place } from '../../../src/transfer/input/split-items.js';

const CHANGED = new Date('2026-02-01T00:00:00.000Z');

function read(value: unknown, place: Partial<Place> = {}) {
  return readValue(value, {
    place: { file: 'f', unit: 'line', number: 1, ...place },
    fallbackTime: CHANGED,
  });
}

const LLM_EVENT = {
  user_id: 'ada',
  prompt: 'p',
  generation: 'g',
  assistant_id: 'gpt-4o',
  thread_id: 't',
  timestamp: '2026-03-01T12:00:00+02:00',
  latency: 1.5,
  prompt_event_name: 'Prompt',
  generation_event_name: 'Generation',
  properties: { plan: 'pro', tags: ['a', 'a', 'b'] },
};

test('an item of the Python SDK is read as the ingestion API reads it', () => {
  expect(read(LLM_EVENT)).toMatchObject({
    kind: 'prompt',
    userId: 'ada',
    threadId: 't',
    prompt: 'p',
    generation: 'g',
    assistantId: 'gpt-4o',
    latency: 1.5,
    timestamp: '2026-03-01T10:00:00.000Z',
    receivedAt: '2026-03-01T10:00:00.000Z',
    tags: ['a', 'b'],
    properties: LLM_EVENT.properties,
    promptEventName: 'Prompt',
    generationEventName: 'Generation',
  });
});

test('an item of the JavaScript SDK, with what it leaves out, is read as well', () => {
  expect(read({ event: 'Sign up', user_id: 'u', timestamp: '2026-03-01T10:00:00.000Z' })).toMatchObject({
    kind: 'event',
    event: 'Sign up',
    tags: [],
    properties: {},
  });
});

test('an item keeps the id that it has, and else gets the same one each time it is read', () => {
  expect(read({ ...LLM_EVENT, properties: { $event_id: 'trace-span' } })).toMatchObject({ id: 'trace-span' });
  const { timestamp, ...rest } = LLM_EVENT;
  const first = read(LLM_EVENT, { number: 3 });
  expect(read({ timestamp, ...rest }, { number: 9 })).toEqual(first);
  expect(read({ ...LLM_EVENT, prompt: 'q' })).not.toMatchObject({ id: (first as { id: string }).id });
});

test('equal items without a time are told apart by their places, and happened when the file was changed', () => {
  const { timestamp: _timestamp, ...timeless } = LLM_EVENT;
  const [first, second] = [read(timeless, { number: 1 }), read(timeless, { number: 2 })];
  expect(first).toMatchObject({ timestamp: CHANGED.toISOString(), receivedAt: CHANGED.toISOString() });
  expect(second).not.toMatchObject({ id: (first as { id: string }).id });
  expect(read(timeless, { number: 2 })).toEqual(second);
});

test('a prompt of the first platform is read', () => {
  const prompt = {
    id: 'doc-1',
    config_model: { model: 'gpt-3.5-turbo', prompt_template: '{prompt}', temperature: 0.7 },
    prompt: 'p',
    generation: 'g',
    created_on: '2023-09-01T10:00:00.123456Z',
    user_id: null,
    session_id: 's',
    tags: ['langchain'],
    metadata: { plan: 'pro' },
  };
  expect(read(prompt)).toMatchObject({
    id: 'doc-1',
    userId: 'anonymous',
    threadId: 's',
    assistantId: 'gpt-3.5-turbo',
    timestamp: '2023-09-01T10:00:00.123Z',
    tags: ['langchain'],
    properties: { plan: 'pro', temperature: 0.7 },
  });
});

test('a line of jsonlFile(), which has no time of receipt, is received when it happened', () => {
  const line = {
    kind: 'prompt',
    id: 'trace-span',
    userId: 'ada',
    prompt: 'p',
    generation: 'g',
    assistantId: 'm',
    timestamp: '2026-03-01T10:00:00.000Z',
    latency: 1,
    tags: ['x'],
    properties: {},
  };
  expect(read(line)).toEqual({ ...line, receivedAt: line.timestamp });
  const { tags: _tags, prompt: _prompt, generation: _generation, ...common } = line;
  expect(read({ ...common, kind: 'event', event: 'Feedback' })).toMatchObject({ kind: 'event', tags: [] });
});

test.each([
  ['a wrong type', { ...LLM_EVENT, user_id: 7 }, 'user_id: Input should be a valid string'],
  ['a missing field', { user_id: 'u', event: '' }, 'event: String should have at least 1 character'],
  [
    'a wrong time',
    { ...LLM_EVENT, timestamp: 'soon' },
    'timestamp: Input should be a valid datetime (ISO 8601)',
  ],
  [
    'a record without an id',
    { kind: 'event', userId: 'u', event: 'e', timestamp: '2026-03-01T10:00:00Z' },
    'id: Field required',
  ],
])('%s is named by its field, without its content', (_name, value, detail) => {
  expect(read(value)).toEqual({ reason: 'invalid', detail });
});

test.each([null, 7, 'text', {}, { user_id: 'u' }, { kind: 'span', userId: 'u' }, { prompt: 'p' }])(
  'what is no record is not recognised: %j',
  (value) => {
    expect(read(value)).toEqual({ reason: 'not_recognised' });
  },
);
