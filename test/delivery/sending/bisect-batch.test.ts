import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bisectBatch } from '../../../src/delivery/sending/bisect-batch.js';

/** Sends a batch to a server that refuses it when it holds a bad item, and goes on until all is decided. */
function simulate(items: readonly number[], isBad: (item: number) => boolean, namesIndexes: boolean) {
  const delivered: number[] = [];
  const dropped: number[] = [];
  let requests = 0;
  const pending = [items];
  for (let batch = pending.shift(); batch; batch = pending.shift()) {
    requests++;
    const rejected = [...batch.keys()].filter((index) => isBad(batch[index] as number));
    if (rejected.length === 0) {
      delivered.push(...batch);
      continue;
    }
    const { bad, again } = bisectBatch(batch, namesIndexes ? rejected : []);
    dropped.push(...bad);
    pending.push(...again);
  }
  return { delivered, dropped, requests };
}

describe('isolate', () => {
  it('finds one bad item among 100 in at most 15 requests, wherever it is', () => {
    const items = [...Array(100).keys()];
    for (const bad of items) {
      const { delivered, dropped, requests } = simulate(items, (item) => item === bad, false);
      expect(dropped).toEqual([bad]);
      expect(delivered).toHaveLength(99);
      expect(requests).toBeLessThanOrEqual(15);
    }
  });

  it('needs one more request when the server names the bad items', () => {
    const items = [...Array(100).keys()];
    const { dropped, requests } = simulate(items, (item) => item % 10 === 7, true);
    expect(dropped).toHaveLength(10);
    expect(requests).toBe(2);
  });

  it('drops exactly the bad items of any batch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 120 }),
        fc.boolean(),
        (bad, namesIndexes) => {
          const items = [...bad.keys()];
          const { delivered, dropped } = simulate(items, (item) => bad[item] === true, namesIndexes);
          expect(dropped.sort((a, b) => a - b)).toEqual(items.filter((item) => bad[item]));
          expect(delivered.sort((a, b) => a - b)).toEqual(items.filter((item) => !bad[item]));
        },
      ),
    );
  });

  it('halves when the indexes point outside the batch', () => {
    expect(bisectBatch(['a', 'b'], [2, -1])).toEqual({ bad: [], again: [['a'], ['b']] });
  });
});
