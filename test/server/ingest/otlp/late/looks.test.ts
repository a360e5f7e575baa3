import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Looks } from '../../../../../src/server/ingest/otlp/late/looks.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  onTestFinished(() => void vi.useRealTimers());
});

/** Looks whose calls are noted, with the second of each. */
function noted(look: (due: readonly string[]) => Promise<void>) {
  const calls: [number, readonly string[]][] = [];
  const looks = new Looks((due) => {
    if (due.length > 0) calls.push([Date.now() / 1000, due]);
    return look(due);
  }, Date.now);
  return { looks, calls };
}

test('keys are looked at again at growing intervals, then the timer ends', async () => {
  const { looks, calls } = noted(() => Promise.resolve());
  looks.add(['a', 'b']);
  looks.add(['a']);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000_000);
  expect(calls).toEqual([5, 35, 215, 1115].map((at) => [at, ['b', 'a']]));
  expect(vi.getTimerCount()).toBe(0);
  looks.add(['c']);
  expect(vi.getTimerCount()).toBe(1);
  await looks.close();
});

test('keys of a look that failed begin again, also after the last one', async () => {
  let isDown = false;
  const { looks, calls } = noted(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve()));
  looks.add(['a']);
  await vi.advanceTimersByTimeAsync(1_110_000);
  isDown = true;
  await vi.advanceTimersByTimeAsync(11_000);
  isDown = false;
  await vi.advanceTimersByTimeAsync(2_000_000);
  expect(calls.map(([at]) => at)).toEqual([5, 35, 215, 1115, 1120, 1125, 1155, 1335, 2235]);
  expect(vi.getTimerCount()).toBe(0);
});

test('one look follows the other, what comes meanwhile is looked at, and closing waits and ends them', async () => {
  const ends: (() => void)[] = [];
  const { looks, calls } = noted((due) =>
    due.length === 0 ? Promise.resolve() : new Promise((resolve) => ends.push(resolve)),
  );
  looks.add(['a']);
  await vi.advanceTimersByTimeAsync(5_000);
  looks.add(['b']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toEqual([[5, ['a']]]);
  ends.shift()?.();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls.at(-1)).toEqual([66, ['a', 'b']]);
  let isClosed = false;
  const closed = looks.close().then(() => (isClosed = true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isClosed).toBe(false);
  ends.shift()?.();
  await closed;
  looks.add(['c']);
  expect([vi.getTimerCount(), calls.length]).toEqual([0, 2]);
});

test('a timer that waits is ended by closing', async () => {
  const { looks, calls } = noted(() => Promise.resolve());
  looks.add(['a']);
  await looks.close();
  await vi.advanceTimersByTimeAsync(5_000);
  expect([vi.getTimerCount(), calls]).toEqual([0, []]);
});
