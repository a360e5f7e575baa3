import { expect, test } from 'vitest';
import { PendingFlushes } from '../../../src/delivery/accounting/pending-flushes.js';
import { toSequence } from '../../../src/delivery/model/queued-entry.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { memoryEntry } from '../../support/queued-entries.js';

function pendingFlushes() {
  const runtime = new ManualRuntime(0);
  const flushes = new PendingFlushes(runtime);
  const resolved: string[] = [];
  /** Waits for entries up to a number, and notes when it is over. */
  const wait = (name: string, upTo: number, unfinished: number, ...times: [number, number?]): void => {
    void flushes.wait(upTo, unfinished, ...times).then((inTime) => resolved.push(`${name} ${inTime}`));
  };
  const finish = (number: number): void => flushes.onFinished(memoryEntry({ sequence: toSequence(number) }));
  const settle = async (): Promise<string[]> => {
    await runtime.advance(0);
    return resolved.splice(0);
  };
  return { runtime, flushes, wait, finish, settle };
}

test('a flush waits for as many entries as were unfinished, and for no later ones', async () => {
  const { runtime, flushes, wait, finish, settle } = pendingFlushes();
  wait('early', 2, 2, 1_000);
  wait('late', 3, 2, 1_000);
  expect(flushes.awaitedUpTo).toBe(3);
  finish(3);
  expect(await settle()).toEqual([]);
  finish(2);
  expect(await settle()).toEqual(['late true']);
  expect(flushes.awaitedUpTo).toBe(2);
  finish(1);
  expect(await settle()).toEqual(['early true']);
  expect(flushes.isEmpty).toBe(true);
  expect(flushes.awaitedUpTo).toBe(0);
  expect(runtime.timers).toBe(0);
});

test('the highest number that is awaited is that of any flush, whatever order they come in', () => {
  const { flushes, wait } = pendingFlushes();
  wait('far', 5, 1, 1_000);
  wait('near', 3, 1, 1_000);
  expect(flushes.awaitedUpTo).toBe(5);
  expect(flushes.isEmpty).toBe(false);
});

test('entries that are lost together count each', async () => {
  const { flushes, wait, settle } = pendingFlushes();
  wait('flush', 5, 3, 1_000);
  const loss = { kind: 'prompt', reason: 'spool_full', sequence: toSequence(5) } as const;
  flushes.onLost({ ...loss, count: 2 });
  expect(await settle()).toEqual([]);
  flushes.onLost({ ...loss, count: 1 });
  expect(await settle()).toEqual(['flush true']);
});

test('a flush ends at its deadline, and keeps the process alive until then', async () => {
  const { runtime, wait, settle } = pendingFlushes();
  const kept: boolean[] = [];
  const { setTimer } = runtime;
  runtime.setTimer = (callback, delayMs, keepsProcessAlive) => {
    kept.push(keepsProcessAlive);
    return setTimer(callback, delayMs, keepsProcessAlive);
  };
  wait('flush', 1, 1, 1_000);
  await runtime.advance(999);
  expect(await settle()).toEqual([]);
  await runtime.advance(1);
  expect(await settle()).toEqual(['flush false']);
  expect(kept).toEqual([true]);
});

test('while requests fail, a flush ends at its deadline for failures, which is its deadline without one', async () => {
  const { flushes, wait, settle } = pendingFlushes();
  wait('impatient', 1, 1, 5_000, 1_000);
  wait('patient', 1, 1, 5_000);
  flushes.resolveFailingBefore(1_000);
  expect(await settle()).toEqual([]);
  flushes.resolveFailingBefore(1_001);
  expect(await settle()).toEqual(['impatient false']);
  flushes.resolveFailingBefore(5_001);
  expect(await settle()).toEqual(['patient false']);
});

test('all flushes end when nothing more is tried for them', async () => {
  const { runtime, flushes, wait, settle } = pendingFlushes();
  for (const name of ['one', 'two']) wait(name, 1, 1, 1_000);
  flushes.resolveAll();
  expect(await settle()).toEqual(['one false', 'two false']);
  expect(runtime.timers).toBe(0);
});
