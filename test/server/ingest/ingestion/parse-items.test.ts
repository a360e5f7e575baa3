import { expect, test } from 'vitest';
import { parseItems } from '../../../../src/server/ingest/ingestion/parse-items.js';

const NOW = new Date(Date.UTC(2026, 0, 2));
const PROMPT = { user_id: 'ada', prompt: 'q', generation: 'a' };
const EVENT = { user_id: 'ada', event: 'Sign up' };

function read(body: unknown, kind: 'prompt' | 'event' = 'prompt') {
  const parsed = parseItems(body, kind, NOW);
  if (parsed.isValid) return { records: parsed.records, errors: [] };
  return { records: [], errors: parsed.errors.map(({ type, loc }) => [type, ...loc]) };
}
const one = (fields: Record<string, unknown>, kind: 'prompt' | 'event' = 'prompt') =>
  read([{ ...(kind === 'prompt' ? PROMPT : EVENT), ...fields }], kind).records[0];

test('a prompt and an event are read with all their fields', () => {
  const fields = {
    thread_id: 't',
    timestamp: '2026-01-01T00:00:00Z',
    properties: { $event_id: 'e', tags: ['a', '', 'a', 'b', 1] },
  };
  const common = {
    id: 'e',
    userId: 'ada',
    threadId: 't',
    timestamp: '2026-01-01T00:00:00.000Z',
    tags: ['a', 'b'],
  };
  expect(
    one({ ...fields, assistant_id: 'm', latency: '1.5', prompt_event_name: 'p', generation_event_name: 'g' }),
  ).toMatchObject({
    ...common,
    kind: 'prompt',
    receivedAt: NOW.toISOString(),
    prompt: 'q',
    generation: 'a',
    assistantId: 'm',
    latency: 1.5,
    promptEventName: 'p',
    generationEventName: 'g',
  });
  expect(one(fields, 'event')).toMatchObject({ ...common, kind: 'event', event: 'Sign up' });
});

test('what is missing or null has a default, and leaves no field', () => {
  const record = one({ thread_id: null, latency: null, timestamp: null, properties: null });
  expect(record).toMatchObject({ timestamp: NOW.toISOString(), tags: [], properties: {} });
  expect(record?.id).not.toBe(one({})?.id);
  expect(Object.keys(record ?? {})).not.toContain('threadId');
  expect(Object.keys(record ?? {})).not.toContain('latency');
  expect(one({ properties: { $event_id: '', $thread_id: 'p' } })).toMatchObject({ threadId: 'p' });
  expect(one({ properties: { $event_id: '' } })?.id).not.toBe('');
  expect(one({ thread_id: 't', properties: { $thread_id: 'p' } })?.threadId).toBe('t');
});

test('a list has between one and a hundred items', () => {
  const many = (count: number) => Array.from({ length: count }, () => PROMPT);
  expect(read(many(100)).records).toHaveLength(100);
  expect(read(many(101)).errors).toEqual([['too_long', 'body']]);
  expect(read([]).errors).toEqual([['too_short', 'body']]);
  expect(read(PROMPT).errors).toEqual([['list_type', 'body']]);
});

test('every mistake is named with its place, up to twenty, and one refuses the request', () => {
  expect(read([PROMPT, { user_id: '', prompt: 1, latency: ' ' }, 17]).errors).toEqual([
    ['string_type', 'body', 1, 'prompt'],
    ['missing', 'body', 1, 'generation'],
    ['float_parsing', 'body', 1, 'latency'],
    ['string_too_short', 'body', 1, 'user_id'],
    ['model_attributes_type', 'body', 2],
  ]);
  expect(read([{ ...EVENT, event: '' }], 'event').errors).toEqual([['string_too_short', 'body', 0, 'event']]);
  expect(read([{ ...EVENT, event: 'x' }, { user_id: 'u' }], 'event').errors).toEqual([
    ['missing', 'body', 1, 'event'],
  ]);
  for (const wrong of [{ user_id: 'u' }, {}])
    expect(read(Array.from({ length: 15 }, () => wrong)).errors).toHaveLength(20);
  const asked = new Set<number>();
  const items = Array.from({ length: 30 }, (_, index) => ({
    user_id: 'u',
    get prompt() {
      asked.add(index);
      return undefined;
    },
  }));
  read(items);
  expect(asked.size).toBe(10);
});

test('a number may be a text, and must be finite', () => {
  for (const latency of [Number.NaN, Number.POSITIVE_INFINITY, 'x', '', 'Infinity', [], true])
    expect([latency, read([{ ...PROMPT, latency }]).errors.length]).toEqual([latency, 1]);
  expect(one({ latency: 0 })).toMatchObject({ latency: 0 });
});

test('properties may be nested 64 levels deep, in objects and in lists', () => {
  const nest = (depth: number, wrap: (inner: unknown) => unknown): unknown =>
    depth === 0 ? 1 : wrap(nest(depth - 1, wrap));
  for (const wrap of [(inner: unknown) => ({ a: inner }), (inner: unknown) => [inner]]) {
    const properties = (depth: number) => ({ a: nest(depth, wrap) });
    expect(read([{ ...PROMPT, properties: properties(63) }]).errors).toEqual([]);
    expect(read([{ ...PROMPT, properties: properties(64) }]).errors).toEqual([
      ['recursion_loop', 'body', 0, 'properties'],
    ]);
  }
});
