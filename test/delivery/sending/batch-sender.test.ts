import { expect, test, vi } from 'vitest';
import { createDelivery } from '../../../src/delivery/create-delivery.js';
import type { Destination } from '../../../src/destinations/destination.js';
import { promptEntries, promptEntry } from '../../support/entries.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { scriptedDestination } from '../../support/scripted-destination.js';
import { simulateSpool } from '../../support/simulated-spool.js';

test('a delivery leaves no timer after its shutdown, also in an outage', async () => {
  const runtime = new ManualRuntime();
  const delivery = createDelivery(
    scriptedDestination(() => ({ status: 503 }), runtime.now),
    {},
    runtime,
  );
  delivery.accept(promptEntry('id'));
  await runtime.advance(5_000);
  const end = delivery.shutdown(0);
  await runtime.advance(0);
  await end;
  expect(runtime.timers).toBe(0);
});

test('a stored entry that is in flight counts as spooled alone', async () => {
  const runtime = new ManualRuntime();
  const destination = scriptedDestination(() => 'hang', runtime.now);
  const delivery = createDelivery(destination, { spool: simulateSpool(runtime) }, runtime);
  delivery.accept(promptEntry('id'));
  await runtime.advance(6_000);
  expect(destination.batches).toHaveLength(1);
  expect(delivery.stats()).toMatchObject({ spooled: 1, inFlight: 0, queued: 0 });
});

test('a flush sends at once what the flush before it gave up', async () => {
  const runtime = new ManualRuntime();
  const destination = scriptedDestination((_, number) => (number === 1 ? 'hang' : undefined), runtime.now);
  const delivery = createDelivery(destination, {}, runtime);
  delivery.accept(promptEntry('id'));
  void delivery.flush(100);
  await runtime.advance(100);
  expect(destination.batches).toHaveLength(1);
  void delivery.flush(100);
  await runtime.advance(0);
  expect(destination.delivered).toEqual(['id']);
});

test('with everything on disk, a flush ends in the moment in which the destination fails', async () => {
  const runtime = new ManualRuntime();
  const destination = scriptedDestination(() => ({ status: 503 }), runtime.now);
  const delivery = createDelivery(destination, { spool: simulateSpool(runtime) }, runtime);
  delivery.accept(promptEntry('id'));
  const onEnd = vi.fn<() => void>();
  void delivery.flush(10_000).then(onEnd);
  await runtime.advance(100);
  expect(destination.batches).toHaveLength(1);
  expect(onEnd).toHaveBeenCalledOnce();
});

test('a spool is read on whenever a batch has left', async () => {
  const runtime = new ManualRuntime();
  const limits = { maxItems: 1, maxBytes: 900_000 };
  const destination = scriptedDestination(undefined, runtime.now, { limits });
  const settings = { spool: simulateSpool(runtime), concurrency: 1, flushAt: 1 };
  const delivery = createDelivery(destination, settings, runtime);
  for (const entry of promptEntries(10)) delivery.accept(entry);
  await runtime.advance(1_000);
  expect(destination.delivered).toHaveLength(10);
});

test.each([
  ['is aborted if the destination cannot let the process end', () => false, true],
  [
    'is aborted if the function of the destination fails',
    () => {
      throw new Error('no');
    },
    true,
  ],
  ['goes on if the destination lets the process end', () => true, false],
])('a request that a flush gives up %s', async (_name, release, isAborted) => {
  const runtime = new ManualRuntime();
  const signals: AbortSignal[] = [];
  const destination: Destination = {
    name: 'own',
    encode: () => '{}',
    send: (_batch, { signal, onRelease }) => {
      onRelease?.(release);
      signals.push(signal);
      return new Promise(() => {});
    },
  };
  const delivery = createDelivery(destination, {}, runtime);
  delivery.accept(promptEntry('id'));
  void delivery.flush(100);
  await runtime.advance(100);
  expect(signals.map(({ aborted }) => aborted)).toEqual([isAborted]);
});

test('entries that were withdrawn are not sent, and the others of their batch are', async () => {
  const runtime = new ManualRuntime();
  const destination = scriptedDestination(undefined, runtime.now, {
    limits: { maxItems: 2, maxBytes: 900_000 },
  });
  const delivery = createDelivery(destination, {}, runtime);
  let areWithdrawn = false;
  for (const [index, entry] of promptEntries(5).entries())
    delivery.accept(entry, undefined, () => (areWithdrawn && index !== 3 ? 'withdrawn' : 'open'));
  await runtime.advance(4_000);
  areWithdrawn = true;
  await runtime.advance(2_000);
  expect(destination.delivered).toEqual(['id-3']);
  expect(delivery.stats()).toMatchObject({ delivered: 1, dropped: { opted_out: 4 }, queued: 0 });
});
