import { createNoopMeter, type Meter } from '@opentelemetry/api';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import type { SpoolStore } from '../../src/delivery/model/spool.js';
import type { Batch, Destination, SendContext } from '../../src/destinations/destination.js';
import { promptEntries, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { simulateSpool, type SimulatedSpool } from '../support/simulated-spool.js';
import { useDiag } from '../support/use-diag.js';

const DOWN = { status: 503 } as const;

/** A delivery in the time of a clock that is advanced by hand. */
function deliverTo(destination: Destination, clock: ManualRuntime, settings: Partial<DeliverySettings> = {}) {
  const delivery = createDelivery(destination, { flushAt: 1_000, ...settings }, clock);
  onTestFinished(async () => {
    void delivery.shutdown(1);
    await clock.advance(1);
  });
  return delivery;
}

/** Tells after each step of the clock whether a promise has settled. */
function watch(promise: Promise<unknown>): { isOver: boolean } {
  const watched = { isOver: false };
  void promise.then(() => (watched.isOver = true));
  return watched;
}

/** A spool in memory, with the calls of its store. */
function spoolIn(clock: ManualRuntime, { writesMs = 0, erasesMs = 0, orphans = [] as number[] } = {}) {
  const calls = { taken: 0, closed: 0, claimed: 0, erased: [] as number[] };
  const simulated = simulateSpool(clock, () => ({ takesMs: writesMs, fails: false }));
  const spool: SimulatedSpool = {
    ...simulated,
    open(owner, events, runtime) {
      const store = simulated.open(owner, events, runtime);
      const take = store.take.bind(store);
      const close = store.close.bind(store);
      const counting: Partial<SpoolStore> = {
        take: async (kind, items, bytes) => {
          calls.taken++;
          return take(kind, items, bytes);
        },
        close: async () => {
          calls.closed++;
          await close();
        },
        claimOrphans: async () => {
          calls.claimed++;
          const count = orphans.shift();
          if (count === undefined) return false;
          events.claimed(count, count * 10);
          const items = Array.from({ length: count }, (_, index) => ({
            json: JSON.stringify(`orphan-${calls.claimed}-${index}`),
            bytes: 10,
            acceptedAtMs: clock.now(),
            sequence: 0,
          }));
          await store.append('prompt', items);
          return true;
        },
        erase: async (sequences) => {
          calls.erased.push(...sequences);
          await new Promise<void>((resolve) => clock.setTimer(resolve, erasesMs, true));
        },
      };
      return Object.assign(store, counting);
    },
  };
  return { spool, calls };
}

/** A destination whose requests hang until their signal aborts. */
function hanging(): Destination & { readonly requests: (Batch & SendContext)[] } {
  const requests: (Batch & SendContext)[] = [];
  return {
    ...scriptedDestination(),
    requests,
    send: (batch, context) => {
      requests.push({ ...batch, ...context });
      return new Promise((_, reject) => {
        context.signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    },
  };
}

test('entries that a destination hands over while it encodes are dropped, and it is not asked to encode them', async () => {
  const settlements: Settlement[] = [];
  const encode = vi.fn<() => string>(() => {
    for (const id of ['b', 'c'])
      delivery.accept(promptEntry(id), (settlement) => settlements.push(settlement));
    return '"a"';
  });
  const destination = scriptedDestination(undefined, undefined, { encode });
  const delivery: Delivery = deliverTo(destination, new ManualRuntime());
  delivery.accept(promptEntry('a'));
  expect(encode).toHaveBeenCalledOnce();
  const dropped = { status: 'dropped', reason: 'serialization_failed' };
  expect(settlements).toEqual([dropped, dropped]);
  await delivery.flush();
  expect(destination.delivered).toEqual(['a']);
  delivery.accept(promptEntry('d'));
  expect(encode).toHaveBeenCalledTimes(2);
});

test('entries beyond maxQueueRecords are dropped although they wait to be written to a spool', async () => {
  const clock = new ManualRuntime();
  const { spool } = spoolIn(clock, { writesMs: 1_000 });
  const delivery = deliverTo(
    scriptedDestination(() => DOWN),
    clock,
    { spool, maxQueueRecords: 5 },
  );
  delivery.accept(promptEntry('in the write'));
  await clock.advance(0);
  for (const entry of promptEntries(10)) delivery.accept(entry);
  expect(delivery.stats().dropped.queue_overflow).toBe(6);
});

test('a flush sends at once what waits for company, and counts what is in flight apart from the queue', async () => {
  const clock = new ManualRuntime();
  const destination = hanging();
  const delivery = deliverTo(destination, clock, { flushIntervalMs: 60_000, concurrency: 1 });
  for (const entry of promptEntries(130)) delivery.accept(entry);
  await clock.advance(1_000);
  expect(destination.requests).toHaveLength(0);
  void delivery.flush(5_000);
  await clock.advance(0);
  expect(destination.requests).toHaveLength(1);
  const before = delivery.stats();
  expect(before).toMatchObject({ state: 'sending', accepted: 130, queued: 30, inFlight: 100 });
  void delivery.shutdown(0);
  await clock.advance(1);
  expect(before.dropped.shutdown_timeout).toBe(0);
  expect(delivery.stats()).toMatchObject({ state: 'shut-down', queued: 0, inFlight: 0 });
  expect(delivery.stats().dropped.shutdown_timeout).toBe(130);
});

test.each([-1, Number.NaN, '100' as unknown as number])(
  'a flush whose time is %s takes shutdownTimeoutMs instead',
  async (timeoutMs) => {
    const clock = new ManualRuntime();
    const delivery = deliverTo(hanging(), clock, { shutdownTimeoutMs: 3_000 });
    delivery.accept(promptEntry('a'));
    const flush = watch(delivery.flush(timeoutMs));
    await clock.advance(2_999);
    expect(flush.isOver).toBe(false);
    await clock.advance(2);
    expect(flush.isOver).toBe(true);
  },
);

test('a flush aborts a request that hangs when the last flush is over, and not before', async () => {
  const clock = new ManualRuntime();
  const destination = hanging();
  const delivery = deliverTo(destination, clock, { requestTimeoutMs: 60_000 });
  delivery.accept(promptEntry('a'));
  const [short, long] = [watch(delivery.flush(1_000)), watch(delivery.flush(2_000))];
  await clock.advance(1_500);
  expect([short.isOver, long.isOver]).toEqual([true, false]);
  expect(destination.requests.map(({ signal }) => signal.aborted)).toEqual([false]);
  await clock.advance(501);
  expect(long.isOver).toBe(true);
  expect(destination.requests.map(({ signal }) => signal.aborted)).toEqual([true]);
});

test('a flush that is over in time aborts no request of entries that came after it', async () => {
  const clock = new ManualRuntime();
  const destination = hanging();
  const scripted = scriptedDestination();
  const send = vi.fn<Destination['send']>((batch, context) =>
    (batch.items.includes('"late"') ? destination : scripted).send(batch, context),
  );
  const delivery = deliverTo({ ...destination, send }, clock, { flushAt: 1, requestTimeoutMs: 60_000 });
  // The store of an entry decides when a flush is over: here the first request, which answers after the second has begun.
  let answer: () => void = () => {};
  send.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve(undefined))));
  delivery.accept(promptEntry('early'));
  const flush = watch(delivery.flush(1_000));
  await clock.advance(0);
  delivery.accept(promptEntry('late'));
  await clock.advance(0);
  answer();
  await clock.advance(10);
  expect(flush.isOver).toBe(true);
  expect(destination.requests.map(({ signal }) => signal.aborted)).toEqual([false]);
});

test('a flush waits until its entries are on disk, although the destination fails', async () => {
  const clock = new ManualRuntime();
  const destination = scriptedDestination(() => DOWN, clock.now);
  const { spool } = spoolIn(clock, { writesMs: 2_000 });
  const delivery = deliverTo(destination, clock, { spool, flushAt: 1 });
  delivery.accept(promptEntry('a'));
  await clock.advance(2_000);
  expect(delivery.stats()).toMatchObject({ spooled: 1, state: 'backing-off' });
  delivery.accept(promptEntry('b'));
  const flush = watch(delivery.flush(10_000, 300));
  await clock.advance(1_999);
  expect(flush.isOver).toBe(false);
  await clock.advance(1);
  expect(flush.isOver).toBe(true);
  expect(delivery.stats().spooled).toBe(2);
});

test('a shutdown drops what comes during it, and a second one is the first', async () => {
  const clock = new ManualRuntime();
  const destination = { ...hanging(), shutdown: vi.fn<() => Promise<void>>(async () => {}) };
  const delivery = deliverTo(destination, clock);
  delivery.accept(promptEntry('a'));
  const first = delivery.shutdown(1_000);
  await clock.advance(500);
  const settled: Settlement[] = [];
  delivery.accept(promptEntry('b'), (settlement) => settled.push(settlement));
  expect(settled).toEqual([{ status: 'dropped', reason: 'already_shutdown' }]);
  expect(delivery.stats().state).toBe('shut-down');
  expect(delivery.shutdown(5_000)).toBe(first);
  await clock.advance(500);
  await first;
  expect(destination.shutdown).toHaveBeenCalledOnce();
  expect(delivery.stats().dropped).toMatchObject({ already_shutdown: 1, shutdown_timeout: 1 });
});

test('a shutdown leaves a tenth of its time to the release of the destination', async () => {
  const clock = new ManualRuntime(0);
  const released: number[] = [];
  const shutdown = async (): Promise<void> => void released.push(clock.now());
  const delivery = deliverTo({ ...hanging(), shutdown }, clock);
  delivery.accept(promptEntry('a'));
  void delivery.shutdown(1_000);
  await clock.advance(1_000);
  expect(released).toEqual([900]);
});

test('a shutdown leaves entries that are on disk where they are, loads no more, and closes the spool', async () => {
  const clock = new ManualRuntime();
  const { spool, calls } = spoolIn(clock);
  const settings = { spool, concurrency: 1, flushAt: 1 };
  const limits = { maxItems: 10 };
  let isDown = true;
  const destination = scriptedDestination(() => (isDown ? DOWN : undefined), clock.now, { limits });
  const delivery = deliverTo(destination, clock, settings);
  for (const entry of promptEntries(50)) delivery.accept(entry);
  await clock.advance(100);
  expect(delivery.stats()).toMatchObject({ spooled: 50, spool: { waiting: 30 } });
  void delivery.shutdown(1_000);
  await clock.advance(1_000);
  expect(calls.closed).toBe(1);
  expect(delivery.stats()).toMatchObject({ spooled: 50, delivered: 0, dropped: { shutdown_timeout: 0 } });
  const { taken } = calls;
  isDown = false;
  const flush = watch(delivery.flush(60_000));
  await clock.advance(0);
  expect(flush.isOver).toBe(true);
  await clock.advance(60_000);
  expect(calls.taken).toBe(taken);
  expect(spool.kept.size).toBe(50);
});

test('a flush that still waits for entries on disk is over when the delivery is shut down', async () => {
  const clock = new ManualRuntime();
  const { spool } = spoolIn(clock);
  const delivery = deliverTo(hanging(), clock, { spool, requestTimeoutMs: 100_000 });
  delivery.accept(promptEntry('a'));
  await clock.advance(1);
  const flush = watch(delivery.flush(100_000));
  void delivery.shutdown(1_000);
  await clock.advance(1_000);
  expect(flush.isOver).toBe(true);
  expect(delivery.stats()).toMatchObject({ spooled: 1, dropped: { shutdown_timeout: 0 } });
});

test('a write that ends after the shutdown loads nothing', async () => {
  const clock = new ManualRuntime();
  const { spool, calls } = spoolIn(clock, { writesMs: 2_000 });
  const delivery = deliverTo(hanging(), clock, { spool });
  delivery.accept(promptEntry('a'));
  void delivery.shutdown(1_000);
  await clock.advance(3_000);
  expect(spool.kept.size).toBe(1);
  expect(calls.taken).toBe(0);
});

test('a shutdown reports the drops that the log had put off, and withdraws the metrics', async () => {
  const clock = new ManualRuntime();
  const lines = useDiag();
  const removed: unknown[] = [];
  const meter: Meter = Object.assign(Object.create(createNoopMeter()) as Meter, {
    removeBatchObservableCallback: (callback: unknown) => removed.push(callback),
  });
  const delivery = deliverTo(
    scriptedDestination(() => ({ status: 404 })),
    clock,
    {
      meterProvider: { getMeter: () => meter },
    },
  );
  for (const entry of promptEntries(3)) delivery.accept(entry);
  void delivery.shutdown(1_000);
  await clock.advance(1_000);
  expect(lines.map(({ text }) => text).filter((text) => text.includes('dropped more'))).toHaveLength(1);
  expect(removed).toHaveLength(1);
});

test('the first flush sends what ended processes left, part by part, and later ones do not look again', async () => {
  const clock = new ManualRuntime();
  const destination = scriptedDestination(undefined, clock.now);
  const { spool, calls } = spoolIn(clock, { orphans: [2, 1] });
  const delivery = deliverTo(destination, clock, { spool });
  const flush = watch(delivery.flush(1_000));
  await clock.advance(100);
  expect(flush.isOver).toBe(true);
  expect(destination.delivered).toEqual(['orphan-1-0', 'orphan-1-1', 'orphan-2-0']);
  expect(calls.claimed).toBe(3);
  void delivery.flush(1_000);
  await clock.advance(1_000);
  expect(calls.claimed).toBe(3);
  void delivery.shutdown(1_000);
  await clock.advance(1_000);
  expect(calls.claimed).toBe(4);
});

test('a flush looks for no further orphans while the destination fails', async () => {
  const clock = new ManualRuntime();
  const { spool, calls } = spoolIn(clock, { orphans: [1, 1, 1] });
  const delivery = deliverTo(
    scriptedDestination(() => DOWN, clock.now),
    clock,
    { spool },
  );
  void delivery.flush(10_000);
  await clock.advance(10_000);
  expect(calls.claimed).toBe(1);
});

test('a flush sends what the spool has claimed by itself meanwhile', async () => {
  const clock = new ManualRuntime();
  const destination = scriptedDestination(undefined, clock.now);
  const { spool, calls } = spoolIn(clock, { orphans: [1] });
  const inTheMeantime: typeof spool = {
    ...spool,
    open: (...args) => {
      const store = spool.open(...args);
      const claimOrphans = store.claimOrphans?.bind(store);
      const claimFirst = async (): Promise<boolean> => {
        await claimOrphans?.();
        return false;
      };
      return Object.assign(store, { claimOrphans: claimFirst });
    },
  };
  const delivery = deliverTo(destination, clock, { spool: inTheMeantime });
  const flush = watch(delivery.flush(1_000));
  await clock.advance(100);
  expect(flush.isOver).toBe(true);
  expect(destination.delivered).toEqual(['orphan-1-0']);
  expect(calls.claimed).toBe(2);
});

test('a flush without time does not look for orphans', async () => {
  const clock = new ManualRuntime();
  const { spool, calls } = spoolIn(clock, { orphans: [1] });
  const delivery = deliverTo(scriptedDestination(undefined, clock.now), clock, { spool });
  void delivery.flush(0);
  await clock.advance(100);
  expect(calls.claimed).toBe(0);
});

test('a flush looks for orphans after a failure if no entry of its own is left to try', async () => {
  const clock = new ManualRuntime();
  const { spool, calls } = spoolIn(clock);
  const delivery = deliverTo(
    scriptedDestination(() => DOWN, clock.now),
    clock,
    { spool, flushAt: 1 },
  );
  let state: 'open' | 'withdrawn' = 'open';
  delivery.accept(promptEntry('a'), undefined, () => state);
  await clock.advance(10);
  expect(delivery.stats().state).toBe('backing-off');
  state = 'withdrawn';
  void delivery.flush(1_000);
  await clock.advance(1_000);
  expect(calls.claimed).toBe(1);
});

/** A destination that fails once, and then hangs. */
function failingThenHanging(clock: ManualRuntime): Destination {
  return scriptedDestination((_, number) => (number === 1 ? DOWN : 'hang'), clock.now);
}

test('a flush ends after failureTimeoutMs while the probe of a destination that failed hangs', async () => {
  const clock = new ManualRuntime();
  const settings = { flushAt: 1, requestTimeoutMs: 60_000 };
  const delivery = deliverTo(failingThenHanging(clock), clock, settings);
  delivery.accept(promptEntry('a'));
  await clock.advance(10);
  const flush = watch(delivery.flush(10_000, 300));
  await clock.advance(299);
  expect(flush.isOver).toBe(false);
  await clock.advance(1);
  expect(flush.isOver).toBe(true);
});

test('a flush takes all its time if entries are in memory only while the probe of a destination hangs', async () => {
  const clock = new ManualRuntime();
  const settings = { flushAt: 1, requestTimeoutMs: 60_000 };
  const delivery = deliverTo(failingThenHanging(clock), clock, settings);
  delivery.accept(promptEntry('a'));
  await clock.advance(10);
  const flush = watch(delivery.flush(3_000));
  await clock.advance(2_999);
  expect(flush.isOver).toBe(false);
  await clock.advance(1);
  expect(flush.isOver).toBe(true);
});

test('a flush ends after a second if everything is on disk while the probe of a destination hangs', async () => {
  const clock = new ManualRuntime();
  const { spool } = spoolIn(clock);
  const settings = { spool, flushAt: 1, requestTimeoutMs: 60_000 };
  const delivery = deliverTo(failingThenHanging(clock), clock, settings);
  delivery.accept(promptEntry('a'));
  await clock.advance(10);
  const flush = watch(delivery.flush(10_000));
  await clock.advance(999);
  expect(flush.isOver).toBe(false);
  await clock.advance(1);
  expect(flush.isOver).toBe(true);
});

test('a flush waits for a slow destination that has not failed, although everything is on disk', async () => {
  const clock = new ManualRuntime();
  const { spool } = spoolIn(clock);
  const delivery = deliverTo(hanging(), clock, { spool, flushAt: 1, requestTimeoutMs: 60_000 });
  delivery.accept(promptEntry('a'));
  await clock.advance(10);
  const flush = watch(delivery.flush(3_000));
  await clock.advance(2_999);
  expect(flush.isOver).toBe(false);
  await clock.advance(1);
  expect(flush.isOver).toBe(true);
});

test('a flush drops what is withdrawn although the destination cannot be reached, and a shutdown does the same', async () => {
  const clock = new ManualRuntime();
  const delivery = deliverTo(
    scriptedDestination(() => DOWN, clock.now),
    clock,
    { flushAt: 1 },
  );
  const states: Record<string, 'open' | 'withdrawn'> = { a: 'open', b: 'open' };
  for (const id of ['a', 'b', 'c']) delivery.accept(promptEntry(id), undefined, () => states[id] ?? 'open');
  await clock.advance(10);
  states['a'] = 'withdrawn';
  void delivery.flush(100);
  expect(delivery.stats().dropped.opted_out).toBe(1);
  await clock.advance(100);
  const end = delivery.shutdown(100);
  states['b'] = 'withdrawn';
  await clock.advance(100);
  await end;
  expect(delivery.stats().dropped).toMatchObject({ opted_out: 2, shutdown_timeout: 1 });
});

test('a flush is over when the entries that are withdrawn have been erased on disk', async () => {
  const clock = new ManualRuntime();
  const { spool, calls } = spoolIn(clock, { erasesMs: 500 });
  const delivery = deliverTo(
    scriptedDestination(() => DOWN, clock.now),
    clock,
    { spool },
  );
  let state: 'open' | 'withdrawn' = 'open';
  delivery.accept(promptEntry('a'), undefined, () => state);
  await clock.advance(10);
  state = 'withdrawn';
  const flush = watch(delivery.flush(2_000));
  await clock.advance(499);
  expect(calls.erased).toEqual([1]);
  expect(delivery.stats().dropped.opted_out).toBe(1);
  expect(flush.isOver).toBe(false);
  await clock.advance(1);
  expect(flush.isOver).toBe(true);
});

test('a flush sends everything, request after request, although everything is on disk', async () => {
  const clock = new ManualRuntime();
  const { spool } = spoolIn(clock);
  const destination = scriptedDestination(undefined, clock.now, { limits: { maxItems: 1 } });
  const send = destination.send.bind(destination);
  destination.send = async (...args) => {
    await new Promise<void>((resolve) => clock.setTimer(resolve, 100, true));
    return send(...args);
  };
  const delivery = deliverTo(destination, clock, { spool, concurrency: 1 });
  for (const entry of promptEntries(3)) delivery.accept(entry);
  await clock.advance(0);
  const flush = watch(delivery.flush(10_000));
  await clock.advance(299);
  expect(flush.isOver).toBe(false);
  await clock.advance(1);
  expect(flush.isOver).toBe(true);
  expect(destination.delivered).toHaveLength(3);
});
