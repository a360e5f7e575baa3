import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RepeatedWork } from '../../../src/server/background/repeated-work.js';

describe('repeated work', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('each call says when the next one is, and one that fails is tried again later', async () => {
    const delays = [10, new Error('no'), 30];
    const calls: number[] = [];
    const work = new RepeatedWork(
      async () => {
        calls.push(Date.now());
        const delay = delays[calls.length - 1];
        if (typeof delay === 'number') return delay;
        throw delay ?? new Error('no more');
      },
      500,
      1000,
    );
    const start = Date.now();
    await vi.advanceTimersByTimeAsync(1545);
    expect(calls.map((at) => at - start)).toEqual([500, 510, 1510, 1540]);
    await work.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toHaveLength(4);
  });

  test('closing waits for the call that is running, and none follows', async () => {
    let finish: (delayMs: number) => void = () => undefined;
    let calls = 0;
    const work = new RepeatedWork(
      () => {
        calls += 1;
        return new Promise((resolve) => (finish = resolve));
      },
      10,
      10,
    );
    await vi.advanceTimersByTimeAsync(10);
    let isClosed = false;
    const closed = work.close().then(() => (isClosed = true));
    await vi.advanceTimersByTimeAsync(100);
    expect(isClosed).toBe(false);
    finish(1);
    await closed;
    await vi.advanceTimersByTimeAsync(100);
    expect(calls).toBe(1);
  });
});
