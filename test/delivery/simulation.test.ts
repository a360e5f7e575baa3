import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import type { EntryKind } from '../../src/destinations/destination.js';
import { eventEntry, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { type SimulatedMove, simulateNetwork } from '../support/simulated-network.js';
import { simulateSpool } from '../support/simulated-spool.js';

const REQUEST_TIMEOUT_MS = 10_000;

/** Mostly around the request timeout, so that a response can arrive in the moment of the abort. */
const delay = fc.constantFrom(0, 1, 40, 900, 9_990, 9_999, 10_000, 10_001, 15_000);

function retryAfter(value: string): Headers {
  return new Headers({ 'retry-after': value });
}

const answer = fc.constantFrom<SimulatedMove['answer']>(
  { status: 200 },
  { status: 200 },
  { status: 200 },
  { status: 200, rejected: [0, 2] },
  { status: 500 },
  { status: 503, headers: retryAfter('7') },
  { status: 429 },
  { status: 429, headers: retryAfter('600') },
  { status: 408 },
  { status: 413 },
  { status: 401 },
  { status: 404 },
  { status: 307 },
  { status: 400 },
  { status: 422, rejected: [1] },
  { status: 422, rejected: [99] },
  { status: Number.NaN },
  'connection lost',
  'connection lost',
  'stored, then connection lost',
);

const move: fc.Arbitrary<SimulatedMove> = fc.record({
  arrivesAfterMs: delay,
  answersAfterMs: fc.option(delay, { nil: undefined, freq: 8 }),
  answer,
});

type Step =
  | { readonly do: 'accept'; readonly kind: EntryKind; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'flush'; readonly timeoutMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('accept' as const),
    kind: fc.constantFrom<EntryKind>('prompt', 'event'),
    count: fc.constantFrom(1, 3, 20, 250),
  }),
  fc.record({
    do: fc.constant('wait' as const),
    ms: fc.constantFrom(0, 1, 100, 3_000, 10_000, 61_000, 400_000),
  }),
  fc.record({ do: fc.constant('flush' as const), timeoutMs: fc.constantFrom(0, 1, 2_000, 10_000, 90_000) }),
);

const disk = fc.record({
  writes: fc.array(
    fc.record({
      takesMs: fc.constantFrom(0, 1, 5, 2_000),
      fails: fc.boolean(),
    }),
    { maxLength: 8 },
  ),
  readTakesMs: fc.constantFrom(0, 1, 300),
});

const schedule = fc.record({
  moves: fc.array(move, { maxLength: 25 }),
  steps: fc.array(step, { minLength: 1, maxLength: 15 }),
  disk: fc.option(disk, { nil: undefined }),
  randoms: fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
  concurrency: fc.constantFrom(1, 2, 4),
  flushAt: fc.constantFrom(1, 20, 1_000),
  maxQueueRecords: fc.constantFrom(100, 10_000),
});

type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

const NUM_RUNS = Number(process.env['SIMULATIONS'] ?? 300);

/** A delivery in a world of its own, what is asked of it, and what it did wrong so far. */
function simulate(given: Schedule) {
  const clock = new ManualRuntime();
  clock.random = () => given.randoms.next().value as number;
  const moves = [...given.moves];
  const network = simulateNetwork(clock, () => {
    for (const deadlineMs of gaveUpBefore)
      if (clock.now() < deadlineMs) faults.push('a flush gave up although there was time to try again');
    return moves.shift();
  });
  const writes = [...(given.disk?.writes ?? [])];
  const spool = given.disk && simulateSpool(clock, () => writes.shift(), given.disk.readTakesMs);
  const { concurrency, flushAt, maxQueueRecords } = given;
  const delivery = createDelivery(
    network.destination,
    {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      concurrency,
      flushAt,
      maxQueueRecords,
      ...(spool && { spool }),
    },
    clock,
  );
  const settlements: Settlement[][] = [];
  const settledAtMs: number[] = [];
  const faults: string[] = [];
  /** Deadlines of flushes that ended sooner, with entries left, since anybody asked for anything. */
  let gaveUpBefore: number[] = [];

  const check = (): void => {
    const stats = delivery.stats();
    const { accepted, delivered, spooled, queued, inFlight, queuedBytes } = stats;
    const lost = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
    const isBalanced = delivered + spooled + queued + inFlight + lost === accepted;
    const isSane = Math.min(delivered, spooled, queued, inFlight, queuedBytes) >= 0;
    const isBounded = queued + inFlight <= maxQueueRecords;
    if (!isBalanced || !isSane || !isBounded) faults.push(JSON.stringify(stats));
  };
  const accept = (kind: EntryKind): void => {
    const index = settlements.push([]) - 1;
    const id = String(index);
    delivery.accept(kind === 'prompt' ? promptEntry(id) : eventEntry(id), (settlement) => {
      settlements[index]?.push(settlement);
      settledAtMs[index] = clock.now();
      if (settlement.status === 'delivered' && !network.stored.has(id)) faults.push(`${id} is not delivered`);
      check();
    });
    check();
  };
  /** Calls flush() or shutdown(), and watches that it takes the time that it should. */
  const ask = async (what: 'flush' | 'shutdown', timeoutMs: number): Promise<void> => {
    const startedMs = clock.now();
    const deadlineMs = startedMs + timeoutMs;
    const count = settlements.length;
    gaveUpBefore = [];
    const overdue = clock.setTimer(
      () => faults.push(`${what}(${timeoutMs}) is not over`),
      timeoutMs + 1,
      true,
    );
    await delivery[what](timeoutMs);
    clock.clearTimer(overdue);
    if (clock.now() > deadlineMs) faults.push(`${what}(${timeoutMs}) took too long`);
    // With a spool, entries are settled long before they are delivered.
    if (spool || what === 'shutdown') return;
    const times = Array.from({ length: count }, (_, index) => settledAtMs[index] ?? Number.NaN);
    const doneAtMs = Math.max(startedMs, ...times);
    if (Number.isNaN(doneAtMs)) gaveUpBefore.push(deadlineMs);
    else if (clock.now() !== doneAtMs) faults.push(`flush(${timeoutMs}) waited for nothing`);
  };
  const follow = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) {
      if (step.do === 'accept') for (let left = step.count; left > 0; left--) accept(step.kind);
      if (step.do === 'wait') await clock.advance(step.ms);
      if (step.do === 'flush') void ask('flush', step.timeoutMs);
      check();
    }
  };
  const recover = (): void => {
    moves.length = 0;
    writes.length = 0;
  };
  return { clock, network, spool, delivery, settlements, faults, ask, follow, recover };
}

function one(kind: EntryKind): readonly Step[] {
  return [{ do: 'accept', kind, count: 1 }];
}

describe('Delivery in a simulated world', { timeout: 120_000 }, () => {
  test('a delivery settles every entry once, sends all it can without a flush, and keeps deadlines', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (given) => {
        const world = simulate(given);
        const { clock, network, spool, delivery, settlements, faults } = world;
        await world.follow(given.steps);
        await clock.advance(3_600_000);
        world.recover();
        // When an outage has emptied the queue, only a new entry finds out that it is over.
        await world.follow([...one('prompt'), ...one('event'), { do: 'wait', ms: 3_600_000 }]);

        expect(faults).toEqual([]);
        expect(delivery.stats()).toMatchObject({
          state: 'sending',
          accepted: settlements.length,
          queued: 0,
          inFlight: 0,
          spooled: 0,
          queuedBytes: 0,
        });
        expect(settlements.filter((settled) => settled.length !== 1)).toEqual([]);
        expect(spool?.kept.size ?? 0).toBe(0);
        expect(network.mostAtOnce).toBeLessThanOrEqual(given.concurrency);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test('a delivery that is shut down at any moment settles every entry once and then does nothing', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, fc.constantFrom(0, 1, 500, 10_000, 30_000), async (given, timeoutMs) => {
        const world = simulate(given);
        const { clock, network, spool, delivery, settlements, faults } = world;
        await world.follow(given.steps);
        void world.ask('shutdown', timeoutMs);
        await world.follow([...one('prompt'), ...one('event')]);
        await clock.advance(timeoutMs);
        const { requests } = network;
        void world.ask('flush', 10_000);
        await clock.advance(10_000);
        // A write that had been begun may have come to its end.
        await clock.advance(3_600_000);

        expect(faults).toEqual([]);
        expect(delivery.stats()).toMatchObject({
          state: 'shut-down',
          accepted: settlements.length,
          queued: 0,
          inFlight: 0,
          queuedBytes: 0,
        });
        expect(delivery.stats().dropped.already_shutdown).toBe(2);
        expect(settlements.filter((settled) => settled.length !== 1)).toEqual([]);
        expect(spool?.kept.size ?? 0).toBe(delivery.stats().spooled);
        expect(network.requests).toBe(requests);
        expect(clock.timers).toBe(0);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
