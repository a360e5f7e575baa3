import { beforeEach, describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { DestinationResponse, Batch } from '../../src/destinations/destination.js';
import { useDiag } from '../support/use-diag.js';
import { eventEntry, promptEntries, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { simulateSpool } from '../support/simulated-spool.js';

const REFUSED = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

let clock: ManualRuntime;
beforeEach(() => {
  clock = new ManualRuntime();
});

/** Answers each batch after as many milliseconds as there are for it. */
function slowDestination(
  react: (
    batch: Batch,
    number: number,
  ) => { readonly afterMs: number; readonly answer?: DestinationResponse | Error },
) {
  const batches: Batch[] = [];
  const send = async (batch: Batch): Promise<DestinationResponse | void> => {
    batches.push(batch);
    const { afterMs, answer } = react(batch, batches.length);
    await new Promise<void>((resolve) => clock.setTimer(resolve, afterMs, false));
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { destination: scriptedDestination(undefined, clock.now, { send }), batches };
}

function retryAfter(seconds: number): DestinationResponse {
  return { status: 429, headers: new Headers({ 'retry-after': String(seconds) }) };
}

describe('Delivery among requests that know nothing of each other', () => {
  test('the longest Retry-After counts, even if a later response has a shorter one', async () => {
    const { destination, batches } = slowDestination((_, number) => {
      if (number > 2) return { afterMs: 1 };
      return number === 1 ? { afterMs: 10, answer: retryAfter(20) } : { afterMs: 20, answer: retryAfter(5) };
    });
    const delivery = createDelivery(destination, { flushAt: 1 }, clock);
    for (const entry of promptEntries(150)) delivery.accept(entry);
    await clock.advance(19_000);
    expect(batches).toHaveLength(2);
    await clock.advance(2_000);
    expect(delivery.stats()).toMatchObject({ delivered: 150 });
  });

  test('retries keep the order of acceptance, whatever the order in which requests fail', async () => {
    const { destination, batches } = slowDestination((_, number) =>
      number <= 3 ? { afterMs: 40 - number * 10, answer: REFUSED } : { afterMs: 1 },
    );
    const delivery = createDelivery(destination, { concurrency: 3 }, clock);
    for (const entry of promptEntries(300)) delivery.accept(entry);
    await clock.advance(10_000);
    const firsts = batches.map(({ items }) => JSON.parse(items[0] ?? '') as string);
    expect(firsts).toEqual(['id-0', 'id-100', 'id-200', 'id-0', 'id-100', 'id-200']);
  });

  test('the backoff of the next outage begins short again', async () => {
    let isDown = true;
    const destination = scriptedDestination(() => (isDown ? REFUSED : undefined), clock.now);
    const delivery = createDelivery(destination, { flushAt: 1 }, clock);
    delivery.accept(promptEntry('a'));
    await clock.advance(20_000);
    isDown = false;
    await clock.advance(20_000);
    expect(delivery.stats()).toMatchObject({ delivered: 1 });
    isDown = true;
    const { length } = destination.batches;
    const startMs = clock.now();
    delivery.accept(promptEntry('b'));
    await clock.advance(3_500);
    expect(destination.batches.slice(length).map(({ atMs }) => atMs - startMs)).toEqual([0, 1_000, 3_000]);
  });

  test('prompts and events take turns with the only request of an outage', async () => {
    const destination = scriptedDestination(() => REFUSED, clock.now);
    const delivery = createDelivery(destination, { flushAt: 1 }, clock);
    delivery.accept(promptEntry('prompt'));
    await clock.advance(1);
    delivery.accept(eventEntry('event'));
    await clock.advance(300_000);
    const kinds = destination.batches.slice(1).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'event').length).toBeGreaterThan(kinds.length / 3);
    expect(kinds.filter((kind) => kind === 'prompt').length).toBeGreaterThan(kinds.length / 3);
  });

  test('events are delivered although every prompt breaks the connection', async () => {
    const destination = scriptedDestination(
      ({ kind }) => (kind === 'prompt' ? REFUSED : undefined),
      clock.now,
    );
    const delivery = createDelivery(destination, { flushAt: 1 }, clock);
    for (const entry of promptEntries(1_000)) delivery.accept(entry);
    await clock.advance(10_000);
    delivery.accept(eventEntry('event'));
    await clock.advance(60_000);
    expect(destination.delivered).toEqual(['event']);
  });

  test('no recovery is logged while one of two paths still fails', async () => {
    const lines = useDiag();
    const destination = scriptedDestination(
      ({ kind }) => (kind === 'event' ? { status: 500 } : undefined),
      clock.now,
    );
    const delivery = createDelivery(destination, { flushAt: 1 }, clock);
    for (let minute = 0; minute < 10; minute++) {
      delivery.accept(eventEntry(`event-${minute}`));
      delivery.accept(promptEntry(`prompt-${minute}`));
      await clock.advance(60_000);
    }
    expect(delivery.stats()).toMatchObject({ delivered: 10, queued: 10 });
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
  });

  test('a request is aborted only when no flush waits for it any more', async () => {
    const { destination } = slowDestination(() => ({ afterMs: 5_000 }));
    const delivery = createDelivery(destination, {}, clock);
    delivery.accept(promptEntry('a'));
    void delivery.flush(1_000);
    void delivery.flush(6_000);
    await clock.advance(3_000);
    expect(delivery.stats()).toMatchObject({ inFlight: 1, queued: 0 });
    await clock.advance(2_500);
    expect(delivery.stats()).toMatchObject({ delivered: 1 });
  });

  test('a full batch is sent without waiting for more entries', async () => {
    const limits = { maxItems: 100, maxBytes: 100 };
    const destination = scriptedDestination(undefined, clock.now, { limits });
    const delivery = createDelivery(destination, {}, clock);
    for (let index = 0; index < 3; index++) delivery.accept(promptEntry(`${index}`.repeat(40)));
    await clock.advance(1);
    expect(destination.batches.map(({ items }) => items.length)).toEqual([2]);
    expect(delivery.stats()).toMatchObject({ queued: 1 });
  });
});

describe('What a delivery asks and tells', () => {
  test('an entry is encoded once, however often it is sent', async () => {
    let encoded = 0;
    const destination = scriptedDestination(
      (_, number) => (number < 5 ? { status: 503 } : undefined),
      clock.now,
      {
        encode: (entry) => JSON.stringify({ entry, number: ++encoded }),
      },
    );
    const delivery = createDelivery(destination, {}, clock);
    for (const entry of promptEntries(3)) delivery.accept(entry);
    await clock.advance(120_000);
    expect(destination.batches).toHaveLength(5);
    expect(new Set(destination.batches.map(({ items }) => items.join('\n'))).size).toBe(1);
    expect(encoded).toBe(3);
  });

  test('a full disk is not tried again for each entry', async () => {
    useDiag();
    let writes = 0;
    const spool = simulateSpool(clock, () => {
      writes++;
      return { takesMs: 0, fails: true };
    });
    const delivery = createDelivery(
      scriptedDestination(() => 'hang'),
      { spool },
      clock,
    );
    for (let index = 0; index < 100; index++) {
      delivery.accept(promptEntry(`id-${index}`));
      await clock.advance(90);
    }
    expect(writes).toBe(2);
  });

  test('the log line of a drop has the last failure, in one short line', async () => {
    const lines = useDiag();
    const reason = `first line\nsecond line ${'x'.repeat(1_000)}`;
    const destination = scriptedDestination(() => ({ status: 503, reason }), clock.now);
    const delivery = createDelivery(destination, {}, clock);
    delivery.accept(promptEntry('a'));
    void delivery.shutdown(1_000);
    await clock.advance(1_000);
    expect(delivery.stats().lastError).toMatch(/^HTTP 503: first line second line x{100,280}$/);
    expect(lines.at(-1)?.text).toMatch(/dropped 1 entry \(shutdown_timeout: HTTP 503: first line/);
  });
});
