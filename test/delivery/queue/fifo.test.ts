import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '../../../src/delivery/queue/fifo.js';

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
