import { expect, test } from 'vitest';
import { topicRoutes } from '../../../src/server/http/topics/topic-routes.js';
import type { NewRecord, RecordStore, StoredRecord } from '../../../src/server/index.js';
import type { TopicNumbers, TopicResponse } from '../../../src/server/insights/topics/topic-summary.js';
import { seededTexts } from '../insights/topics/seeded-texts.js';
import type { Engine } from './engine.js';
import { recountMeasure } from './recount-measures.js';
import { WEEKS } from './summary-contract.js';
import { exported, useStore } from './stored.js';

const SPAN = { from: Date.UTC(2026, 2, 1), to: Date.UTC(2026, 2, 17) };
const TEXTS = 420;

/** Topics of people's own, with what they match in records, written anew. */
const OWN = {
  tax: {
    value: { name: 'Tax', terms: ['VAT', 'Frist'] },
    fits: (record: StoredRecord) => has(record, ['vat', 'frist']),
  },
  failed: {
    value: { filters: ['error=true', 'prop.plan=pro&tag=late'] },
    fits: (record: StoredRecord) =>
      isFailed(record) || (record.properties['plan'] === 'pro' && record.tags.includes('late')),
  },
} as const;

/** Requests of two languages over two weeks: some failed, some have no text, no conversation, no price, or nobody who asks. */
function requests(): NewRecord[] {
  return seededTexts(TEXTS, { en: 3, de: 1 }, 3).map(({ id, userId, text }, at): NewRecord => {
    const timestamp = new Date(SPAN.from + (at * (SPAN.to - SPAN.from)) / TEXTS).toISOString();
    const base = {
      id,
      userId: at % 10 === 0 ? 'anonymous' : userId,
      ...(at % 3 > 0 && { threadId: `thread ${(at * 7) % 60}` }),
      timestamp,
      receivedAt: timestamp,
      tags: at % 2 === 0 ? ['late'] : [],
    };
    const properties = {
      plan: at % 4 < 2 ? 'pro' : 'free',
      ...(at % 4 > 0 && { cost: at / 800, cost_source: 'table' }),
    };
    const prompt = at % 31 === 0 ? ' ' : text;
    if (at % 6 === 0)
      return {
        ...base,
        kind: 'event',
        event: 'LLM error',
        properties: { ...properties, prompt, error_type: 'timeout' },
      };
    return { ...base, kind: 'prompt', prompt, generation: 'The refund of your parcel.', properties };
  });
}

/** Holds an engine to the numbers of topics: who and what belongs to each is counted again from the records that it exports. */
export function checkTopics(engine: Engine): void {
  test(`${engine.name}: every number of topics and of what they are compared with is the one that a plain count gives, in three time zones`, async () => {
    const store = await useStore(engine);
    await store.put(requests());
    for (const [name, { value }] of Object.entries(OWN))
      await store.documents.put({ kind: 'topic', name, value: { ...value } });
    const all = await exported(store);
    for (const [timezone, [first, middle, end]] of Object.entries(WEEKS)) {
      const [a, b, c] = [Date.parse(first), Date.parse(middle), Date.parse(end)];
      const time = { since: String(b), until: String(c - 1), timezone };
      const weeks = await topicsOf(store, time);
      const [before, current] = [within(all, a, b), within(all, b, c)];
      expect(weeks.periods).toMatchObject({ current: { from: b, to: c }, before: { from: a, to: b } });
      expectCounted(weeks, current, before, all);
      const isPro = ({ properties }: StoredRecord): boolean => properties['plan'] === 'pro';
      const plans = await topicsOf(store, { ...time, 'prop.plan': 'pro', against: 'prop.plan=free' });
      expect(plans.periods).toBeNull();
      expectCounted(
        plans,
        current.filter(isPro),
        current.filter((record) => !isPro(record)),
        all,
      );
    }
  });
}

async function topicsOf(store: RecordStore, parameters: Record<string, string>): Promise<TopicResponse> {
  const query = new URLSearchParams({ internal: 'show', ...parameters }).toString();
  return (await (await topicRoutes(store).request(`/topics?${query}`)).json()) as TopicResponse;
}

function expectCounted(
  { topics, other, sampled, withoutText, total, before }: TopicResponse,
  now: readonly StoredRecord[],
  past: readonly StoredRecord[],
  all: readonly StoredRecord[],
): void {
  const [texts, pastTexts] = [now.filter(hasText), past.filter(hasText)];
  expect({ sampled, total, withoutText }).toEqual({
    sampled: now.length,
    total: now.length,
    withoutText: now.length - texts.length,
  });
  expect(before).toEqual({ sampled: past.length, total: past.length });
  expect([topics.filter(({ isFound }) => isFound).length > 3, withoutText > 0]).toEqual([true, true]);
  expect(topics.filter(({ isFound }) => !isFound).map(({ id }) => id)).toEqual(
    expect.arrayContaining(Object.keys(OWN)),
  );
  const fitsOf = ({ id, terms }: TopicResponse['topics'][number]) =>
    Object.entries(OWN).find(([name]) => name === id)?.[1].fits ??
    ((record: StoredRecord) => has(record, terms));
  for (const topic of topics) {
    const fits = fitsOf(topic);
    expect(rounded(topic)).toEqual(rounded(count(texts.filter(fits), texts, all)));
    expect(topic.before && rounded(topic.before)).toEqual(
      rounded(count(pastTexts.filter(fits), pastTexts, all)),
    );
  }
  expect(topics.some((topic) => (topic.before?.requests ?? 0) > 0)).toBe(true);
  const isIn = (record: StoredRecord): boolean => topics.some((topic) => fitsOf(topic)(record));
  expect(rounded(other)).toEqual(
    rounded(
      count(
        texts.filter((record) => !isIn(record)),
        texts,
        all,
      ),
    ),
  );
}

function count(
  records: readonly StoredRecord[],
  of: readonly StoredRecord[],
  all: readonly StoredRecord[],
): TopicNumbers {
  const measure = (name: 'people' | 'errors' | 'cost' | 'pricedCalls' | 'unpricedCalls'): number =>
    recountMeasure(name, records, all)[0] ?? 0;
  const conversations = conversationsOf(records);
  return {
    requests: records.length,
    people: measure('people'),
    conversations,
    share: conversations / conversationsOf(of),
    errors: measure('errors'),
    cost: measure('cost'),
    pricedCalls: measure('pricedCalls'),
    unpricedCalls: measure('unpricedCalls'),
  };
}

/** A request without a conversation is one. */
function conversationsOf(records: readonly StoredRecord[]): number {
  return new Set(records.map(({ id, threadId }) => JSON.stringify(threadId ?? { id }))).size;
}

/** Sums of fractions depend on the order in which they are added. */
function rounded({
  requests,
  people,
  conversations,
  share,
  errors,
  cost,
  pricedCalls,
  unpricedCalls,
}: TopicNumbers) {
  return {
    requests,
    people,
    conversations,
    share,
    errors,
    cost: cost.toPrecision(9),
    pricedCalls,
    unpricedCalls,
  };
}

function within(records: readonly StoredRecord[], from: number, to: number): readonly StoredRecord[] {
  return records.filter(({ timestamp }) => Date.parse(timestamp) >= from && Date.parse(timestamp) < to);
}

function isFailed(record: StoredRecord): boolean {
  return record.kind === 'event' && record.event === 'LLM error';
}

function textOf(record: StoredRecord): string {
  const text = record.kind === 'prompt' ? record.prompt : record.properties['prompt'];
  return typeof text === 'string' ? text.toLowerCase() : '';
}

function hasText(record: StoredRecord): boolean {
  return textOf(record).trim() !== '';
}

/** A term of five letters is found with any ending, a shorter one as a word. */
function has(record: StoredRecord, terms: readonly string[]): boolean {
  const words = textOf(record)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return terms.some((term) => ` ${words} `.includes(term.length < 5 ? ` ${term} ` : ` ${term}`));
}
