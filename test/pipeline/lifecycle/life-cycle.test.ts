import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LifeCycle } from '../../../src/pipeline/lifecycle/life-cycle.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function useLifeCycle(waitUntil = vi.fn<(work: Promise<unknown>) => void>()) {
  const ends: (() => void)[] = [];
  const flush = vi.fn<() => Promise<void>>(() => new Promise<void>((resolve) => ends.push(resolve)));
  const lifeCycle = new LifeCycle({ waitUntil, flushOnExit: false });
  return { lifeCycle, flush, waitUntil, endFlush: () => ends.shift()?.() };
}

test('calls that end together share one flush, for which the invocation is kept alive', async () => {
  const { lifeCycle, flush, waitUntil, endFlush } = useLifeCycle();
  lifeCycle.extendLifetime();
  expect(waitUntil).not.toHaveBeenCalled();
  lifeCycle.start(flush);
  for (let at = 0; at < 3; at += 1) lifeCycle.extendLifetime();
  expect(waitUntil).toHaveBeenCalledTimes(1);
  let isOver = false;
  void waitUntil.mock.calls[0]?.[0].then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(49);
  expect(flush).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(flush).toHaveBeenCalledTimes(1);
  expect(isOver).toBe(false);
  // Another request, while the first one is being flushed.
  lifeCycle.extendLifetime();
  expect(waitUntil).toHaveBeenCalledTimes(2);
  endFlush();
  await vi.advanceTimersByTimeAsync(0);
  expect(isOver).toBe(true);
});

test('outside of a request, where waitUntil throws, records are flushed all the same', async () => {
  const waitUntil = vi.fn<(work: Promise<unknown>) => void>(() => {
    throw new Error('no request');
  });
  const { lifeCycle, flush } = useLifeCycle(waitUntil);
  lifeCycle.start(flush);
  lifeCycle.extendLifetime();
  await vi.advanceTimersByTimeAsync(50);
  expect(flush).toHaveBeenCalledTimes(1);
});

test('the listeners for the end of the process are removed at the end', () => {
  const before = process.listenerCount('beforeExit') + process.listenerCount('SIGTERM');
  const lifeCycle = new LifeCycle({ flushOnExit: true });
  lifeCycle.start(async () => undefined);
  const during = process.listenerCount('beforeExit') + process.listenerCount('SIGTERM');
  lifeCycle.end();
  expect(during).toBeGreaterThan(before);
  expect(process.listenerCount('beforeExit') + process.listenerCount('SIGTERM')).toBe(before);
});
