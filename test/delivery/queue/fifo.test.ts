import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '../../../src/delivery/queue/fifo.js';
import { collectGarbage } from '../../support/collect-garbage.js';

test('A Fifo behaves like an array that is pushed to and spliced from', () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer() }),
    fc.record({ take: fc.integer({ min: 0, max: 7 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const step of steps) {
        if ('push' in step) {
          fifo.push(step.push);
          model.push(step.push);
        }
        const count = 'take' in step ? step.take : 0;
        expect(fifo.take(count)).toEqual(model.splice(0, count));
        expect([...fifo]).toEqual(model);
        expect(fifo.size).toBe(model.length);
        expect(fifo.first).toBe(model[0]);
      }
    }),
  );
});

test.each([1, 3, 5, 9])('a Fifo of ten items refers to none of the %d that were taken', async (count) => {
  const fifo = new Fifo<object>();
  const items: WeakRef<object>[] = [];
  const fill = (): void => {
    for (let id = 0; id < 10; id += 1) {
      const item = { id };
      items.push(new WeakRef(item));
      fifo.push(item);
    }
  };
  fill();
  fifo.take(count);
  await collectGarbage();
  expect(items.map((item) => item.deref() !== undefined)).toEqual(items.map((_, id) => id >= count));
  expect([fifo.size, fifo.first]).toEqual([10 - count, { id: count }]);
});

test('a Fifo through which many items pass does not grow', async () => {
  const fifo = new Fifo<object>();
  const before = process.memoryUsage().heapUsed;
  fifo.push({});
  for (let round = 0; round < 300_000; round += 1) {
    fifo.push({});
    fifo.take(1);
  }
  await collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
  expect(fifo.size).toBe(1);
});

test('a Fifo returns what it has if more is taken', () => {
  const fifo = new Fifo<number>();
  for (let number = 0; number < 3; number += 1) fifo.push(number);
  expect(fifo.take(5)).toEqual([0, 1, 2]);
  fifo.push(3);
  expect(fifo.size).toBe(1);
  expect(fifo.first).toBe(3);
});
