import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchBytes, splitIntoBatches } from '../../../src/delivery/queue/split-into-batches.js';

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
