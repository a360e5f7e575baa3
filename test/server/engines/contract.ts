import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RecordQuery, RecordStore, StoredRecord } from '../../../src/server/index.js';
import type { ThreadOrder } from '../../../src/server/model/lists.js';
import { isError } from '../../../src/server/model/stored-record.js';
import { matches } from '../../../src/server/query/match-query.js';
import { checkAges } from './age-contract.js';
import { checkAnswerFeedback } from './answer-feedback-contract.js';
import { checkChanges } from './change-contract.js';
import { checkDocuments } from './document-contract.js';
import type { Engine } from './engine.js';
import { checkContents } from './contents-contract.js';
import { checkErasure } from './erasure-contract.js';
import { checkFields } from './fields-contract.js';
import { checkMeasures } from './measure-contract.js';
import { checkNumbers } from './numbers-contract.js';
import { checkComparedPeople } from './compared-people-contract.js';
import { checkOddValues } from './odd-contract.js';
import { checkOrganizations } from './organization-contract.js';
import { checkPeople } from './people-contract.js';
import { checkPersons } from './person-contract.js';
import { checkQueryFields } from './query-contract.js';
import { checkSamples } from './sample-contract.js';
import { checkSummary } from './summary-contract.js';
import { checkSuperseded } from './supersede-contract.js';
import { checkDays } from './day-contract.js';
import { checkTopics } from './topic-contract.js';
import {
  event,
  exported,
  exportedAsLines,
  getOne,
  idsOf,
  numbered,
  recordsIn,
  START,
  useStore,
} from './stored.js';

/** Queries that use each field, and some combinations. */
const QUERIES: readonly RecordQuery[] = [
  {},
  { ids: ['3', '7', 'nobody'] },
  { users: ['user-1'] },
  { users: ['user-1', 'user-2', 'nobody'] },
  { threads: ['thread-1'] },
  { models: ['model-0', 'unknown'] },
  { models: ['m-failed'] },
  { tags: ['even'] },
  { events: ['LLM error', 'nothing'] },
  { about: ['3'] },
  { owners: ['3', '9'] },
  { kinds: ['event'] },
  { kinds: ['prompt'] },
  { kinds: [] },
  { errors: [true] },
  { errors: [false] },
  { errors: [true, false] },
  { properties: [{ name: 'environment', values: ['dev'] }] },
  { properties: [{ name: 'input_tokens', values: ['4', '5'] }] },
  { properties: [{ name: 'nested', values: ['{"a":1}'] }] },
  { terms: [{ text: 'p1' }] },
  { terms: [{ text: 'p1', isExcluded: true }] },
  { terms: [{ text: 'straße' }, { text: 'größe' }] },
  { terms: [{ text: 'größe der' }, { text: 'timeout', isExcluded: true }] },
  { terms: [{ text: 'timeout' }] },
  { terms: [{ text: '100 % zu_lang' }] },
  { since: { at: START + 5000 } },
  { until: { at: START + 5000 } },
  { since: { at: START + 5000 }, until: { at: START + 8000 }, users: ['user-0'] },
  { since: { agoMs: 1000 } },
  { until: { agoMs: 1000 } },
  { users: ['user-1'], models: ['model-1'], tags: ['all'], terms: [{ text: 'g' }] },
  { not: [] },
  { not: [{}] },
  { not: [{ users: ['user-1', 'cleo'] }] },
  { not: [{ users: ['user-1'], tags: ['even'] }, { kinds: ['event'] }] },
  { not: [{ properties: [{ name: 'environment', values: ['dev'] }] }] },
  { not: [{ terms: [{ text: 'p1' }] }, { owners: ['3'] }], users: ['user-0', 'cleo'] },
  { not: [{ not: [{ threads: ['thread-1'] }] }] },
  { not: [{ since: { at: START + 5000 }, until: { at: START + 8000 } }], kinds: ['prompt'] },
  { not: [{ since: { agoMs: 1000 } }] },
  { not: [{ kinds: [] }, { models: [] }] },
  { peopleWho: [] },
  { peopleWho: [{}] },
  { peopleWho: [{ ids: ['3'] }] },
  { peopleWho: [{ ids: ['3'] }], not: [{ ids: ['3'] }] },
  { peopleWho: [{ ids: ['3'] }, { ids: ['1'] }] },
  { peopleWho: [{ ids: ['3'] }, { ids: ['6'] }], kinds: ['prompt'], since: { at: START + 5000 } },
  { peopleWho: [{ events: ['LLM error'] }] },
  { peopleWho: [{ properties: [{ name: 'input_tokens', values: ['4'] }] }], terms: [{ text: 'p1' }] },
  { peopleWho: [{ users: ['anonymous'] }] },
  { not: [{ peopleWho: [{ ids: ['3'] }] }] },
  { peopleWho: [{ peopleWho: [{ ids: ['3'] }], tags: ['even'] }] },
  { peopleWho: [{ not: [{ users: ['user-0'] }], kinds: ['prompt'] }] },
];

/** Tests the records against a query, of which some ask for other records of their users. */
function matching(records: readonly StoredRecord[], query: RecordQuery): readonly StoredRecord[] {
  const now = Date.now();
  const usersOf = (who: RecordQuery): ReadonlySet<string> =>
    new Set(matching(records, who).map(({ userId }) => userId));
  return records.filter((record) => matches(query, record, now, { usersOf, feedbackOn: () => [] }));
}

async function openSeeded(engine: Engine): Promise<RecordStore> {
  const store = await useStore(engine);
  await store.put(Array.from({ length: 20 }, (_, id) => numbered(id, id / 10)));
  await store.put([
    { ...numbered(20), prompt: 'Größe der Straße?', properties: { nested: { a: 1 } } },
    event('failed', 'LLM error', { error_type: 'Timeout', model: 'm-failed' }),
    event('thumb', 'User feedback', { record_id: '3', score: 1 }),
    event('call', 'LLM call', { turn_id: '9' }),
    event('other thumb', 'User feedback', { record_id: '4', score: 0, comment: '100 % zu_lang' }),
    { ...event('nobody', 'Opened'), userId: 'anonymous' },
  ]);
  return store;
}

/** Computes the percentile by its definition, with a sorted list. */
function percentileOf(latencies: readonly number[], share: number): number | null {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null;
}

/**
 * The contract of every engine. Uses only the interface. To hold a new engine to it, call this with a way to open one, in
 * `contract.test.ts`.
 */
export function checkRecordStore(engine: Engine): void {
  checkQueryFields(engine);
  checkSuperseded(engine);
  checkChanges(engine);
  checkDocuments(engine);
  checkAges(engine);
  checkErasure(engine);
  checkContents(engine);
  checkFields(engine);
  checkNumbers(engine);
  checkPeople(engine);
  checkComparedPeople(engine);
  checkOddValues(engine);
  checkOrganizations(engine);
  checkMeasures(engine);
  checkAnswerFeedback(engine);
  checkSamples(engine);
  checkSummary(engine);
  checkTopics(engine);
  checkPersons(engine);
  checkDays(engine);

  test(`${engine.name}: what is put can be had by its id, as it was put and with its number`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([numbered(1, 2), event('e', 'Opened')]);
    const [first = 0, second = 0] = records.map(({ seq }) => seq);
    expect(records).toEqual([
      { ...numbered(1, 2), seq: first },
      { ...event('e', 'Opened'), seq: second },
    ]);
    expect(second).toBeGreaterThan(first);
    const found = await store.get(['e', 'nobody', '1']);
    expect([found.size, found.get('1'), found.get('e')]).toEqual([2, records[0], records[1]]);
    expect((await store.usage()).records).toBe(2);
  });

  test(`${engine.name}: a record that is put again replaces the first and keeps its place`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([numbered(1), numbered(2)]);
    await store.put([{ ...numbered(1), prompt: 'again' }]);
    expect(await exported(store)).toMatchObject([
      { id: '1', prompt: 'again', seq: records[0]?.seq },
      { id: '2' },
    ]);
    expect((await store.list({}, { limit: 10 })).total).toBe(2);
  });

  test(`${engine.name}: after everything was removed, numbers go on`, async () => {
    const store = await useStore(engine);
    const before = await store.put([numbered(1), numbered(2)]);
    expect((await store.remove({})).ids).toHaveLength(2);
    const { records } = await store.put([numbered(3)]);
    expect(records[0]?.seq).toBeGreaterThan(before.records[1]?.seq ?? Infinity);
    expect([(await store.usage()).bytes > 0, await idsOf(store)]).toEqual([true, ['3']]);
  });

  test.each(QUERIES.map((query) => [JSON.stringify(query), query] as const))(
    `${engine.name}: every answer to the query %s counts the records that it matches`,
    async (_name, query) => {
      const store = await openSeeded(engine);
      const all = await exported(store);
      const expected = matching(all, query);
      const ids = expected.map(({ id }) => id);
      expect(await idsOf(store, query)).toEqual(ids);
      expect(await exportedAsLines(store, query)).toEqual(expected);
      const page = await store.list(query, { limit: 100 });
      expect([page.records.map(({ id }) => id), page.total]).toEqual([ids.toReversed(), ids.length]);
      expect(page.next).toBeUndefined();
      const statistics = await store.statistics(query, 20);
      expect(statistics.records).toBe(ids.length);
      expect(statistics.errors).toBe(expected.filter(isError).length);
      const { users } = await store.users(query, 100);
      expect(users.map(({ userId }) => userId).toSorted()).toEqual(
        [...new Set(expected.map(({ userId }) => userId))].toSorted(),
      );
      const { threads } = await store.threads(query, 100);
      expect(threads.map(({ threadId }) => threadId).toSorted()).toEqual(
        [...new Set(expected.flatMap(({ threadId }) => threadId ?? []))].toSorted(),
      );
      expect((await store.remove(query)).ids.toSorted()).toEqual(ids.toSorted());
      expect(await idsOf(store)).toEqual(all.map(({ id }) => id).filter((id) => !ids.includes(id)));
    },
  );

  test.each([{}, { kinds: ['prompt'] }] as const)(
    `${engine.name}: the pages of the query %j hang together while records arrive`,
    async (query) => {
      const store = await useStore(engine);
      await store.put([0, 1, 2, 3, 4].map((id) => numbered(id)));
      const seen: string[] = [];
      let later = 100;
      let page = await store.list(query, { limit: 2 });
      for (;;) {
        seen.push(...page.records.map(({ id }) => id));
        if (page.next === undefined) break;
        await store.put([numbered(later++)]);
        page = await store.list(query, { limit: 2, before: page.next });
      }
      expect(seen).toEqual(['4', '3', '2', '1', '0']);
    },
  );

  test(`${engine.name}: pages in order of time hang together, whatever the order of arrival`, async () => {
    const store = await useStore(engine);
    const minutes = [3, 1, 2, 2, 5, 0, 2, 4];
    await store.put(minutes.map((minute, id) => ({ ...numbered(minute * 60), id: String(id) })));
    const expected = minutes
      .map((minute, id) => ({ minute, id }))
      .sort((a, b) => b.minute - a.minute || b.id - a.id)
      .map(({ id }) => String(id));
    for (const limit of [1, 2, 3, 20]) {
      const seen: string[] = [];
      let page = await store.list({}, { limit, order: 'time' });
      for (;;) {
        seen.push(...page.records.map(({ id }) => id));
        if (page.next === undefined) break;
        page = await store.list({}, { limit, order: 'time', before: page.next });
      }
      expect([seen, page.total]).toEqual([expected, minutes.length]);
    }
    const filtered = await store.list({ ids: ['0', '5', '4'] }, { limit: 9, order: 'time' });
    expect(filtered.records.map(({ id }) => id)).toEqual(['4', '0', '5']);
    await expect(store.list({}, { limit: 1, order: 'time', before: 'nonsense' })).rejects.toMatchObject({
      name: 'BadQueryError',
    });
  });

  test(`${engine.name}: a page brings the feedback on its records, whether or not the query matches it`, async () => {
    const store = await openSeeded(engine);
    const feedback = async (query: RecordQuery): Promise<string[]> =>
      (await store.list(query, { limit: 100 })).feedback.map(({ id }) => id);
    expect(await feedback({ ids: ['3'] })).toEqual(['thumb']);
    expect(await feedback({ ids: ['3', '4'] })).toEqual(['thumb', 'other thumb']);
    expect(await feedback({ ids: ['5'] })).toEqual([]);
  });

  test(`${engine.name}: cursors that this engine has not made are refused`, async () => {
    const store = await openSeeded(engine);
    const refused = { name: 'BadQueryError' };
    await expect(store.list({}, { limit: 1, before: 'nonsense' })).rejects.toMatchObject(refused);
    await expect(store.changes('nonsense', 1)).rejects.toMatchObject(refused);
  });

  test(`${engine.name}: lists of users and conversations are cut after the latest active, and say how many there are`, async () => {
    const store = await openSeeded(engine);
    const users = await store.users({ kinds: ['prompt'] }, 2);
    expect([users.users.map(({ userId }) => userId), users.total]).toEqual([['user-2', 'user-1'], 3]);
    const threads = await store.threads({}, 1);
    expect(threads).toMatchObject({ total: 3, threads: [{ threadId: 'thread-3', firstPrompt: 'p3' }] });
  });

  test(`${engine.name}: conversations are listed in each order, by the records that match`, async () => {
    const store = await useStore(engine);
    const at = (seconds: number) => ({ timestamp: new Date(START + seconds * 1000).toISOString() });
    const inThread = (id: number, threadId: string, seconds: number, tokens: number) =>
      store.put([{ ...numbered(id), threadId, ...at(seconds), properties: { input_tokens: tokens } }]);
    await inThread(1, 'long', 10, 1);
    await inThread(2, 'long', 20, 1);
    await inThread(3, 'long', 30, 1);
    await inThread(4, 'costly', 5, 500);
    await inThread(5, 'costly', 25, 500);
    await inThread(6, 'late', 40, 10);
    await store.put([{ ...event('failed', 'LLM error', { error_type: 'x' }), threadId: 'costly', ...at(6) }]);
    const order = async (name: ThreadOrder, query: RecordQuery = {}): Promise<string[]> =>
      (await store.threads(query, 100, name)).threads.map(({ threadId }) => threadId);
    expect(await order('latest')).toEqual(['late', 'long', 'costly']);
    expect(await order('earliest')).toEqual(['costly', 'long', 'late']);
    expect(await order('prompts')).toEqual(['long', 'costly', 'late']);
    expect(await order('tokens')).toEqual(['costly', 'late', 'long']);
    expect(await order('errors')).toEqual(['costly', 'late', 'long']);
    const fromTen = { since: { at: START + 10_000 }, until: { at: START + 25_000 } };
    expect(await order('earliest', fromTen)).toEqual(['long', 'costly']);
    expect(await order('prompts', fromTen)).toEqual(['long', 'costly']);
    expect(await order('errors', fromTen)).toEqual(['costly', 'long']);
    expect((await store.threads({}, 2, 'tokens')).total).toBe(3);
  });

  test(`${engine.name}: removing says which records there were, and leaves no hole that does harm`, async () => {
    const store = await useStore(engine);
    await store.put([1, 2, 3, 4].map((id) => numbered(id)));
    expect((await store.remove({ ids: ['2', 'nobody', '1'] })).ids.toSorted()).toEqual(['1', '2']);
    await store.put([numbered(5), { ...numbered(3), prompt: 'again' }]);
    expect(await idsOf(store)).toEqual(['3', '4', '5']);
    expect([await getOne(store, '2'), (await store.usage()).records]).toEqual([undefined, 3]);
  });

  test(`${engine.name}: an export of lines goes on while records are put and removed, and has each record once`, async () => {
    const store = await useStore(engine, { maxRecords: 10_000 });
    if (!store.exportLines) return;
    await store.put(Array.from({ length: 9000 }, (_, id) => numbered(id)));
    const seen: string[] = [];
    for await (const chunk of store.exportLines({})) {
      // At the first chunk, the rows before the last 3,000 become empty, and the table closes up.
      if (seen.length === 0)
        await store.remove({ ids: Array.from({ length: 6000 }, (_, id) => String(id)).slice(chunk.length) });
      if (seen.length === 0) await store.remove({ ids: ['0', ...recordsIn(chunk).map(({ id }) => id)] });
      seen.push(...recordsIn(chunk).map(({ id }) => id));
    }
    const last = Array.from({ length: 3000 }, (_, id) => String(6000 + id));
    expect([seen.slice(-3000), new Set(seen).size]).toEqual([last, seen.length]);
    expect(seen.length).toBeLessThan(9000);
  });

  test(`${engine.name}: an export goes on while records are put and removed, and yields each record once`, async () => {
    const store = await useStore(engine, { maxRecords: 10_000 });
    await store.put(Array.from({ length: 9000 }, (_, id) => numbered(id)));
    const seen: string[] = [];
    let [next, hasRemoved] = [9000, false];
    for await (const chunk of store.export({})) {
      seen.push(...chunk.map(({ id }) => id));
      if (next < 9500) await store.put([numbered(next++)]);
      if (!hasRemoved && seen.length > 6000)
        await store.remove({ ids: Array.from({ length: 6000 }, (_, id) => String(id)) });
      hasRemoved ||= seen.length > 6000;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, 9000)).toEqual(Array.from({ length: 9000 }, (_, id) => String(id)));
  });

  test(`${engine.name}: whatever is put, replaced, removed and evicted, records and names agree`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('put', 'put', 'put', 'remove', 'clear'), fc.nat(30)), {
          maxLength: 200,
        }),
        async (steps) => {
          const store = await engine.open({ maxRecords: 10 });
          const limit = engine.isBounded ? 10 : Infinity;
          let expected: string[] = [];
          for (const [step, number] of steps) {
            const id = String(number);
            if (step === 'clear' && number < 2) expected = [];
            if (step === 'clear' && number < 2) await store.remove({});
            if (step === 'remove') await store.remove({ ids: [id] });
            if (step === 'remove') expected = expected.filter((other) => other !== id);
            if (step === 'put') await store.put([numbered(number)]);
            if (step === 'put' && !expected.includes(id)) expected = [...expected, id].slice(-limit);
          }
          expect(await idsOf(store)).toEqual(expected);
          expect((await store.usage()).records).toBe(expected.length);
          for (const user of ['user-0', 'user-1', 'user-2']) {
            const ids = expected.filter((id) => `user-${Number(id) % 3}` === user);
            expect(await idsOf(store, { users: [user] })).toEqual(ids);
          }
          const users = new Set(expected.map((id) => `user-${Number(id) % 3}`));
          const found = (await store.users({}, 100)).users.map(({ userId }) => userId);
          expect(found.toSorted()).toEqual([...users].toSorted());
          await store.close();
        },
      ),
      { numRuns: engine.runs },
    );
  });

  test(`${engine.name}: statistics are what lists and comparisons give`, async () => {
    const latency = fc.option(fc.oneof(fc.double({ min: 0, max: 5000, noNaN: true }), fc.constant(0)), {
      nil: undefined,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(latency, { maxLength: 300 }), async (latencies) => {
        const store = await engine.open({ maxRecords: 200 });
        await store.put(latencies.map((value, id) => numbered(id, value)));
        const kept = await exported(store);
        const measured = kept.flatMap((one) => (one.kind === 'prompt' ? (one.latency ?? []) : []));
        const sums = await store.statistics({}, 20);
        expect(sums.prompts).toBe(kept.length);
        expect(sums.users).toBe(new Set(kept.map((one) => one.userId)).size);
        expect(sums.inputTokens).toBe(kept.reduce((sum, one) => sum + Number(one.id), 0));
        expect(sums.series.inputTokens.reduce((sum, value) => sum + value, 0)).toBe(sums.inputTokens);
        expect(sums.tags.find(({ name }) => name === 'all')?.count ?? 0).toBe(kept.length);
        for (const share of [0.5, 0.95] as const) {
          const expected = percentileOf(measured, share);
          const given = share === 0.5 ? sums.latency.p50 : sums.latency.p95;
          expect(given === null).toBe(expected === null);
          // Latencies that differ by less than 0.02 % count as equal.
          const toleranceS = (expected ?? 0) * 0.0002 + 1e-9;
          expect(Math.abs((given ?? 0) - (expected ?? 0))).toBeLessThanOrEqual(toleranceS);
        }
        const ofModel = kept.flatMap((one) =>
          one.kind === 'prompt' && one.assistantId === 'model-1' ? (one.latency ?? []) : [],
        );
        const model = sums.models.find(({ assistantId }) => assistantId === 'model-1');
        const expected = percentileOf(ofModel, 0.5) ?? 0;
        expect(Math.abs((model?.latency.p50 ?? 0) - expected)).toBeLessThanOrEqual(expected * 0.0002 + 1e-9);
        await store.close();
      }),
      { numRuns: Math.min(200, engine.runs) },
    );
  });

  test(`${engine.name}: calls of a turn and the turn do not count their tokens twice`, async () => {
    const store = await useStore(engine);
    const { prompt: _prompt, generation: _generation, ...fields } = numbered(1);
    const properties = { turn_id: '100', input_tokens: 60 };
    await store.put([numbered(100, 1), { ...fields, kind: 'event', event: 'LLM call', properties }]);
    expect(await store.statistics({}, 20)).toMatchObject({ prompts: 1, events: 1, inputTokens: 100 });
  });

  test(`${engine.name}: an empty store has empty answers`, async () => {
    const store = await useStore(engine);
    expect(await store.list({}, { limit: 10 })).toEqual({ records: [], total: 0, feedback: [] });
    expect([await store.users({}, 10), await store.threads({}, 10)]).toEqual([
      { users: [], total: 0 },
      { threads: [], total: 0 },
    ]);
    expect(await store.statistics({}, 10)).toMatchObject({
      records: 0,
      latency: { p50: null },
      series: { at: [] },
    });
    expect([await idsOf(store), (await store.remove({ users: ['nobody'] })).ids]).toEqual([[], []]);
  });
}
