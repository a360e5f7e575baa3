import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { expect, test, vi } from 'vitest';
import { ResettableTimer, systemRuntime } from '../../../src/delivery/runtime/runtime.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

test('the clock gives milliseconds since the epoch', () => {
  expect(Math.abs(systemRuntime.now() - Date.now())).toBeLessThan(60_000);
});

test('a timer keeps the process alive only if somebody waits for it', () => {
  const timer = systemRuntime.setTimer(() => undefined, 1_000, false) as NodeJS.Timeout;
  expect(timer.hasRef()).toBe(false);
  systemRuntime.clearTimer(timer);
  const kept = systemRuntime.setTimer(() => undefined, 1_000, true) as NodeJS.Timeout;
  expect(kept.hasRef()).toBe(true);
  systemRuntime.clearTimer(kept);
});

test('a timer does not fire early, and not at once if its delay is too long for the system', () => {
  const started = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(0 as never);
  for (const delayMs of [0.2, 10, 1e12]) systemRuntime.setTimer(() => undefined, delayMs, true);
  expect(started.mock.calls.map(([, delayMs]) => delayMs)).toEqual([1, 10, 2 ** 31 - 1]);
  started.mockRestore();
});

test('a timer does not run in the context of who started it', async () => {
  const key = createContextKey('test');
  const seen = await new Promise((resolve) => {
    context.with(ROOT_CONTEXT.setValue(key, 'caller'), () =>
      systemRuntime.setTimer(() => resolve(context.active().getValue(key)), 0, true),
    );
  });
  expect(seen).toBeUndefined();
});

function resettable() {
  const runtime = new ManualRuntime(0);
  const fired: number[] = [];
  const setTimer = vi.spyOn(runtime, 'setTimer');
  const timer = new ResettableTimer(runtime, () => fired.push(runtime.now()));
  return { runtime, fired, setTimer, timer };
}

test('a timer that is moved fires once, at its last time', async () => {
  const { runtime, fired, timer } = resettable();
  for (const atMs of [100, 300, 200]) timer.set(atMs);
  expect(runtime.timers).toBe(1);
  await runtime.advance(1_000);
  expect(fired).toEqual([200]);
});

test('a timer that is set to the same time is not started again', () => {
  const { setTimer, timer } = resettable();
  for (let round = 0; round < 3; round += 1) timer.set(100);
  expect(setTimer).toHaveBeenCalledExactlyOnceWith(expect.any(Function), 100, false);
});

test('a timer for a time that is over fires soon, and never is never', async () => {
  const { runtime, fired, setTimer, timer } = resettable();
  await runtime.advance(500);
  timer.set(100);
  expect(setTimer).toHaveBeenLastCalledWith(expect.any(Function), 0, false);
  timer.set(Infinity);
  expect(runtime.timers).toBe(0);
  await runtime.advance(1_000);
  expect(fired).toEqual([]);
});

test('a timer that has fired can be set to the same time again, also while it fires', async () => {
  const runtime = new ManualRuntime(0);
  let count = 0;
  const timer: ResettableTimer = new ResettableTimer(runtime, () => {
    count += 1;
    if (count < 3) timer.set(100);
  });
  timer.set(100);
  await runtime.advance(1_000);
  expect(count).toBe(3);
});
