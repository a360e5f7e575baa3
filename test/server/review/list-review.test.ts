import { expect, test } from 'vitest';
import { MemoryStore, type NewRecord, type RecordQuery } from '../../../src/server/index.js';
import { listReview, type ReviewList, type ReviewRequest } from '../../../src/server/review/list-review.js';
import { event, numbered, START } from '../engines/stored.js';

/** A store with twelve answers; thumbs are written as `answer user score`. */
async function useAnswers(thumbs: readonly string[] = []) {
  const store = new MemoryStore();
  await store.put(Array.from({ length: 12 }, (_, id) => numbered(id)));
  let count = 0;
  const rate = async (...given: readonly string[]): Promise<void> => {
    const events = given.map((text): NewRecord => {
      const [target = '', userId = '', score = ''] = text.split(' ');
      const value = score === 'null' ? null : Number(score);
      count += 1;
      return {
        ...event(`thumb ${count}`, 'Feedback', { record_id: target, score: value, feedback_type: 'thumbs' }),
        userId,
        timestamp: new Date(START + count * 1000).toISOString(),
      };
    });
    await store.put(events);
  };
  const evaluate = (target: string, name: string, score: number): Promise<unknown> =>
    store.put([event(`${name} of ${target}`, 'Evaluation', { record_id: target, name, score })]);
  const decide = (name: string, value: NewRecord['properties'][string]): Promise<unknown> =>
    store.documents.put({ kind: 'state', name, value });
  await rate(...thumbs);
  const list = (request: Partial<ReviewRequest> = {}, query: RecordQuery = {}): Promise<ReviewList> =>
    listReview(store, query, { thresholds: [], limit: 50, ...request });
  return { store, rate, evaluate, decide, list };
}

function idsIn({ items }: ReviewList): readonly string[] {
  return items.map(({ record }) => record.id);
}

test('answers with a bad thumb need a review, as long as it is the latest of its person', async () => {
  const { list, rate } = await useAnswers(['3 ada -1', '3 bob 1', '5 ada 1', '7 ada -1', '8 cleo -1']);
  const first = await list();
  expect(idsIn(first)).toEqual(['8', '7', '3']);
  expect(first.items[2]?.feedback.map(({ userId }) => userId)).toEqual(['ada', 'bob']);
  expect(first.states).toEqual({ 'needs-review': 3, 'needs-others': 0, done: 0 });
  expect(first.ratings).toEqual({ answers: 12, rated: 4, bad: 3, badShare: 0.75 });
  await rate('7 ada null', '8 cleo 1');
  const second = await list();
  expect(idsIn(second)).toEqual(['3']);
  await rate('3 ada -1');
  expect((await list()).items[0]?.feedback.map(({ userId }) => userId)).toEqual(['bob', 'ada']);
  expect(second.ratings).toEqual({ answers: 12, rated: 3, bad: 1, badShare: 1 / 3 });
});

test('evaluations below a threshold are beside the bad thumbs, and no others', async () => {
  const { list, evaluate } = await useAnswers(['3 ada -1']);
  await evaluate('4', 'faithful', 0.2);
  await evaluate('5', 'faithful', 0.5);
  await evaluate('6', 'stars', 2);
  expect(idsIn(await list())).toEqual(['3']);
  expect(idsIn(await list({ thresholds: [{ below: 0.5 }] }))).toEqual(['4', '3']);
  const named = [
    { below: 0.6, name: 'faithful' },
    { below: 3, name: 'stars' },
  ];
  expect(idsIn(await list({ thresholds: named }))).toEqual(['6', '5', '4', '3']);
});

test('what reviewers decide moves an answer from state to state, and keeps it in the list when the thumb is gone', async () => {
  const { list, decide, rate } = await useAnswers(['3 ada -1', '7 ada -1', '8 ada -1']);
  await decide('3', { state: 'done', note: 'Fixed.', rating: 'bad', userId: 'ada' });
  await decide('7', { state: 'needs-others', assignee: 'rita' });
  // Nobody complained about this one.
  await decide('9', { state: 'needs-review', assignee: 'rita' });
  await decide('gone', { state: 'done' });
  await decide('thread-1', { state: 'done', assignee: 'zoe', of: 'conversation' });
  await rate('3 ada 1');
  const all = await list();
  expect(idsIn(all)).toEqual(['9', '8', '7', '3']);
  expect([all.states, all.total, all.assignees]).toEqual([
    { 'needs-review': 2, 'needs-others': 1, done: 1 },
    4,
    ['rita'],
  ]);
  expect(all.items[3]?.review).toMatchObject({ state: 'done', note: 'Fixed.', rating: 'bad', userId: 'ada' });
  expect(all.items[1]?.review).toEqual({ state: 'needs-review', version: 0 });
  expect(idsIn(await list({ state: 'needs-review' }))).toEqual(['9', '8']);
  expect(idsIn(await list({ state: 'needs-others' }))).toEqual(['7']);
  expect(idsIn(await list({ state: 'done' }))).toEqual(['3']);
  expect(idsIn(await list({ assignee: 'rita' }))).toEqual(['9', '7']);
  expect(idsIn(await list({ assignee: 'rita', state: 'needs-others' }))).toEqual(['7']);
  const others = await list({ assignee: 'nobody', state: 'needs-others' });
  expect([idsIn(others), others.states]).toEqual([[], all.states]);
});

test('filters hold for the list, its states and the share of bad answers', async () => {
  const { list, decide } = await useAnswers(['3 ada -1', '4 ada -1', '6 ada 1', '7 ada -1']);
  await decide('3', { state: 'done' });
  const answer = await list({}, { users: ['user-0'] });
  expect(idsIn(answer)).toEqual(['3']);
  expect([answer.states, answer.ratings]).toEqual([
    { 'needs-review': 0, 'needs-others': 0, done: 1 },
    { answers: 4, rated: 2, bad: 1, badShare: 0.5 },
  ]);
  const excluded = await list({ state: 'needs-review' }, { not: [{ users: ['user-0'] }] });
  expect(idsIn(excluded)).toEqual(['7', '4']);
  expect(idsIn(await list({ state: 'needs-review' }, { not: [{ users: ['user-1'] }] }))).toEqual([]);
});

test('the pages of the list hang together, in order of arrival and of time', async () => {
  const { list, store } = await useAnswers(Array.from({ length: 12 }, (_, id) => `${id} ada -1`));
  // The first one arrives again: as the last, with the earliest time.
  await store.remove({ ids: ['0'] });
  await store.put([numbered(0)]);
  const [earliest, ...others] = Array.from({ length: 12 }, (_, id) => String(id));
  const expected = { arrival: [...others, earliest].toReversed(), time: [earliest, ...others].toReversed() };
  for (const order of ['arrival', 'time'] as const) {
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page: ReviewList = await list({ limit: 5, order, before, state: 'needs-review' });
      expect(page.total).toBe(12);
      seen.push(...idsIn(page));
      before = page.next;
    } while (before !== undefined);
    expect(seen).toEqual(expected[order]);
  }
});

test('a document that is no state counts as one that says nothing', async () => {
  const { list, decide } = await useAnswers();
  const odd = [null, 'done', ['done'], { state: 'later', rating: 5, note: 7, assignee: '' }];
  for (const [id, value] of odd.entries()) await decide(String(id), value);
  const { items, states, ratings } = await list();
  expect(ratings).toEqual({ answers: 12, rated: 0, bad: 0, badShare: null });
  expect(items.map(({ review }) => ({ ...review, version: 1 }))).toEqual(
    odd.map(() => ({ state: 'needs-review', version: 1 })),
  );
  expect(states).toEqual({ 'needs-review': 4, 'needs-others': 0, done: 0 });
});
