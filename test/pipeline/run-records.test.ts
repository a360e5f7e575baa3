import { beforeEach, expect, test, vi } from 'vitest';
import { giveUp, linkRuns, recordOfRun, whenRecorded } from '../../src/pipeline/run-records.js';

beforeEach(() => {
  const runRecords = Symbol.for('opentelemetry-exporter-trubrics.run-records.2');
  (globalThis as Record<symbol, unknown>)[runRecords] = undefined;
});

const feedback = () => vi.fn<(recordId: string | undefined) => void>();

test('a run leads to its latest record', () => {
  linkRuns(['model', 'chain'], 'a');
  linkRuns(['chain'], 'b');
  expect(['model', 'chain', 'other'].map(recordOfRun)).toEqual(['a', 'b', undefined]);
});

test('ten thousand runs are remembered, and the one that was not linked for the longest time is forgotten', () => {
  for (let index = 0; index < 10_000; index += 1) linkRuns([`run-${index}`], 'a');
  expect(recordOfRun('run-0')).toBe('a');
  linkRuns(['run-0'], 'b');
  linkRuns(['one more'], 'c');
  expect(['run-0', 'run-1', 'run-2', 'one more'].map(recordOfRun)).toEqual(['b', undefined, 'a', 'c']);
});

test('feedback gets the record of its run once, and no other record', () => {
  const [one, other] = [feedback(), feedback()];
  whenRecorded('run', one);
  whenRecorded('other', other);
  linkRuns(['run'], 'a');
  linkRuns(['run'], 'b');
  giveUp(one);
  expect(one.mock.calls).toEqual([['a']]);
  expect(other).not.toHaveBeenCalled();
});

test('feedback that is given up gets no record, once', () => {
  const waiting = feedback();
  whenRecorded('run', waiting);
  giveUp(waiting);
  giveUp(waiting);
  linkRuns(['run'], 'a');
  expect(waiting.mock.calls).toEqual([[undefined]]);
});

test('of more than a thousand that wait, the oldest feedback is given up', () => {
  const all = Array.from({ length: 1_001 }, feedback);
  for (const one of all.slice(0, 1_000)) whenRecorded('run', one);
  expect(all[0]).not.toHaveBeenCalled();
  for (const one of all.slice(1_000)) whenRecorded('run', one);
  expect(all.filter((one) => one.mock.calls.length > 0)).toEqual([all[0]]);
  expect(all[0]?.mock.calls).toEqual([[undefined]]);
});
