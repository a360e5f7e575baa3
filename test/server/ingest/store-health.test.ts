import { expect, test, vi } from 'vitest';
import { StoreHealth } from '../../../src/server/ingest/store-health.js';
import type { StoreOutage } from '../../../src/server/model/intake/intake-status.js';

function storeHealth() {
  const onChange = vi.fn<(outage: StoreOutage | undefined) => void>();
  const health = new StoreHealth(onChange);
  const fail = async (error: unknown): Promise<unknown> => {
    try {
      return await health.watch(async () => {
        throw error;
      });
    } catch (caught) {
      return caught;
    }
  };
  const succeed = (): Promise<number> => health.watch(() => Promise.resolve(7));
  return { health, onChange, fail, succeed };
}

test('an outage begins with the first write that fails, and ends with the first that succeeds', async () => {
  const { health, onChange, fail, succeed } = storeHealth();
  expect(await succeed()).toBe(7);
  expect(onChange).not.toHaveBeenCalled();
  const error = Object.assign(new Error('no'), { code: 'ENOSPC' });
  expect(await fail(error)).toBe(error);
  const { outage } = health;
  expect(outage).toEqual({ since: expect.any(String), reason: 'the disk is full (ENOSPC)' });
  await fail(new Error('another'));
  expect(health.outage).toBe(outage);
  expect(await succeed()).toBe(7);
  expect(health.outage).toBeUndefined();
  await succeed();
  expect(onChange.mock.calls).toEqual([[outage], [undefined]]);
  await fail(error);
  expect(onChange).toHaveBeenCalledTimes(3);
});

test.each([
  [{ code: 'ECONNREFUSED' }, 'the database cannot be reached (ECONNREFUSED)'],
  [{ code: 'EWHATEVER' }, 'EWHATEVER'],
  [new RangeError('prompt text'), 'RangeError'],
  ['prompt text', 'unknown'],
])('the reason of an outage tells the cause, and never a message: %o', async (error, reason) => {
  const { health, fail } = storeHealth();
  await fail(error);
  expect(health.outage?.reason).toEqual(reason);
});
