import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InsertQueue } from '../../../../../src/server/engines/clickhouse/writes/insert-queue.js';
import { eventually } from '../../../../support/eventually.js';

function queueOf(write: (items: readonly number[]) => Promise<string>, maxItems = 3, maxWaitMs = 200) {
  return new InsertQueue<number, string>({ write, maxItems, maxWaitMs });
}

test('what callers add within the waiting time is written together, and each gets the result', async () => {
  vi.useFakeTimers();
  try {
    const write = vi.fn<(items: readonly number[]) => Promise<string>>(async (items) => items.join());
    const queue = queueOf(write, 100);
    const results = Promise.all([queue.add([1]), queue.add([2, 3])]);
    await vi.advanceTimersByTimeAsync(199);
    expect(write).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await results).toEqual(['1,2,3', '1,2,3']);
    expect(write).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test('a full batch is written at once, and what is added meanwhile after it, one write at a time', async () => {
  const running: (() => void)[] = [];
  const batches: (readonly number[])[] = [];
  const queue = queueOf(async (items) => {
    batches.push(items);
    await new Promise<void>((resolve) => {
      running.push(resolve);
    });
    return items.join();
  });
  const first = queue.add([1, 2, 3]);
  const second = queue.add([4, 5, 6]);
  const third = queue.add([7, 8, 9]);
  expect(batches).toEqual([[1, 2, 3]]);
  running.shift()?.();
  expect(await first).toBe('1,2,3');
  await eventually(() => expect(batches).toHaveLength(2));
  running.shift()?.();
  expect([await second, await third]).toEqual(['4,5,6,7,8,9', '4,5,6,7,8,9']);
});

test('a write that fails is told to all of its callers, and the next one is tried', async () => {
  let calls = 0;
  const queue = queueOf(async (items) => {
    if (calls++ === 0) throw new Error('disk full');
    return items.join();
  });
  const failed = await Promise.allSettled([queue.add([1]), queue.add([2, 3])]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await queue.add([4, 5, 6])).toBe('4,5,6');
});

test('a caller who adds the next full batch as soon as the first is written is not forgotten', async () => {
  const queue = queueOf(async (items) => items.join(), 3, 1_000_000);
  expect(await queue.add([1, 2, 3])).toBe('1,2,3');
  expect(await queue.add([4, 5, 6])).toBe('4,5,6');
  await queue.add([7, 8, 9]).then(async () => expect(await queue.add([10, 11, 12])).toBe('10,11,12'));
  await queue.drain();
});

describe('the waiting time', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function useQueue() {
    const batches: (readonly number[])[] = [];
    const queue = queueOf(async (items) => {
      batches.push(items);
      return items.join();
    });
    return { queue, batches, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
  }

  test('what is added after a full batch waits for others again, and no longer than it may', async () => {
    const { queue, batches, pass } = useQueue();
    void queue.add([1]);
    await pass(100);
    void queue.add([2, 3]);
    await pass(50);
    void queue.add([4]);
    await pass(199);
    expect(batches).toEqual([[1, 2, 3]]);
    await pass(1);
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  test('what is added after a batch waits the whole time, however many were in the batch', async () => {
    const { queue, batches, pass } = useQueue();
    for (const [at, wait] of [100, 50, 100].entries()) {
      void queue.add(at === 2 ? [] : [at]);
      await pass(wait);
    }
    void queue.add([9]);
    await pass(199);
    expect(batches).toEqual([[0, 1]]);
    await pass(1);
    expect(batches).toEqual([[0, 1], [9]]);
  });
});

test('draining ends when the write has ended', async () => {
  const running: (() => void)[] = [];
  const queue = queueOf(
    () => new Promise((resolve) => running.push(() => resolve('written'))),
    100,
    1_000_000,
  );
  const added = queue.add([1]);
  let isDrained = false;
  const drained = queue.drain().then(() => (isDrained = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDrained).toBe(false);
  running.shift()?.();
  await drained;
  expect(await added).toBe('written');
});

test('draining writes what waits, and waits for it', async () => {
  const queue = queueOf(async (items) => items.join(), 100, 1_000_000);
  const added = queue.add([1]);
  await queue.drain();
  expect(await added).toBe('1');
});
