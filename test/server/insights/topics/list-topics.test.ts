import { expect, test } from 'vitest';
import { changeScore } from '../../../../src/server/insights/compare/change-score.js';
import { listTopics, type KnownTopic } from '../../../../src/server/insights/topics/list-topics.js';
import type { RequestSample, SampledRequest } from '../../../../src/server/model/request-sample.js';

type Fields = Partial<Pick<SampledRequest, 'userId' | 'threadId'>>;

/** Requests with one text, each of a person of its own unless `fields` tells who asks. */
function requests(
  count: number,
  text: string,
  fields: (at: number) => Fields = () => ({}),
): SampledRequest[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `${text} ${at}`,
    userId: `${text} ${at}`,
    text,
    isError: false,
    cost: 0,
    pricedCalls: 0,
    unpricedCalls: 0,
    ...fields(at),
  }));
}

const sampleOf = (...parts: readonly SampledRequest[][]): RequestSample => ({
  requests: parts.flat(),
  total: 1000,
});

const known = (id: string, ...terms: string[]): KnownTopic => ({
  id,
  name: `my ${id}`,
  terms,
  isFound: false,
});

const REFUNDS = requests(12, 'refund order');
const LOGINS = requests(15, 'login password');

test('topics that are found have names of their terms, most conversations first, and all numbers of the sample', async () => {
  const sample = sampleOf(REFUNDS, LOGINS, requests(2, 'hello'), requests(1, '  '));
  const { list, added } = await listTopics(sample, undefined, [known('empty', 'nothing')]);
  expect(list.topics.map(({ id, name, terms, conversations }) => [id, name, terms, conversations])).toEqual([
    ['login, password', 'login, password', ['login', 'password'], 15],
    ['order, refund', 'order, refund', ['order', 'refund'], 12],
  ]);
  expect(list.topics.map(({ share, before, score }) => [share, before, score])).toEqual([
    [15 / 29, null, null],
    [12 / 29, null, null],
  ]);
  expect(list.other).toMatchObject({ requests: 2, share: 2 / 29 });
  expect(list).toMatchObject({ sampled: 30, withoutText: 1, total: 1000, before: null });
  expect(added.map(({ id, isFound }) => [id, isFound])).toEqual([
    ['login, password', true],
    ['order, refund', true],
  ]);
});

test('a name has three terms, however many the topic has', async () => {
  const { list } = await listTopics(
    sampleOf(requests(12, 'download invoice number vat'), LOGINS),
    undefined,
    [],
  );
  expect(list.topics[1]).toMatchObject({
    name: 'download, invoice, number',
    terms: ['download', 'invoice', 'number', 'vat'],
  });
});

test('what is found is not added if a topic that is known has its requests, or its id', async () => {
  const sample = sampleOf(requests(4, 'refund order gift'), REFUNDS.slice(4), LOGINS);
  const gifts = known('gifts', 'gift');
  const same = known('login, password', 'word that nobody has');
  const { list, added } = await listTopics(sample, undefined, [gifts, same]);
  expect(list.topics.map(({ id, name }) => [id, name])).toEqual([['gifts', 'my gifts']]);
  expect([added, list.other.requests]).toEqual([[], 23]);
});

test('a topic of fewer than three conversations is neither listed nor kept, and its requests are others', async () => {
  const inTwo = (at: number) => ({ threadId: `t${at % 2}` });
  const rare = requests(8, 'project moonbeam', inTwo);
  const known2 = known('few', 'vat');
  const { list, added } = await listTopics(
    sampleOf(REFUNDS, LOGINS, rare, requests(9, 'vat', inTwo)),
    undefined,
    [known2],
  );
  expect(list.topics.map(({ id }) => id)).toEqual(['login, password', 'order, refund']);
  expect(added.map(({ id }) => id).toSorted()).toEqual(['login, password', 'order, refund']);
  expect(list.other).toMatchObject({ requests: 17, conversations: 2 });
});

test('a person who repeats a text, and one conversation, make no topic alone', async () => {
  const repeated = requests(30, 'project moonbeam', () => ({ userId: 'ada' }));
  const { list } = await listTopics(sampleOf(REFUNDS, LOGINS, repeated), undefined, []);
  expect(list.topics.map(({ id }) => id)).not.toContain('moonbeam, project');
  expect(list.other.requests).toBe(30);
});

test('five texts of a conversation are learned from', async () => {
  const inThree = requests(30, 'refund order', (at) => ({ threadId: `t${at % 3}` }));
  const found = async (others: number): Promise<number> => {
    const { list } = await listTopics(sampleOf(inThree, requests(others, 'login password')), undefined, []);
    return list.topics.length;
  };
  // With 15 of the conversations, that is fewer than 20, and 20.
  expect([await found(4), await found(5)]).toEqual([0, 1]);
});

test('topics of the same size are in the order of their ids', async () => {
  const parts = ['zebra stripes', 'apple juice'].map((text) => requests(12, text));
  const { list } = await listTopics(sampleOf(...parts), undefined, []);
  expect(list.topics.map(({ id }) => id)).toEqual(['apple, juice', 'stripes, zebra']);
});

test('topics are compared with the period before, which has its own requests and its own size', async () => {
  const before = { ...sampleOf(requests(6, 'refund of my order'), requests(34, 'hello')), total: 77 };
  const { list } = await listTopics(sampleOf(REFUNDS, LOGINS), before, []);
  expect(list.before).toEqual({ sampled: 40, total: 77 });
  const [logins, refunds] = list.topics;
  expect(refunds?.before).toMatchObject({ requests: 6, conversations: 6, share: 6 / 40 });
  expect(logins?.before).toMatchObject({ requests: 0, share: 0 });
  expect(refunds?.score).toBeCloseTo(changeScore(12, 27, 6, 40), 10);
  expect(logins?.score).toBeCloseTo(changeScore(15, 27, 0, 40), 10);
});

test('a topic without terms has the requests with its ids, in both periods', async () => {
  const own = {
    id: 'own',
    name: 'Own',
    terms: undefined,
    isFound: false,
    ids: new Set(['a 0', 'a 1', 'a 2', 'b 1']),
  };
  const { list } = await listTopics(sampleOf(requests(6, 'a')), sampleOf(requests(2, 'b')), [own]);
  expect(list.topics).toMatchObject([
    { id: 'own', terms: [], requests: 3, examples: [{ id: 'a 0', text: 'a' }], before: { requests: 1 } },
  ]);
});

test('the examples of a topic are texts of it alone, as long as there are any', async () => {
  const both = requests(4, 'refund order login password');
  const { list } = await listTopics(sampleOf(both, REFUNDS, LOGINS), undefined, []);
  expect(list.topics.map(({ name, examples }) => [name, examples.map(({ text }) => text)])).toEqual([
    ['login, password', ['login password', 'refund order login password']],
    ['order, refund', ['refund order', 'refund order login password']],
  ]);
});
