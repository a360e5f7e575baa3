import { trace } from '@opentelemetry/api';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrubricsClient } from '../../src/client/client.js';
import { withTrubrics } from '../../src/identity/with-trubrics.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { redactPersonalData } from '../../src/records/privacy/redaction/redact-personal-data.js';
import { isSampled } from '../../src/records/privacy/sampling.js';
import { memoryDestination } from '../support/memory-destination.js';
import { around, chat } from '../support/trace-sketch.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useDiag } from '../support/use-diag.js';
import { useProvider } from '../support/use-provider.js';

useContextManager();

describe('hashUserId', () => {
  const secret = 'a secret of sixteen characters';
  const hash = (id: string) => createHmac('sha256', secret).update(id).digest('hex');

  test('hashUserId replaces a user id in records, events and feedback, also where it is repeated', async () => {
    const { processor, destination, tracer } = useProvider({ hashUserId: secret });
    withTrubrics({ userId: 'ada', tags: ['ada'], properties: { account: { owner: 'ada' } } }, () => {
      chat(tracer, { prompt: 'q', answer: 'a' });
      chat(tracer, { prompt: 'q', error: 'x' });
    });
    processor.track({ event: 'Sign up', userId: 'ada', properties: { by: 'ada' } });
    processor.trackFeedback({ threadId: 't', userId: 'ada', score: '👍' });
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      { userId: hash('ada'), tags: [hash('ada')], properties: { account: { owner: hash('ada') } } },
    ]);
    expect(destination.events.map(({ userId }) => userId)).toEqual([hash('ada'), hash('ada'), hash('ada')]);
    expect(JSON.stringify([destination.records, destination.events])).not.toContain('"ada"');
  });

  test('hashUserId is HMAC-SHA-256 for every id', async () => {
    const { processor, destination, tracer } = useProvider({ hashUserId: secret });
    const ids = fc.sample(
      fc.string({ minLength: 1, unit: 'grapheme' }).filter((id) => id.trim() === id && !id.startsWith('"')),
      50,
    );
    for (const id of ids) chat(tracer, { prompt: 'q', answer: 'a', attributes: { 'user.id': id } });
    await processor.forceFlush();
    expect(destination.records.map(({ userId }) => userId)).toEqual(
      ids.map((id) => (id === 'anonymous' ? id : hash(id))),
    );
  });

  test('hashUserId does not hash anonymous', async () => {
    const { processor, destination, tracer } = useProvider({ hashUserId: secret });
    chat(tracer, { prompt: 'q', answer: 'a' });
    await processor.forceFlush();
    expect(destination.records.map(({ userId }) => userId)).toEqual(['anonymous']);
  });

  test('hashUserId hashes defaultUserId, which may be the only user of a process', async () => {
    const { processor, destination, tracer } = useProvider({
      hashUserId: secret,
      defaultUserId: 'ada@example.com',
    });
    chat(tracer, { prompt: 'q', answer: 'a' });
    chat(tracer, { prompt: 'q', answer: 'a', attributes: { 'user.id': 'ada@example.com' } });
    processor.track({ event: 'start', userId: 'ada@example.com' });
    await processor.forceFlush();
    const sent = [...destination.records, ...destination.events].map(({ userId }) => userId);
    expect(sent).toEqual(Array.from({ length: 3 }, () => hash('ada@example.com')));
  });

  test('hashUserId refuses a secret that can be guessed, and never shows it', () => {
    const make = () => useProvider({ hashUserId: 'hunter2' });
    expect(make).toThrow(
      'Option "hashUserId" must be a string of at least 16 characters, not the value given',
    );
  });
});

describe('samplingRatio', () => {
  test('samplingRatio includes or excludes a user as a whole: calls, failures, feedback and events', async () => {
    const { processor, destination, tracer } = useProvider({ samplingRatio: 0.5 });
    const users = Array.from({ length: 200 }, (_, index) => `user-${index}`);
    for (const userId of users) {
      withTrubrics({ userId }, () => {
        chat(tracer, { prompt: 'q', answer: 'a' });
        chat(tracer, { prompt: 'q', error: 'x' });
      });
      processor.trackFeedback({ userId, threadId: 't', score: true });
      processor.track({ event: 'Sign up', userId });
    }
    await processor.forceFlush();
    const times = new Map<string, number>();
    for (const { userId } of [...destination.records, ...destination.events])
      times.set(userId, (times.get(userId) ?? 0) + 1);
    expect(new Set(times.values())).toEqual(new Set([4]));
    expect(times.size).toBeGreaterThan(70);
    expect(times.size).toBeLessThan(130);
    expect(processor.stats().skipped.sampled_out).toBe(4 * (200 - times.size));
  });

  test('samplingRatio decides by thread, else by trace, about calls without a user', async () => {
    const { processor, destination, tracer } = useProvider({ samplingRatio: 0.5 });
    for (let index = 0; index < 100; index += 1) {
      const attributes = { 'gen_ai.conversation.id': `thread-${index}` };
      for (let call = 0; call < 2; call += 1) chat(tracer, { prompt: 'q', answer: 'a', attributes });
      around(tracer, 'no thread', {}, (below) => {
        chat(tracer, { prompt: 'q', answer: 'a', below });
        chat(tracer, { prompt: 'q', answer: 'a', below });
      });
    }
    await processor.forceFlush();
    const groups = new Map<string, number>();
    for (const { threadId, properties } of destination.records) {
      const key = threadId ?? JSON.stringify(properties.trace_id);
      groups.set(key, (groups.get(key) ?? 0) + 1);
    }
    expect(new Set(groups.values())).toEqual(new Set([2]));
    expect(groups.size).toBeGreaterThan(60);
    expect(groups.size).toBeLessThan(140);
  });

  test('isSampled picks the share of the ratio and keeps whoever is in when the ratio grows', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => String(index));
    for (const ratio of [0, 0.01, 0.25, 0.9, 1]) {
      const share = ids.filter((id) => isSampled(id, ratio)).length / ids.length;
      expect(Math.abs(share - ratio)).toBeLessThan(0.01);
    }
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (id, a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(!isSampled(id, low) || isSampled(id, high)).toBe(true);
        },
      ),
    );
  });
});

test('maxPropertyLength limits texts in properties and tags', async () => {
  const { processor, destination, tracer } = useProvider({
    maxPropertyLength: 5,
    properties: { note: 'abcdefgh', deep: [{ x: '😀😀😀' }] },
  });
  withTrubrics({ tags: ['a-long-tag'] }, () => chat(tracer, { prompt: 'not limited', answer: 'a' }));
  processor.track({ event: 'Sign up', properties: { note: 'abcdefgh' } });
  await processor.forceFlush();
  expect(destination.records).toMatchObject([
    { prompt: 'not limited', tags: ['a-lon'], properties: { note: 'abcde', deep: [{ x: '😀😀' }] } },
  ]);
  expect(destination.events).toMatchObject([{ properties: { note: 'abcde' } }]);
  expect(trace.getActiveSpan()).toBeUndefined();
});

test('redact may empty prompt and answer, and the record keeps who asked', async () => {
  const { processor, destination, tracer } = useProvider({
    redact: (record) => ({ ...record, prompt: '', generation: '' }),
  });
  chat(tracer, { prompt: 'my secret', answer: 'no secret', attributes: { 'user.id': 'ada' } });
  await processor.forceFlush();
  expect(destination.records).toMatchObject([{ userId: 'ada', prompt: '', generation: '' }]);
  expect(JSON.stringify(destination.records)).not.toContain('secret');
});

test('a redact that tracks a record itself does not recurse, and that record is never sent raw', async () => {
  const destination = memoryDestination();
  const client = new TrubricsClient({
    destination,
    redact: (record) => {
      client.trackPrompt({ prompt: 'my card is 4111', generation: 'x' });
      return record;
    },
  });

  client.trackPrompt({ prompt: 'Why?', generation: 'Because.' });
  await client.shutdown();

  expect(destination.records.map(({ prompt }) => prompt)).toEqual(['Why?']);
  expect(client.stats().dropped).toEqual({ redaction_failed: 1 });
});

test('a redact that returns a promise, or throws, costs each record, is told once, and rejects into nobody', async () => {
  const lines = useDiag();
  const destination = memoryDestination();
  const given: unknown = async () => {
    throw new Error('SECRET');
  };
  const client = new TrubricsClient({ destination, redact: given as (record: PromptRecord) => undefined });
  for (let at = 0; at < 3; at += 1) client.trackPrompt({ userId: 'u', prompt: 'q', generation: 'a' });
  await client.shutdown();
  expect(destination.records).toEqual([]);
  expect(client.stats().dropped).toEqual({ redaction_failed: 3 });
  const warnings = lines.filter(({ text }) => text.includes('redact()'));
  expect(warnings).toHaveLength(1);
  expect(JSON.stringify(lines)).not.toContain('SECRET');
});

test('a prompt by hand is cut after its redaction, so that no number at the cut is left half', async () => {
  const destination = memoryDestination();
  const client = new TrubricsClient({ destination, maxTextLength: 20, redact: redactPersonalData });
  const prompt = 'My card: 4111 1111 1111 1111, and more.';
  client.trackPrompt({ userId: 'u', prompt, generation: 'g'.repeat(5_000) });
  await client.shutdown();
  const [record] = destination.records;
  expect(record?.prompt).toMatch(/^My card: \[card\]/);
  expect(record?.generation.length).toBeLessThanOrEqual(20);
  expect(record?.properties['truncated']).toBe(true);
});
