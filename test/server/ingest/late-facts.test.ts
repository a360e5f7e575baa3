import { expect, test, vi } from 'vitest';
import { MemoryStore } from '../../../src/server/index.js';
import { LateFacts } from '../../../src/server/ingest/otlp/late/late-facts.js';
import { CheckTimes } from '../../../src/server/ingest/otlp/late/check-times.js';
import { checkLateFacts } from './late-facts-scenarios.js';

checkLateFacts('memory', () => {
  const store = new MemoryStore();
  return Promise.resolve(() => Promise.resolve(store));
});

test('a key is due after five seconds, and later at growing intervals, then forgotten', () => {
  const times = new CheckTimes();
  times.add('a', 0);
  const due: number[] = [];
  for (let second = 0; second < 3600; second += 1)
    if (times.takeDue(second * 1000).length > 0) due.push(second);
  expect([due, times.size]).toEqual([[5, 35, 215, 1115], 0]);
});

test('a key that comes again begins again, and of too many the oldest is forgotten', () => {
  const times = new CheckTimes();
  for (let index = 0; index <= 20_000; index += 1) times.add(String(index), 0);
  times.add('1', 4000);
  expect(times.size).toBe(20_000);
  const due = times.takeDue(5000);
  expect([due.length, due.includes('0'), due.includes('1'), due.includes('20000')]).toEqual([
    19_999,
    false,
    false,
    true,
  ]);
  expect(times.takeDue(9000)).toEqual(['1']);
});

test('nothing is asked of the store without facts, and of an engine that cannot look nothing at all', async () => {
  const recentInTraces = vi.fn<() => Promise<readonly string[]>>(() => Promise.resolve(['t-s']));
  const revise = vi.fn<() => Promise<number>>(() => Promise.resolve(1));
  const traces = { knows: () => false, spansAbove: () => [], nestingBelow: () => ({ agents: [] }) };
  const none = {
    factTraces: new Set<string>(),
    callTraces: new Set<string>(),
    evaluations: [],
    optedOut: [],
  };
  const late = new LateFacts({ store: { recentInTraces }, traces, revise });
  await late.take(none);
  await late.check();
  expect(recentInTraces).not.toHaveBeenCalled();
  await late.take({ ...none, factTraces: new Set(['t']) });
  expect([revise.mock.calls.length, late.completed]).toEqual([1, 1]);
  late.close();
  const blind = new LateFacts({ store: {}, traces, revise });
  await blind.take({ ...none, factTraces: new Set(['t']), evaluations: ['evaluation:1'] });
  expect(revise).toHaveBeenCalledTimes(1);
});

test('a failed look lets the request fail, and is repeated later', async () => {
  const recentInTraces = vi.fn<() => Promise<readonly string[]>>(() => Promise.reject(new Error('down')));
  const late = new LateFacts({
    store: { recentInTraces },
    traces: { knows: () => false, spansAbove: () => [], nestingBelow: () => ({ agents: [] }) },
    revise: () => Promise.resolve(0),
    now: () => 0,
  });
  const facts = { factTraces: new Set(['t']), callTraces: new Set<string>(), evaluations: [], optedOut: [] };
  await expect(late.take(facts)).rejects.toThrow('down');
  late.close();
});
