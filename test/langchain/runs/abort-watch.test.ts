import { getEventListeners } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import {
  afterFirstChunkTimeout,
  isAbortSignal,
  watchAbort,
} from '../../../src/langchain/runs/abort-watch.js';

afterEach(() => void vi.useRealTimers());

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('watchers of one signal share a listener, and all are told of the abort', () => {
  const controller = new AbortController();
  const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
  watchAbort(controller.signal, first);
  watchAbort(controller.signal, second);
  expect(listenersOf(controller.signal)).toBe(1);
  controller.abort();
  expect(first).toHaveBeenCalledOnce();
  expect(second).toHaveBeenCalledOnce();
});

test('the listener goes with the last watcher, whose removal counts once', () => {
  const { signal } = new AbortController();
  const work = vi.fn<() => void>();
  const [removeFirst, removeSecond] = [watchAbort(signal, work), watchAbort(signal, work)];
  removeFirst();
  removeFirst();
  expect(listenersOf(signal)).toBe(1);
  removeSecond();
  expect(listenersOf(signal)).toBe(0);
});

test('a watcher that comes after the last one has gone is told of the abort', () => {
  const controller = new AbortController();
  const [removed, later] = [vi.fn<() => void>(), vi.fn<() => void>()];
  watchAbort(controller.signal, removed)();
  watchAbort(controller.signal, later);
  controller.abort();
  expect(removed).not.toHaveBeenCalled();
  expect(later).toHaveBeenCalledOnce();
});

test('a watcher that is removed twice does not take the listener of a later one', () => {
  const controller = new AbortController();
  const work = vi.fn<() => void>();
  const remove = watchAbort(controller.signal, () => undefined);
  remove();
  watchAbort(controller.signal, work);
  remove();
  controller.abort();
  expect(work).toHaveBeenCalledOnce();
});

test('an aborted model has ten seconds for its first chunk', () => {
  vi.useFakeTimers();
  const work = vi.fn<() => void>();
  afterFirstChunkTimeout(work);
  vi.advanceTimersByTime(9_999);
  expect(work).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(work).toHaveBeenCalledOnce();
});

test('a signal is what listeners can be added to and removed from', () => {
  expect(isAbortSignal(new AbortController().signal)).toBe(true);
  for (const value of [undefined, null, 1, {}, { addEventListener: () => undefined }])
    expect(isAbortSignal(value)).toBe(false);
});
