import { context, diag, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { DroppedEntry } from '../../src/delivery/model/settings.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import { useDiag } from '../support/use-diag.js';
import { eventEntry, promptEntries, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { simulateSpool } from '../support/simulated-spool.js';

afterEach(() => {
  diag.disable();
  trace.disable();
  context.disable();
});

function fail(): never {
  throw new Error('not my day');
}

describe('The event loop of the application', () => {
  test('a delivery sends one batch in each turn of the event loop until `concurrency` is reached', async () => {
    const clock = new ManualRuntime();
    const destination = scriptedDestination(() => 'hang');
    const delivery = createDelivery(destination, { concurrency: 3 }, clock);
    for (const entry of promptEntries(1_000)) delivery.accept(entry);
    const sent: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      sent.push(destination.batches.length);
      await clock.advanceToNextTimer();
    }
    expect(sent).toEqual([0, 1, 2, 3]);
    const ended = delivery.shutdown(1_000);
    await clock.advance(5_000);
    await ended;
  });

  test('a flush sends all batches in one turn, because a page that is left may have no other', async () => {
    const clock = new ManualRuntime();
    const destination = scriptedDestination(() => 'hang');
    const delivery = createDelivery(destination, { concurrency: 3 }, clock);
    for (const entry of promptEntries(1_000)) delivery.accept(entry);
    const flushed = delivery.flush(1_000);
    expect(destination.batches).toHaveLength(3);
    const ended = delivery.shutdown(1_000);
    await clock.advance(5_000);
    await Promise.all([flushed, ended]);
  });
});

describe('The queue of a delivery', () => {
  test('a full queue drops the oldest entry of any kind', async () => {
    const clock = new ManualRuntime();
    const drops: DroppedEntry[] = [];
    const destination = scriptedDestination();
    const delivery = createDelivery(
      destination,
      { maxQueueRecords: 3, onDrop: (drop) => drops.push(drop) },
      clock,
    );
    delivery.accept(eventEntry('a'));
    for (const id of ['b', 'c', 'd', 'e']) delivery.accept(promptEntry(id));
    expect(drops).toEqual([
      { destination: 'scripted', kind: 'event', reason: 'queue_overflow', json: '"a"' },
      { destination: 'scripted', kind: 'prompt', reason: 'queue_overflow', json: '"b"' },
    ]);
    expect(delivery.stats()).toMatchObject({ accepted: 5, queued: 3, dropped: { queue_overflow: 2 } });
    void delivery.flush();
    await clock.advance(1);
    expect(destination.delivered).toEqual(['c', 'd', 'e']);
  });

  test('a full queue drops the oldest entry that is in memory only, and none that is spooled', async () => {
    const clock = new ManualRuntime();
    const drops: (string | undefined)[] = [];
    let isFull = false;
    const destination = scriptedDestination(() => ({ status: 503 }), clock.now);
    const delivery = createDelivery(
      destination,
      {
        spool: simulateSpool(clock, () => ({ takesMs: 0, fails: isFull })),
        maxQueueRecords: 3,
        onDrop: ({ json }) => drops.push(json),
      },
      clock,
    );
    const acceptAll = async (...ids: readonly string[]) => {
      for (const id of ids) {
        delivery.accept(promptEntry(id));
        await clock.advance(1);
      }
    };
    await acceptAll('stored-1', 'stored-2');
    isFull = true;
    // Long enough for what was stored to have been sent and to have come back.
    await clock.advance(20_000);
    await acceptAll('a', 'b', 'c', 'd', 'e');
    expect(drops).toEqual(['"a"', '"b"']);
    expect(delivery.stats()).toMatchObject({ accepted: 7, spooled: 2, queued: 3 });
  });

  test('a full queue drops the oldest unwritten entry when the disk is too slow', async () => {
    const clock = new ManualRuntime();
    const drops: (string | undefined)[] = [];
    const spool = simulateSpool(clock, () => ({ takesMs: 1_000, fails: false }));
    const settings = { spool, maxQueueRecords: 3, onDrop: ({ json }: DroppedEntry) => drops.push(json) };
    const delivery = createDelivery(scriptedDestination(), settings, clock);
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      delivery.accept(promptEntry(id));
      await clock.advance(1);
    }
    // The first is being written, and cannot be called back.
    expect(drops).toEqual(['"b"', '"c"']);
    await clock.advance(3_000);
    expect(delivery.stats()).toMatchObject({ accepted: 5, spooled: 3, queued: 0 });
  });

  test('the queue is limited in bytes, entries in flight included', async () => {
    const clock = new ManualRuntime();
    const destination = scriptedDestination(() => 'hang');
    const delivery = createDelivery(destination, { maxQueueBytes: 1_000, flushAt: 1 }, clock);
    for (let index = 0; index < 100; index++) {
      delivery.accept(promptEntry(`é${index}`.padEnd(47, '.')));
      if (index % 10 === 0) await clock.advance(1);
      expect(delivery.stats().queuedBytes).toBeLessThanOrEqual(1_000);
    }
    expect(delivery.stats()).toMatchObject({ accepted: 100, dropped: { queue_overflow: 80 } });
  });

  test('the queue keeps 10,000 entries that arrive in one tick', async () => {
    const destination = scriptedDestination();
    const delivery = createDelivery(destination);
    for (const entry of promptEntries(10_000)) delivery.accept(entry);
    await delivery.flush();
    expect(new Set(destination.delivered).size).toBe(10_000);
  });

  test('a delivery never has more than `concurrency` requests in flight', async () => {
    let requestsInFlight = 0;
    let most = 0;
    const destination = scriptedDestination(undefined, undefined, {
      async send() {
        most = Math.max(most, ++requestsInFlight);
        await new Promise((resolve) => setTimeout(resolve, 1));
        requestsInFlight--;
      },
    });
    const delivery = createDelivery(destination, { concurrency: 2 });
    for (const entry of promptEntries(2_000)) delivery.accept(entry);
    await delivery.flush();
    expect(most).toBe(2);
  });

  test('a delivery sends fewer than flushAt entries when the flush interval is over', async () => {
    const clock = new ManualRuntime();
    const destination = scriptedDestination(undefined, clock.now);
    const delivery = createDelivery(destination, { flushIntervalMs: 5_000 }, clock);
    const startMs = clock.now();
    delivery.accept(promptEntry('a'));
    await clock.advance(3_000);
    delivery.accept(promptEntry('b'));
    await clock.advance(3_000);
    expect(destination.batches).toEqual([{ kind: 'prompt', items: ['"a"', '"b"'], atMs: startMs + 5_000 }]);
  });
});

describe('Delivery and the functions that others bring', () => {
  test('a delivery does nothing before the first entry', () => {
    const clock = new ManualRuntime();
    const destination = scriptedDestination();
    const delivery = createDelivery(destination, {}, clock);
    expect(delivery.stats()).toMatchObject({ state: 'sending', accepted: 0 });
    expect(clock.timers).toBe(0);
  });

  test.each([
    ['throws', fail],
    ['returns a number', () => 7],
    ['returns empty text', () => ''],
    ['returns a promise', async () => '{}'],
    ['returns a promise that is rejected', async () => fail()],
  ])('an entry whose encode %s is dropped as serialization_failed', (_, encode) => {
    const delivery = createDelivery(scriptedDestination(undefined, undefined, { encode: encode as never }));
    const settlements: Settlement[] = [];
    delivery.accept(promptEntry('a'), (settlement) => settlements.push(settlement));
    expect(settlements).toEqual([{ status: 'dropped', reason: 'serialization_failed' }]);
    expect(delivery.stats()).toMatchObject({
      accepted: 1,
      dropped: { serialization_failed: 1 },
      queuedBytes: 0,
    });
  });

  test('an entry that the destination does not take is counted without a warning', () => {
    const lines = useDiag();
    const delivery = createDelivery(scriptedDestination(undefined, undefined, { encode: () => undefined }));
    delivery.accept(promptEntry('a'));
    expect(delivery.stats().dropped.unsupported).toBe(1);
    expect(lines).toEqual([]);
  });

  test.each([
    ['no entry at all', undefined],
    ['an entry of an unknown kind', { kind: 'metric' }],
    ['an entry that throws when it is read', Object.defineProperty({}, 'kind', { get: fail })],
  ])('a delivery survives %s', async (_, entry) => {
    const delivery = createDelivery(scriptedDestination());
    delivery.accept(entry as never);
    await delivery.flush();
    expect(delivery.stats().dropped.serialization_failed).toBe(1);
  });

  test.each([
    ['throw', fail],
    ['reject', async () => fail()],
  ])('a delivery works although callbacks and loggers %s', async (_, callback) => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const bad = () => callback() as never;
    diag.setLogger({ error: bad, warn: bad, info: bad, debug: bad, verbose: bad });
    const destination = scriptedDestination((_, number) => (number === 1 ? { status: 404 } : undefined));
    const delivery = createDelivery(destination, { onDrop: bad });
    delivery.accept(promptEntry('a'), bad);
    await delivery.flush();
    delivery.accept(promptEntry('b'), bad);
    await delivery.flush();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(delivery.stats()).toMatchObject({ delivered: 1, dropped: { http_error: 1 } });
  });

  test('a request is retried when send throws instead of rejecting', async () => {
    const destination = scriptedDestination();
    const send = destination.send.bind(destination);
    let calls = 0;
    destination.send = (batch, options) => (++calls === 1 ? fail() : send(batch, options));
    const delivery = createDelivery(destination);
    delivery.accept(promptEntry('a'));
    await delivery.flush();
    expect(destination.delivered).toEqual(['a']);
  });

  test('a callback of a delivery may use the delivery', async () => {
    const destination = scriptedDestination();
    const delivery = createDelivery(destination);
    const nested: Promise<void>[] = [];
    for (const entry of promptEntries(50)) {
      delivery.accept(entry, () => {
        nested.push(delivery.flush());
        if (nested.length <= 10) delivery.accept(promptEntry(`nested-${nested.length}`));
        const { accepted, delivered, queued, inFlight } = delivery.stats();
        expect(delivered + queued + inFlight).toBe(accepted);
      });
    }
    await delivery.flush();
    await Promise.all(nested);
    await delivery.flush();
    expect(destination.delivered).toHaveLength(60);
  });

  test('a request creates no spans and runs in no context of the application', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const tracer = provider.getTracer('test');
    const key = Symbol.for('user of the request');
    const seen: unknown[] = [];
    const destination = scriptedDestination((_, number) => (number === 1 ? { status: 500 } : undefined));
    const send = destination.send.bind(destination);
    destination.send = async (batch, options) => {
      tracer.startSpan('POST').end();
      seen.push(context.active().getValue(key));
      return send(batch, options);
    };
    const delivery = createDelivery(destination);
    await context.with(context.active().setValue(key, 'Ada'), async () => {
      delivery.accept(promptEntry('a'));
      await delivery.flush();
    });
    expect(destination.delivered).toEqual(['a']);
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(seen).toEqual([undefined, undefined]);
  });
});

describe('flush and shutdown', () => {
  test('a flush waits for entries that were accepted before it, and for no later ones', async () => {
    const clock = new ManualRuntime();
    const waiting: (() => void)[] = [];
    const destination = scriptedDestination(undefined, undefined, {
      send: () => new Promise<void>((resolve) => waiting.push(resolve)),
    });
    const delivery = createDelivery(destination, {}, clock);
    delivery.accept(promptEntry('a'));
    let flushed = false;
    const flush = delivery.flush().then(() => (flushed = true));
    delivery.accept(promptEntry('b'));
    await clock.advance(1_000);
    expect(flushed).toBe(false);
    waiting[0]?.();
    await flush;
    expect(delivery.stats()).toMatchObject({ delivered: 1, queued: 1 });
  });

  test.each([
    ['what was accepted is delivered', 'up'],
    ['what was accepted is on disk, when the server is down', 'down'],
  ])('a flush does not wait for later entries: it ends as soon as %s', async (_, server) => {
    const clock = new ManualRuntime();
    const retryLater = { status: 503, headers: new Headers({ 'retry-after': '60' }) };
    const destination = scriptedDestination(() => (server === 'up' ? undefined : retryLater));
    const spool = simulateSpool(clock, () => ({ takesMs: 10, fails: false }));
    const delivery = createDelivery(destination, { spool }, clock);
    let flushedAfterMs: number | undefined;
    const startMs = clock.now();
    for (let index = 0; index < 1_000; index++) {
      delivery.accept(promptEntry(`id-${index}`));
      if (index === 100) void delivery.flush(30_000).then(() => (flushedAfterMs = clock.now() - startMs));
      await clock.advance(1);
    }
    expect(flushedAfterMs).toBeLessThan(200);
    void delivery.shutdown(0);
    await clock.advance(100);
  });

  test('a flush resolves at its deadline when the server does not answer, and keeps the entries', async () => {
    const clock = new ManualRuntime();
    const delivery = createDelivery(
      scriptedDestination(() => 'hang'),
      {},
      clock,
    );
    delivery.accept(promptEntry('a'));
    let flushed = false;
    void delivery.flush(3_000).then(() => (flushed = true));
    await clock.advance(2_999);
    expect(flushed).toBe(false);
    await clock.advance(1);
    expect(flushed).toBe(true);
    // Nobody waits for it any more: the request is given up, so that it keeps no process alive. That is no failure of the server.
    expect(delivery.stats()).toMatchObject({ accepted: 1, queued: 1, inFlight: 0, state: 'sending' });
    expect(delivery.stats()).not.toHaveProperty('lastError');
  });

  test('a flush resolves early when no request is possible before its deadline', async () => {
    const clock = new ManualRuntime();
    const retryLater = { status: 503, headers: new Headers({ 'retry-after': '60' }) };
    const delivery = createDelivery(
      scriptedDestination(() => retryLater),
      {},
      clock,
    );
    delivery.accept(promptEntry('a'));
    let flushed = false;
    void delivery.flush(10_000).then(() => (flushed = true));
    await clock.advance(1);
    expect(flushed).toBe(true);
    expect(delivery.stats().queued).toBe(1);
  });

  test('a shutdown drops remaining entries, aborts requests and releases the destination', async () => {
    const clock = new ManualRuntime();
    const shutdown = vi.fn<() => Promise<void>>(async () => {});
    let signal: AbortSignal | undefined;
    const destination = scriptedDestination(undefined, undefined, {
      shutdown,
      send(_, options) {
        signal = options.signal;
        return new Promise(() => {});
      },
    });
    const delivery = createDelivery(destination, { concurrency: 1 }, clock);
    const settlements: Settlement[] = [];
    for (const entry of promptEntries(150))
      delivery.accept(entry, (settlement) => settlements.push(settlement));
    const first = delivery.shutdown(2_000);
    expect(delivery.shutdown()).toBe(first);
    await clock.advance(2_000);
    await first;
    expect(settlements).toEqual(
      promptEntries(150).map(() => ({ status: 'dropped', reason: 'shutdown_timeout' })),
    );
    expect(signal?.aborted).toBe(true);
    expect(shutdown).toHaveBeenCalledTimes(1);
    expect(delivery.stats()).toMatchObject({ state: 'shut-down', queued: 0, inFlight: 0, queuedBytes: 0 });
    expect(clock.timers).toBe(0);
  });

  test('a shutdown ends in time although that of the destination hangs or fails', async () => {
    for (const shutdown of [() => new Promise<void>(() => {}), fail, async () => fail()]) {
      const clock = new ManualRuntime();
      const delivery = createDelivery(scriptedDestination(undefined, undefined, { shutdown }), {}, clock);
      let isOver = false;
      void delivery.shutdown(1_000).then(() => (isOver = true));
      await clock.advance(1_000);
      expect(isOver).toBe(true);
      expect(delivery.stats().state).toBe('shut-down');
    }
  });

  test('a shutdown with a timeout of 0 drops remaining entries at once', async () => {
    const delivery = createDelivery(scriptedDestination(() => 'hang'));
    delivery.accept(promptEntry('a'));
    const startedMs = performance.now();
    await delivery.shutdown(0);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(delivery.stats().dropped.shutdown_timeout).toBe(1);
  });

  test('no flush waits for entries that a shutdown leaves in the spool', async () => {
    const clock = new ManualRuntime();
    const destination = scriptedDestination(() => 'hang');
    const delivery = createDelivery(destination, { spool: simulateSpool(clock) }, clock);
    delivery.accept(promptEntry('a'));
    await clock.advance(1);
    const ended: string[] = [];
    void delivery.flush(3_600_000).then(() => ended.push('the flush before'));
    await clock.advance(1);
    void delivery.shutdown(1_000).then(() => ended.push('the shutdown'));
    await clock.advance(1_000);
    void delivery.flush().then(() => ended.push('the flush after'));
    await clock.advance(1);
    expect(ended.toSorted()).toEqual(['the flush after', 'the flush before', 'the shutdown']);
    expect(delivery.stats()).toMatchObject({ spooled: 1 });
    expect(clock.timers).toBe(0);
  });

  test('a delivery takes no entry after its shutdown, and logs it', async () => {
    const delivery = createDelivery(scriptedDestination());
    await delivery.shutdown();
    const settlements: Settlement[] = [];
    delivery.accept(promptEntry('late'), (settlement) => settlements.push(settlement));
    await delivery.flush();
    expect(settlements).toEqual([{ status: 'dropped', reason: 'already_shutdown' }]);
    expect(delivery.stats()).toMatchObject({ accepted: 1, dropped: { already_shutdown: 1 } });
  });

  test('a drop is logged at once, and the number of further drops later', async () => {
    const lines = useDiag();
    const clock = new ManualRuntime();
    const delivery = createDelivery(
      scriptedDestination(() => 'hang'),
      { maxQueueRecords: 10 },
      clock,
    );
    for (const entry of promptEntries(510)) delivery.accept(entry);
    expect(lines.map(({ text }) => text)).toEqual([
      expect.stringContaining('dropped 1 entry (queue_overflow)'),
    ]);
    void delivery.shutdown(100);
    await clock.advance(100);
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
    expect(lines[1]?.text).toContain('queue_overflow: 499, shutdown_timeout: 10');
  });
});
