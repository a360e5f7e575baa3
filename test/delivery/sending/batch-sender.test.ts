import { expect, test } from 'vitest';
import { createDelivery } from '../../../src/delivery/create-delivery.js';
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
