import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { DestinationResponse, Destination } from '../../src/destinations/destination.js';
import { promptEntries } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { scriptedDestination } from '../support/scripted-destination.js';

function throwUp(): never {
  throw new Error('do not touch');
}
const untouchable = new Proxy({}, { get: throwUp, ownKeys: throwUp, has: throwUp, getPrototypeOf: throwUp });

/** Stands for what fast-check itself could not hold. */
const UNTOUCHABLE = Symbol('untouchable');

const header = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '-1',
    '1e9',
    '999999999999',
    'NaN',
    ' 5 , 6',
    'Sun, 99 Nov 2026',
    'Thu, 01 Jan 1970 00:00:00 GMT',
  ),
  fc.anything(),
);

/** Responses that are nearly valid, and values that are none. */
const answer = fc.oneof(
  fc.anything(),
  fc.constant(UNTOUCHABLE),
  fc.record(
    {
      status: fc.oneof(
        fc.integer({ min: -1, max: 700 }),
        fc.double(),
        fc.anything(),
        fc.constant(UNTOUCHABLE),
      ),
      rejected: fc.oneof(fc.array(fc.oneof(fc.integer(), fc.double())), fc.anything()),
      reason: fc.oneof(fc.string(), fc.anything()),
      headers: fc.oneof(
        header.map((value) => ({ get: () => value })),
        fc.constant({ get: throwUp }),
        fc.anything(),
      ),
    },
    { requiredKeys: ['status'] },
  ),
);

function arm(value: unknown): unknown {
  if (value === UNTOUCHABLE) return untouchable;
  if (typeof value !== 'object' || value === null || !('status' in value)) return value;
  return value.status === UNTOUCHABLE ? { ...value, status: untouchable } : value;
}

describe('A delivery to a destination that is not what it should be', { timeout: 60_000 }, () => {
  test('a delivery settles every entry, whatever the destination answers, throws or rejects', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('resolves', 'rejects', 'throws', 'returns'), answer), {
          maxLength: 12,
        }),
        async (moves) => {
          const clock = new ManualRuntime();
          const left = [...moves];
          const destination = scriptedDestination(undefined, undefined, {
            send() {
              const [how, what] = left.shift() ?? ['resolves', undefined];
              const armed = arm(what) as DestinationResponse;
              if (how === 'throws') throw armed;
              if (how === 'returns') return armed as unknown as Promise<DestinationResponse>;
              return how === 'rejects' ? Promise.reject(armed) : Promise.resolve(armed);
            },
          });
          const delivery = createDelivery(destination, { flushAt: 5 }, clock);
          let settled = 0;
          for (const entry of promptEntries(20)) delivery.accept(entry, () => settled++);
          await clock.advance(4 * 3_600_000);
          const { queued, inFlight, lastError = '' } = delivery.stats();
          expect({ settled, queued, inFlight }).toEqual({ settled: 20, queued: 0, inFlight: 0 });
          expect(lastError.length).toBeLessThan(300);
          void delivery.shutdown();
          await clock.advance(10_000);
          expect(delivery.stats().state).toBe('shut-down');
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    [{ maxItems: 0 }, /^limits\.maxItems of the destination "scripted" must be a number above 0, not 0\.$/],
    [{ maxItems: Number.NaN }, /^limits\.maxItems .* must be a number above 0, not NaN/],
    [{ maxItems: '5' }, /^limits\.maxItems .* must be a number above 0, not "5"/],
    [{ maxBytes: -1 }, /^limits\.maxBytes .* must be a number above 0, not -1/],
  ])('the limits %j of a destination are refused', (limits, message) => {
    const open = () => createDelivery(scriptedDestination(undefined, undefined, { limits: limits as never }));
    expect(open).toThrow(TypeError);
    expect(open).toThrow(message);
  });

  test('a destination with infinite limits gets all entries in one batch', async () => {
    const limits = { maxItems: Infinity, maxBytes: Infinity };
    const destination: Destination & { batches: readonly unknown[] } = scriptedDestination(
      undefined,
      undefined,
      {
        limits,
      },
    );
    const delivery = createDelivery(destination);
    for (const entry of promptEntries(2_000)) delivery.accept(entry);
    await delivery.shutdown();
    expect(destination.batches).toHaveLength(1);
  });
});
