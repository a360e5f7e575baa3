import { expect, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import { TrubricsClient, TrubricsSpanProcessor } from '../../src/index.js';
import { fileSpool } from '../../src/node/index.js';
import { promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { closedPort, inTurn, OK } from '../support/scripted-server.js';
import { makeChatSpan } from '../support/span.js';
import { useDelivery } from '../support/use-delivery.js';
import { useFolder } from '../support/use-folder.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

const UNAVAILABLE = { status: 503 };

/** A destination that delivers after `latencyMs`, if its request is not aborted before. */
function slowDestination(clock: ManualRuntime, latencyMs: number) {
  const received: string[] = [];
  const destination = scriptedDestination(undefined, clock.now, {
    send: ({ items }, { signal }) =>
      new Promise((resolve, reject) => {
        received.push(...items);
        clock.setTimer(() => resolve(), latencyMs, false);
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  });
  return { destination, received };
}

test('flushes shorter than the latency of the destination deliver everything, each entry sent at most twice', async () => {
  const clock = new ManualRuntime();
  const { destination, received } = slowDestination(clock, 1_200);
  const delivery = createDelivery(destination, {}, clock);

  for (let call = 0; call < 15; call += 1) {
    delivery.accept(promptEntry(`id-${call}`));
    const flushed = delivery.flush(1_000);
    await clock.advance(1_000);
    await flushed;
  }
  await clock.advance(10_000);

  expect(delivery.stats()).toMatchObject({ delivered: 15, queued: 0, state: 'sending' });
  expect(delivery.stats()).not.toHaveProperty('lastError');
  for (let call = 0; call < 15; call += 1)
    expect(received.filter((item) => item === `"id-${call}"`).length).toBeLessThanOrEqual(2);
});

test('a batch that a flush gave up is sent again after the flush interval, and then gets its whole time', async () => {
  const clock = new ManualRuntime();
  const { destination, received } = slowDestination(clock, 3_000);
  const delivery = createDelivery(destination, { flushIntervalMs: 5_000 }, clock);
  delivery.accept(promptEntry('a'));
  void delivery.flush(1_000);
  await clock.advance(1_000);
  expect(delivery.stats()).toMatchObject({ inFlight: 0, queued: 1 });

  await clock.advance(4_999);
  expect(received).toHaveLength(1);
  await clock.advance(1);
  expect(received).toHaveLength(2);
  const flushed = delivery.flush(500);
  await clock.advance(500);
  await flushed;
  expect(delivery.stats()).toMatchObject({ inFlight: 1 });
  await clock.advance(2_500);

  expect(delivery.stats()).toMatchObject({ delivered: 1 });
  expect(received).toHaveLength(2);
});

test('an aborted probe decides nothing: the next request is the probe', async () => {
  const clock = new ManualRuntime();
  const reactions = [UNAVAILABLE, 'hang', undefined] as const;
  const destination = scriptedDestination((_batch, number) => reactions[number - 1], clock.now);
  const delivery = createDelivery(destination, { flushAt: 1 }, clock);
  delivery.accept(promptEntry('a'));
  await clock.advance(10);
  expect(delivery.stats().state).toBe('backing-off');

  void delivery.flush(100);
  await clock.advance(100);
  expect(delivery.stats()).toMatchObject({ state: 'backing-off', lastError: 'HTTP 503' });
  await clock.advance(5_000);

  expect(delivery.stats()).toMatchObject({ state: 'sending', delivered: 1 });
});

test('shutdown aborts a request a second time', async () => {
  const clock = new ManualRuntime();
  const { destination } = slowDestination(clock, 60_000);
  const delivery = createDelivery(destination, {}, clock);
  delivery.accept(promptEntry('a'));
  void delivery.flush(100);
  await clock.advance(100);

  const closed = delivery.shutdown(500);
  await clock.advance(500);
  await closed;

  expect(delivery.stats()).toMatchObject({ inFlight: 0, dropped: { shutdown_timeout: 1 } });
});

test('with everything on disk, flush and shutdown end at the first failure', async () => {
  const server = await useScriptedServer(() => ({ status: 503 }));
  const dir = await useFolder();
  const client = new TrubricsClient({ host: server.url, spool: fileSpool({ dir, claimWithinMs: 0 }) });
  client.trackPrompt({ prompt: 'Why?', generation: 'Because.' });
  const started = performance.now();

  await client.flush();
  await client.flush();
  await client.shutdown();

  expect(server.requests).toHaveLength(3);
  expect(client.stats().destinations[0]).toMatchObject({ spooled: 1 });
  expect(performance.now() - started).toBeLessThan(8_000);
});

test('with the server down, forceFlush of the processor ends at once and keeps the record', async () => {
  const processor = new TrubricsSpanProcessor({ host: `http://127.0.0.1:${await closedPort()}` });
  processor.onEnd(makeChatSpan());

  const started = performance.now();
  await processor.forceFlush();
  const tookMs = performance.now() - started;

  // The default flushTimeoutMs is 10 s.
  expect(tookMs).toBeLessThan(3_000);
  expect(processor.stats().destinations[0]).toMatchObject({ queued: 1, state: 'backing-off' });
  await processor.shutdown();
});

test('flush of the processor goes on where the destination fails at first', async () => {
  const server = await useScriptedServer(inTurn({ status: 503 }, { status: 503 }, OK));
  const processor = new TrubricsSpanProcessor({ host: server.url });
  processor.onEnd(makeChatSpan());

  await processor.flush();

  expect(processor.stats().destinations[0]).toMatchObject({ delivered: 1 });
  await processor.shutdown();
});

test('an onDrop that tracks while the queue is full is called once for each entry, not for those it causes', async () => {
  const drops: string[] = [];
  const delivery = useDelivery(
    scriptedDestination(() => UNAVAILABLE),
    {
      maxQueueRecords: 2,
      flushAt: 100,
      onDrop: ({ reason }) => {
        drops.push(reason);
        delivery.accept(promptEntry('lost'));
      },
    },
  );

  for (const id of ['a', 'b', 'c']) delivery.accept(promptEntry(id));

  expect(drops).toEqual(['queue_overflow']);
  expect(delivery.stats()).toMatchObject({ accepted: 4, queued: 2, dropped: { queue_overflow: 2 } });
});

test('an encode that hands entries to its own delivery does not recurse', () => {
  const encode = vi.fn<() => string>(() => {
    delivery.accept(promptEntry('again'));
    return '{}';
  });
  const delivery = useDelivery({ name: 'odd', encode, send: () => Promise.resolve() });

  delivery.accept(promptEntry('a'));

  expect(encode).toHaveBeenCalledOnce();
  expect(delivery.stats()).toMatchObject({ accepted: 2, dropped: { serialization_failed: 1 } });
});
