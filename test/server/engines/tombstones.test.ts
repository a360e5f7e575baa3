import { expect, test } from 'vitest';
import { hashOf, Tombstones } from '../../../src/server/engines/tombstones.js';

/** Adds the hashes of keys `prefix0`, `prefix1` … that were erased at a time. */
function erase(tombstones: Tombstones, count: number, prefix = 'key', at = 1): void {
  tombstones.add({ hashes: Array.from({ length: count }, (_, index) => `${prefix}${index}`), at });
}
const has = (tombstones: Tombstones, hash: string): boolean =>
  [...tombstones.entries()].some(({ hashes }) => hashes.includes(hash));

test('a key that was erased is known by its hash', () => {
  const tombstones = new Tombstones(10);
  tombstones.add({ hashes: [hashOf('record 1')], at: 5 });
  expect(tombstones.has('record 1')).toBe(true);
  expect(tombstones.has('record 2')).toBe(false);
  expect(hashOf('record 1')).toMatch(/^[\w-]{12}$/);
});

test('two hundred thousand keys are kept at least, the latest of them', () => {
  const tombstones = new Tombstones(1);
  erase(tombstones, 200_000);
  expect(tombstones.size).toBe(200_000);
  // Erased again: it is now the latest.
  tombstones.add({ hashes: ['key0'], at: 2 });
  tombstones.add({ hashes: ['next'], at: 3 });
  expect(tombstones.size).toBe(200_000);
  expect([has(tombstones, 'key0'), has(tombstones, 'key1'), has(tombstones, 'next')]).toEqual([
    true,
    false,
    true,
  ]);
});

test('an engine with more records keeps four keys for each', () => {
  const tombstones = new Tombstones(60_000);
  erase(tombstones, 360_001);
  expect(tombstones.size).toBe(360_000);
});

test('the entries are grouped by time, oldest first, and nothing is yielded without any', () => {
  const tombstones = new Tombstones(10);
  expect([...tombstones.entries()]).toEqual([]);
  tombstones.add({ hashes: ['a', 'b'], at: 1 });
  tombstones.add({ hashes: ['c'], at: 1 });
  tombstones.add({ hashes: ['d'], at: 2 });
  tombstones.add({ hashes: ['e'], at: 0 });
  expect([...tombstones.entries()]).toEqual([
    { hashes: ['a', 'b', 'c'], at: 1 },
    { hashes: ['d'], at: 2 },
    { hashes: ['e'], at: 0 },
  ]);
});
