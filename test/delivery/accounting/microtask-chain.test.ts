import { expect, test } from 'vitest';
import { MicrotaskChain } from '../../../src/delivery/accounting/microtask-chain.js';
import { ManualRuntime } from '../../support/manual-runtime.js';

/** Extends a chain in so many microtasks after each other. Returns how often that was allowed. */
async function extended(chain: MicrotaskChain, microtasks: number): Promise<number> {
  let count = 0;
  for (let at = 0; at < microtasks; at += 1) {
    if (chain.extend()) count += 1;
    await Promise.resolve();
  }
  return count;
}

test('a chain of microtasks ends after a thousand, and may begin again in another turn', async () => {
  const runtime = new ManualRuntime();
  const chain = new MicrotaskChain(runtime);
  expect(await extended(chain, 1_500)).toBe(1_000);
  expect([chain.extend(), runtime.timers]).toEqual([false, 1]);
  await runtime.advance(0);
  expect(await extended(chain, 1_500)).toBe(1_000);
  await runtime.advance(0);
  expect(runtime.timers).toBe(0);
});

test('what happens at once is no chain, however much it is', async () => {
  const chain = new MicrotaskChain(new ManualRuntime());
  const results = Array.from({ length: 5_000 }, () => chain.extend());
  await Promise.resolve();
  expect([results.every(Boolean), await extended(chain, 1_500)]).toEqual([true, 999]);
});

test('its timer does not keep a process alive', () => {
  const keeps: boolean[] = [];
  const chain = new MicrotaskChain({ setTimer: (_callback, _ms, keepsAlive) => keeps.push(keepsAlive) });
  chain.extend();
  expect(keeps).toEqual([false]);
});
