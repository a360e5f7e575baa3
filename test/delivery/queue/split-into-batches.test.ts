import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  batchBytes,
  largestEntryBytes,
  limitsOf,
  splitIntoBatches,
} from '../../../src/delivery/queue/split-into-batches.js';

test('Batches keep all items in order and within the limits, and each takes all that fit', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 60 });
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 10, max: 1_000 }),
      (sizes, maxItems, maxBytes) => {
        const items = sizes.map((bytes) => ({ bytes }));
        const batches = splitIntoBatches(items, { maxItems, maxBytes });
        expect(batches.flat()).toEqual(items);
        for (const [index, batch] of batches.entries()) {
          expect(batch.length).toBeLessThanOrEqual(maxItems);
          expect(batch.length === 1 || batchBytes(batch) <= maxBytes).toBe(true);
          const next = batches[index + 1]?.[0];
          const isFull = batch.length === maxItems || (next && batchBytes([...batch, next]) > maxBytes);
          expect(next === undefined || isFull).toBe(true);
        }
      },
    ),
  );
});

test('The size of a batch is that of the body that will be sent', () => {
  const items = ['"ab"', '{}', '[1,2]'];
  const body = `[${items.join(',')}]`;
  expect(batchBytes(items.map((item) => ({ bytes: item.length })))).toBe(body.length);
});

const limits = (given?: { maxItems?: unknown; maxBytes?: unknown }) =>
  limitsOf({ name: 'shop', limits: given, encode: () => '', send: () => Promise.resolve() } as never);

test('a destination without limits takes 100 items and 900,000 bytes', () => {
  expect(limits()).toEqual({ maxItems: 100, maxBytes: 900_000 });
  expect(limits({ maxItems: 5 })).toEqual({ maxItems: 5, maxBytes: 900_000 });
});

test('a limit without end is a large number, and one that is no number above 0 is refused', () => {
  expect(limits({ maxItems: Infinity }).maxItems).toBe(Number.MAX_SAFE_INTEGER);
  for (const wrong of [0, -1, Number.NaN, '5'])
    expect(() => limits({ maxBytes: wrong })).toThrow(/limits\.maxBytes of the destination "shop"/);
});

test('the largest entry fits into a batch of its own, and the next larger one does not', () => {
  const maxBytes = 1_000;
  const bytes = largestEntryBytes({ maxItems: 1, maxBytes });
  expect(batchBytes([{ bytes }])).toBe(maxBytes);
});

test('a batch has as many items and bytes as allowed', () => {
  const items = [{ bytes: 3 }, { bytes: 4 }, { bytes: 1 }];
  expect(splitIntoBatches(items, { maxItems: 2, maxBytes: 10 })).toEqual([items.slice(0, 2), items.slice(2)]);
  expect(splitIntoBatches(items, { maxItems: 2, maxBytes: 9 })).toEqual([items.slice(0, 1), items.slice(1)]);
});
