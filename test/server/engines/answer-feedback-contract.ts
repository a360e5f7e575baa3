import { expect, test } from 'vitest';
import type { NewRecord, RecordQuery, RecordStore, StoredRecord } from '../../../src/server/index.js';
import { countFeedback } from '../../../src/server/model/current-feedback.js';
import { matches } from '../../../src/server/query/match-query.js';
import { listReview } from '../../../src/server/review/list-review.js';
import type { Engine } from './engine.js';
import { randomNumbers } from './month.js';
import { event, exported, numbered, START, useStore } from './stored.js';

const QUERIES: readonly RecordQuery[] = [
  { ratings: ['bad'] },
  { ratings: ['good'] },
  { ratings: ['neutral', 'good'] },
  { ratings: [] },
  { ratings: ['bad'], users: ['user-1'] },
  { ratings: ['bad'], since: { at: START + 9000 }, terms: [{ text: 'p1' }] },
  { not: [{ ratings: ['good', 'bad', 'neutral'] }], kinds: ['prompt'] },
  { ratings: ['bad'], not: [{ ratings: ['good'] }] },
  { evaluations: [{ below: 0.5 }] },
  { evaluations: [{ below: 0.1 + 0.2 }] },
  { evaluations: [{ below: 0.5, name: 'faithful' }] },
  {
    evaluations: [
      { below: 0.3, name: 'faithful' },
      { below: 4, name: 'stars "x"' },
    ],
  },
  { evaluations: [] },
  { ratings: ['bad'], evaluations: [{ below: 0.5 }] },
  // What is to be reviewed: either of them, or one of these ids.
  { not: [{ not: [{ ratings: ['bad'] }, { evaluations: [{ below: 0.5 }] }, { ids: ['1'] }] }] },
  { not: [{ evaluations: [{ below: 0.5 }] }] },
  { peopleWho: [{ ratings: ['bad'] }], kinds: ['event'] },
];

/** Answers with thumbs, scores and comments of several people, in any order, repeated, replaced and cleared. */
function ratedAnswers(seed: number): readonly NewRecord[] {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const said: readonly (() => NewRecord['properties'])[] = [
    () => ({ score: pick([1, -1]), feedback_type: 'thumbs' }),
    () => ({ score: pick([0.5, 1, 0]) }),
    () => ({ score: null }),
    () => ({ cleared: true, score: 1 }),
    () => ({ comment: 'Hm.' }),
    () => ({ score: -1, source: 'reviewer' }),
    () => ({ name: pick(['faithful', 'stars "x"']), score: pick([0.3, 0.1, 0.5, 0.9, 3, 5]) }),
    () => ({ name: 'faithful', label: 'unknown' }),
  ];
  const feedback = Array.from({ length: 150 }, (_, i): NewRecord => {
    // Two of the targets are not stored, and one is no answer.
    const target = pick(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', 'gone', 'failed']);
    const at = new Date(START + Math.floor(random() * 20) * 60_000).toISOString();
    const odd = random() < 0.1 ? '1970-01-01T00:00:00.000Z' : at;
    return {
      ...event(`f${i}`, 'Feedback', { record_id: target, ...pick(said)() }),
      userId: pick(['ada', 'bob', 'user-1']),
      timestamp: odd,
      receivedAt: at,
    };
  });
  return [
    ...Array.from({ length: 14 }, (_, id) => numbered(id)),
    event('failed', 'LLM error', { error_type: 'Timeout' }),
    ...feedback,
  ];
}

/** Returns the ids of records that match, by a plain look at all of the others. */
function matching(all: readonly StoredRecord[], query: RecordQuery): readonly string[] {
  const feedbackOn = ({ id }: StoredRecord): readonly StoredRecord[] =>
    countFeedback(all.filter(({ properties }) => properties['record_id'] === id)).current;
  const usersOf = (who: RecordQuery): ReadonlySet<string> =>
    new Set(all.filter((one) => matches(who, one, 0, others)).map(({ userId }) => userId));
  const others = { usersOf, feedbackOn };
  return all.filter((one) => matches(query, one, 0, others)).map(({ id }) => id);
}

/** Holds an engine to what counts as rated and as evaluated below a score (docs/numbers.md, "Current ratings"). */
export function checkAnswerFeedback(engine: Engine): void {
  checkWorkList(engine);

  test(`${engine.name}: queries for ratings and evaluations find the answers that the latest ones are on`, async () => {
    const store = await useStore(engine);
    for (const half of halves(ratedAnswers(3))) await store.put(half);
    const all = await exported(store);
    for (const query of QUERIES)
      expect([query, await listed(store, query)]).toEqual([query, matching(all, query)]);
    const { total } = await store.measure({}, { measures: ['rated', 'bad'] });
    expect(total.values).toEqual([
      matching(all, { ratings: ['good', 'bad', 'neutral'] }).length,
      matching(all, { ratings: ['bad'] }).length,
    ]);
  });

  test(`${engine.name}: an answer is found by its ratings until they are cleared or removed`, async () => {
    const store = await useStore(engine);
    const thumb = (id: string, minutes: number, score: number | null): NewRecord => ({
      ...event(id, 'Feedback', { record_id: '1', score }),
      timestamp: new Date(START + minutes * 60_000).toISOString(),
    });
    const bad = (): Promise<readonly string[]> => listed(store, { ratings: ['bad'] });
    await store.put([numbered(1), numbered(2), thumb('a', 1, -1)]);
    expect(await bad()).toEqual(['1']);
    await store.put([thumb('b', 2, null)]);
    expect(await bad()).toEqual([]);
    await store.remove({ ids: ['b'] });
    expect(await bad()).toEqual(['1']);
    await store.put([{ ...numbered(1), prompt: 'again' }]);
    expect(await bad()).toEqual(['1']);
    await store.put([{ ...thumb('a', 1, 1) }]);
    expect(await bad()).toEqual([]);
    expect(await listed(store, { ratings: ['good'] })).toEqual(['1']);
    await store.remove({ ids: ['1'] });
    expect(await listed(store, { ratings: ['good'] })).toEqual([]);
  });
}

/** The work list of reviewers asks the engine for all of this at once. */
function checkWorkList(engine: Engine): void {
  test(`${engine.name}: the work list has its states, pages and shares`, async () => {
    const store = await useStore(engine);
    const about = (id: string, target: string, properties: NewRecord['properties']): NewRecord =>
      event(id, 'Feedback', { record_id: target, ...properties });
    await store.put([
      ...[1, 2, 3, 4, 5, 6].map((id) => numbered(id)),
      about('t1', '1', { score: -1 }),
      about('t2', '2', { score: 1 }),
      about('t3', '3', { score: -1 }),
      about('e4', '4', { name: 'faithful', score: 0.2 }),
    ]);
    for (const [name, value] of [
      ['3', { state: 'done' }],
      ['5', { state: 'needs-others', assignee: 'rita' }],
      ['gone', { state: 'done' }],
    ] as const)
      await store.documents.put({ kind: 'state', name, value });
    const request = { thresholds: [{ below: 0.5 }], limit: 1 } as const;
    const first = await listReview(store, {}, { ...request, state: 'needs-review' });
    expect(first).toMatchObject({
      items: [{ record: { id: '4' }, feedback: [{ id: 'e4' }], review: { state: 'needs-review' } }],
      total: 2,
      states: { 'needs-review': 2, 'needs-others': 1, done: 1 },
      assignees: ['rita'],
      ratings: { answers: 6, rated: 3, bad: 2, badShare: 2 / 3 },
    });
    const second = await listReview(store, {}, { ...request, state: 'needs-review', before: first.next });
    expect([second.items.map(({ record }) => record.id), second.next]).toEqual([['1'], undefined]);
    const all = await listReview(store, { not: [{ users: ['user-1'] }] }, { ...request, limit: 9 });
    expect(all.items.map(({ record }) => record.id)).toEqual(['5', '3']);
    const hers = await listReview(store, {}, { ...request, assignee: 'rita' });
    expect(hers.items.map(({ record }) => record.id)).toEqual(['5']);
  });
}

async function listed(store: RecordStore, query: RecordQuery): Promise<readonly string[]> {
  const { records, total } = await store.list(query, { limit: 1000 });
  expect(total).toBe(records.length);
  return records.map(({ id }) => id).toReversed();
}

function halves<T>(list: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.floor(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}
