import { describe, expect, test } from 'vitest';
import { Lease, LEASE_MS } from '../../../src/server/background/lease.js';
import { MemoryStore } from '../../../src/server/index.js';

function useLeases() {
  const { documents } = new MemoryStore();
  const clock = { now: 1000 };
  const lease = (): Lease => new Lease({ documents, name: 'work', now: () => clock.now });
  return { clock, lease, documents };
}

describe('a lease', () => {
  test('one of two servers has it, and keeps it as long as it renews it', async () => {
    const { clock, lease } = useLeases();
    const [first, second] = [lease(), lease()];
    expect(await first.take()).toBe(true);
    for (let minute = 0; minute < 30; minute++) {
      clock.now += 60_000;
      expect(await second.take()).toBe(false);
      expect(await first.take()).toBe(true);
      expect([first.isHeld(), second.isHeld()]).toEqual([true, false]);
    }
  });

  test('two that take it at the same moment do not both have it', async () => {
    const { lease } = useLeases();
    const taken = await Promise.all([lease(), lease(), lease()].map((one) => one.take()));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('another server has it when the first one has not renewed it for its time, and then the first has not', async () => {
    const { clock, lease } = useLeases();
    const [first, second] = [lease(), lease()];
    await first.take();
    expect(await second.take()).toBe(false);
    clock.now += LEASE_MS - 1;
    expect(first.isHeld()).toBe(true);
    expect(first.isHeld(1)).toBe(false);
    expect(await second.take()).toBe(false);
    clock.now += 1;
    expect(first.isHeld()).toBe(false);
    expect(await second.take()).toBe(true);
    expect(await first.take()).toBe(false);
    expect(first.isHeld()).toBe(false);
  });

  test('one that nobody has taken meanwhile is renewed, however late', async () => {
    const { clock, lease } = useLeases();
    const first = lease();
    await first.take();
    clock.now += 10 * LEASE_MS;
    expect(await first.take()).toBe(true);
    expect(first.isHeld()).toBe(true);
  });

  test('one that was given back is taken at once', async () => {
    const { lease } = useLeases();
    const [first, second] = [lease(), lease()];
    await first.take();
    await first.release();
    expect(first.isHeld()).toBe(false);
    expect(await second.take()).toBe(true);
    await first.release();
    expect(await first.take()).toBe(false);
  });

  test('it is not written more often than twice in its time', async () => {
    const { clock, lease, documents } = useLeases();
    const first = lease();
    await first.take();
    const version = (await documents.get('lease', 'work'))?.version;
    clock.now += LEASE_MS / 2 - 1;
    await first.take();
    expect((await documents.get('lease', 'work'))?.version).toBe(version);
    clock.now += 1;
    await first.take();
    expect((await documents.get('lease', 'work'))?.version).not.toBe(version);
  });

  test('a server that another one has overtaken does not delete the lease of the other', async () => {
    const { clock, lease, documents } = useLeases();
    const [first, second] = [lease(), lease()];
    await first.take();
    await second.take();
    clock.now += LEASE_MS;
    await second.take();
    await first.release();
    expect(await documents.get('lease', 'work')).toBeDefined();
    expect(second.isHeld()).toBe(true);
  });
});
