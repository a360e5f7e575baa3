import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StoredRecord } from '../../../../../src/server/index.js';
import type { LateFact } from '../../../../../src/server/ingest/complete-record.js';
import { factsAbout } from '../../../../../src/server/ingest/otlp/late/facts-about.js';
import { LateFacts, type NewFacts } from '../../../../../src/server/ingest/otlp/late/late-facts.js';
import { makeSpan } from '../../../../support/span.js';
import { numbered } from '../../../engines/stored.js';

const NOTHING: NewFacts = { factTraces: new Set(), callTraces: new Set(), evaluations: [], optedOut: [] };
const MINUTE = 60_000;

const onOptedOut = (): Promise<void> => Promise.resolve();

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

function stored(id: string, properties: StoredRecord['properties'] = {}): StoredRecord {
  return { ...numbered(1), id, properties, seq: 1 };
}

/** Spans above any record, the nearest first, by the user that each names. */
function tracesWith(users: readonly string[], known: readonly string[] = []) {
  return {
    ownsRecord: (id: string) => known.includes(id),
    spansAbove: () => users.map((user) => makeSpan({ attributes: { 'user.id': user } })),
    nestingBelow: () => ({ agents: [] }),
  };
}

/** Late facts over a store in which `found` are the records of any trace. `revised` has the ids of each revision. */
function lateFacts(found: readonly string[], traces = tracesWith(['ada'])) {
  const looks: (readonly string[])[] = [];
  const revised: (readonly string[])[] = [];
  const facts: (LateFact | undefined)[] = [];
  const withdrawn: (readonly string[])[] = [];
  const record = (id: string): StoredRecord => stored(id, { trace_id: 't', parent_span_id: 'p' });
  const late = new LateFacts({
    store: {
      recentInTraces: (traceIds) => {
        looks.push(traceIds);
        return Promise.resolve(found);
      },
    },
    traces,
    revise: (ids, factsOf) => {
      revised.push(ids);
      facts.push(...ids.map((id) => factsOf(record(id))));
      return Promise.resolve(ids.length);
    },
    onOptedOut: (ids) => Promise.resolve(void withdrawn.push(ids)),
  });
  return { late, looks, revised, facts, withdrawn };
}

const about = (...traceIds: readonly string[]): NewFacts => ({ ...NOTHING, factTraces: new Set(traceIds) });

test('records of spans that are known here are left to the join memory, whatever asks for them', async () => {
  const { late, revised } = lateFacts(['t-here', 't-there'], tracesWith(['ada'], ['t-here', 't-gone']));
  await late.take({ ...about('t'), optedOut: ['t-gone', 't-other'] });
  expect(revised).toEqual([['t-there', 't-other']]);
  const { late: idle, revised: none } = lateFacts(['t-here'], tracesWith(['ada'], ['t-here']));
  await idle.take(about('t'));
  expect(none).toEqual([]);
});

test('a record is revised once, even if its trace was found and it has opted out', async () => {
  const { late, looks, revised, facts } = lateFacts(['t-a', 't-b', 't-a']);
  await late.take({ ...about('t'), optedOut: ['t-b'], evaluations: ['evaluation:1'] });
  expect([looks, revised]).toEqual([[['t']], [['t-a', 't-b', 'evaluation:1']]]);
  expect(facts.map((fact) => fact?.isOptedOut)).toEqual([false, true, false]);
  expect(late.completed).toBe(3);
  await late.take({ ...NOTHING, optedOut: ['t-c'] });
  expect([looks.length, revised.at(-1), late.completed]).toEqual([1, ['t-c'], 4]);
});

test('of records that are removed because they are opted out, the parts that wait are reported', async () => {
  const { late, withdrawn } = lateFacts(['t-a', 't-b']);
  await late.take(about('t'));
  expect(withdrawn).toEqual([]);
  await late.take({ ...about('t'), optedOut: ['t-b', 't-c'] });
  expect(withdrawn).toEqual([['t-b', 't-c']]);
  await late.close();
});

test('traces of calls are looked up in the first quarter of an hour alone, those of facts always', async () => {
  const { late, looks } = lateFacts([]);
  const both = { ...about('facts'), callTraces: new Set(['calls']) };
  await late.take(both);
  vi.setSystemTime(15 * MINUTE - 1);
  await late.take(both);
  vi.setSystemTime(15 * MINUTE);
  await late.take(both);
  expect(looks).toEqual([['facts', 'calls'], ['facts', 'calls'], ['facts']]);
  await late.close();
});

test('a request without facts leaves no timer', async () => {
  const { late } = lateFacts([]);
  await late.take(NOTHING);
  expect(vi.getTimerCount()).toBe(0);
});

test('the store is looked at again after 5, 30, 180 and 900 seconds, then no more', async () => {
  const { late, looks } = lateFacts([]);
  await late.take(about('t'));
  const seconds: number[] = [];
  for (let second = 1; second <= 1200; second += 1) {
    const before = looks.length;
    await vi.advanceTimersByTimeAsync(1000);
    if (looks.length > before) seconds.push(second);
  }
  expect(seconds).toEqual([5, 35, 215, 1115]);
  expect(vi.getTimerCount()).toBe(0);
  await late.take(about('u'));
  await late.take(about('v'));
  expect(vi.getTimerCount()).toBe(1);
  await late.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('evaluations and opt-outs are looked up again as well, and a look that fails is no end', async () => {
  const { late, revised } = lateFacts([]);
  await late.take({ ...NOTHING, evaluations: ['evaluation:1'], optedOut: ['t-a'] });
  await vi.advanceTimersByTimeAsync(5000);
  expect(revised).toEqual([
    ['t-a', 'evaluation:1'],
    ['t-a', 'evaluation:1'],
  ]);
  await late.close();
  const recentInTraces = vi.fn<() => Promise<readonly string[]>>();
  recentInTraces.mockResolvedValueOnce([]).mockRejectedValueOnce(new Error('down')).mockResolvedValue([]);
  const failing = new LateFacts({
    store: { recentInTraces },
    traces: tracesWith([]),
    revise: () => Promise.resolve(0),
    onOptedOut,
  });
  await failing.take(about('t'));
  await vi.advanceTimersByTimeAsync(35_000);
  expect(recentInTraces).toHaveBeenCalledTimes(3);
  await failing.close();
});

test('a record that got facts before is told which, so that nearer ones replace them', async () => {
  const users = ['farther'];
  const { late, facts } = lateFacts(['t-a'], tracesWith(users));
  await late.take(about('t'));
  users.unshift('nearer');
  await late.take(about('t'));
  expect(facts).toMatchObject([
    { userId: 'farther', earlier: undefined },
    { userId: 'nearer', earlier: { userId: 'farther' } },
  ]);
  await late.close();
});

test('what records got is remembered for the latest twenty thousand', async () => {
  const found = Array.from({ length: 20_000 }, (_, at) => `t-${at}`);
  const { late, facts } = lateFacts(found);
  const takeFor = async (...ids: readonly string[]): Promise<unknown[]> => {
    found.splice(0, found.length, ...ids);
    facts.length = 0;
    await late.take(about('t'));
    return facts.map((fact) => fact?.earlier?.userId);
  };
  await late.take(about('t'));
  expect(await takeFor('t-0', 'new')).toEqual(['ada', undefined]);
  expect(await takeFor('t-0', 'new', 't-2', 't-1')).toEqual(['ada', 'ada', 'ada', undefined]);
  await late.close();
});

test('facts about a record need its trace, its parent, and a span that is known', () => {
  const spans = tracesWith(['near', 'far']);
  const asked: unknown[] = [];
  const traces = {
    spansAbove: (...ids: [string, string]) => {
      asked.push(ids);
      return ids[1] === 'p' ? spans.spansAbove() : [];
    },
    nestingBelow: (traceId: string, parentId: string) => ({ whole: `${traceId}-${parentId}`, agents: ['a'] }),
  };
  expect(factsAbout(stored('1', { trace_id: 't', parent_span_id: 'p' }), traces)).toEqual({
    userId: 'near',
    isOptedOut: false,
    whole: 't-p',
    agents: ['a'],
  });
  for (const properties of [{ trace_id: 't' }, { parent_span_id: 'p' }, {}])
    expect(factsAbout(stored('1', properties), traces)).toBeUndefined();
  expect(factsAbout(stored('1', { trace_id: 't', parent_span_id: 'q' }), traces)).toBeUndefined();
  expect(asked).toEqual([
    ['t', 'p'],
    ['t', 'q'],
  ]);
});

test('the user of the nearest span and the thread of one farther away complete each other', () => {
  const traces = {
    spansAbove: () => [
      makeSpan({ attributes: { 'user.id': 'near' } }),
      makeSpan({ attributes: { 'user.id': 'far', 'session.id': 's' } }),
    ],
    nestingBelow: () => ({ agents: [] }),
  };
  expect(factsAbout(stored('1', { trace_id: 't', parent_span_id: 'p' }), traces)).toMatchObject({
    userId: 'near',
    threadId: 's',
  });
});

test.each([
  [{ 'trubrics.record': false }, {}],
  [{}, { 'trubrics.record': false }],
])('a span above that opted out takes the record with it, near or far', (near, far) => {
  const traces = {
    spansAbove: () => [makeSpan({ attributes: near }), makeSpan({ attributes: far })],
    nestingBelow: () => ({ agents: [] }),
  };
  expect(factsAbout(stored('1', { trace_id: 't', parent_span_id: 'p' }), traces)?.isOptedOut).toBe(true);
});

test('nothing is asked of the store without facts, and of an engine that cannot look nothing at all', async () => {
  const recentInTraces = vi.fn<() => Promise<readonly string[]>>(() => Promise.resolve(['t-s']));
  const revise = vi.fn<() => Promise<number>>(() => Promise.resolve(1));
  const traces = { ownsRecord: () => false, spansAbove: () => [], nestingBelow: () => ({ agents: [] }) };
  const none = {
    factTraces: new Set<string>(),
    callTraces: new Set<string>(),
    evaluations: [],
    optedOut: [],
  };
  const late = new LateFacts({ store: { recentInTraces }, traces, revise, onOptedOut });
  await late.take(none);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(recentInTraces).not.toHaveBeenCalled();
  await late.take({ ...none, factTraces: new Set(['t']) });
  expect([revise.mock.calls.length, late.completed]).toEqual([1, 1]);
  await late.close();
  const blind = new LateFacts({ store: {}, traces, revise, onOptedOut });
  await blind.take({ ...none, factTraces: new Set(['t']), evaluations: ['evaluation:1'] });
  expect(revise).toHaveBeenCalledTimes(1);
});

test('a failed look lets the request fail, and is repeated later', async () => {
  const recentInTraces = vi.fn<() => Promise<readonly string[]>>(() => Promise.reject(new Error('down')));
  const late = new LateFacts({
    store: { recentInTraces },
    traces: { ownsRecord: () => false, spansAbove: () => [], nestingBelow: () => ({ agents: [] }) },
    revise: () => Promise.resolve(0),
    onOptedOut,
    now: () => 0,
  });
  const facts = { factTraces: new Set(['t']), callTraces: new Set<string>(), evaluations: [], optedOut: [] };
  await expect(late.take(facts)).rejects.toThrow('down');
  await late.close();
});
