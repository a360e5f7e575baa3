import { beforeEach, describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { DestinationResponse, Batch } from '../../src/destinations/destination.js';
import { useDiag, type CapturedLine } from '../support/use-diag.js';
import { eventEntry, promptEntries, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { type ScriptedDestination, scriptedDestination } from '../support/scripted-destination.js';

const REFUSED = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

let clock: ManualRuntime;
let lines: CapturedLine[];
beforeEach(() => {
  clock = new ManualRuntime();
  lines = useDiag();
});

function deliver(
  react: (batch: Batch, number: number) => DestinationResponse | Error | 'hang' | undefined,
  settings: Partial<DeliverySettings> = {},
): { destination: ScriptedDestination; delivery: Delivery; sentAfterMs: () => number[] } {
  const destination = scriptedDestination(react, clock.now);
  const startMs = clock.now();
  return {
    destination,
    delivery: createDelivery(destination, { flushAt: 1, ...settings }, clock),
    sentAfterMs: () => destination.batches.map(({ atMs }) => atMs - startMs),
  };
}

describe('Delivery during an outage', () => {
  test('the backoff grows from failure to failure up to 30 s', async () => {
    const { delivery, sentAfterMs } = deliver(() => REFUSED);
    delivery.accept(promptEntry('a'));
    await clock.advance(100_000);
    expect(sentAfterMs()).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
    expect(delivery.stats()).toMatchObject({ state: 'backing-off', queued: 1, lastError: 'ECONNREFUSED' });
  });

  test('all batches share one backoff, one is the probe, then all go on at full speed', async () => {
    let up = false;
    const { delivery, destination, sentAfterMs } = deliver(() => (up ? undefined : REFUSED), {
      concurrency: 3,
    });
    for (const entry of promptEntries(1_000)) delivery.accept(entry);
    delivery.accept(eventEntry('event'));
    await clock.advance(500);
    // One of each kind: the failure is back before the next turn of the event loop.
    expect(destination.batches).toHaveLength(2);
    up = true;
    await clock.advance(1_000);
    expect(
      sentAfterMs()
        .slice(2)
        .every((atMs) => atMs === 1_000),
    ).toBe(true);
    expect(new Set(destination.delivered).size).toBe(1_001);
    expect(delivery.stats()).toMatchObject({ state: 'sending', delivered: 1_001, queued: 0, inFlight: 0 });
  });

  test('a probe is one batch, however many wait', async () => {
    const { delivery, sentAfterMs } = deliver(() => REFUSED, { concurrency: 4 });
    delivery.accept(promptEntry('first'));
    await clock.advance(10);
    for (const entry of promptEntries(500)) delivery.accept(entry);
    for (let index = 0; index < 50; index++) delivery.accept(eventEntry(`event-${index}`));
    await clock.advance(7_500);
    expect(sentAfterMs()).toEqual([0, 1_000, 3_000, 7_000]);
  });

  test('prompts do not wait for a failing path of events', async () => {
    const { delivery, destination } = deliver(({ kind }) => (kind === 'event' ? { status: 500 } : undefined));
    delivery.accept(eventEntry('event'));
    await clock.advance(20_000);
    delivery.accept(promptEntry('prompt'));
    await clock.advance(1);
    expect(destination.delivered).toEqual(['prompt']);
  });

  test('prompts do not wait for events that hang', async () => {
    const { delivery, destination } = deliver(({ kind }) => (kind === 'event' ? 'hang' : undefined));
    for (let index = 0; index < 1_000; index++) delivery.accept(eventEntry(`event-${index}`));
    await clock.advance(5);
    delivery.accept(promptEntry('prompt'));
    await clock.advance(1);
    expect(destination.delivered).toEqual(['prompt']);
  });

  test('Retry-After is the least backoff for all entries of a destination', async () => {
    const retryLater = { status: 429, headers: new Headers({ 'retry-after': '20' }) };
    const { delivery, sentAfterMs } = deliver((_, number) => (number === 1 ? retryLater : undefined));
    delivery.accept(promptEntry('a'));
    await clock.advance(10);
    delivery.accept(eventEntry('b'));
    await clock.advance(30_000);
    expect(sentAfterMs()).toEqual([0, 20_000, 20_000]);
  });

  test('Retry-After may be a date', async () => {
    const date = new Date(clock.now() + 12_000).toUTCString();
    const { delivery, sentAfterMs } = deliver((_, number) =>
      number === 1 ? { status: 503, headers: new Headers({ 'retry-after': date }) } : undefined,
    );
    delivery.accept(promptEntry('a'));
    await clock.advance(30_000);
    expect(sentAfterMs()).toEqual([0, 12_000]);
  });

  test('a flush tries once at once, but not before the end of Retry-After', async () => {
    const { delivery, sentAfterMs } = deliver((_, number) =>
      number < 5 ? REFUSED : { status: 503, headers: new Headers({ 'retry-after': '100' }) },
    );
    delivery.accept(promptEntry('a'));
    await clock.advance(7_500);
    void delivery.flush(60_000);
    await clock.advance(10_000);
    expect(sentAfterMs()).toEqual([0, 1_000, 3_000, 7_000, 7_500]);
    void delivery.flush(200_000);
    await clock.advance(99_000);
    expect(sentAfterMs()).toEqual([0, 1_000, 3_000, 7_000, 7_500, 107_500]);
  });

  test('a request that times out is retried, even if the destination ignores the signal', async () => {
    let signal: AbortSignal | undefined;
    const { delivery, destination } = deliver((_, number) => (number === 1 ? 'hang' : undefined));
    const send = destination.send.bind(destination);
    destination.send = (batch, context) => {
      signal ??= context.signal;
      return send(batch, context);
    };
    delivery.accept(promptEntry('a'));
    await clock.advance(9_999);
    expect(delivery.stats()).toMatchObject({ inFlight: 1, queued: 0 });
    await clock.advance(2);
    expect(signal?.aborted).toBe(true);
    expect(delivery.stats()).toMatchObject({
      inFlight: 0,
      queued: 1,
      lastError: 'no answer within 10000 ms',
    });
    await clock.advance(1_000);
    expect(destination.delivered).toEqual(['a']);
  });

  test('an entry that was not delivered for 48 hours is dropped', async () => {
    let up = false;
    const { delivery, destination } = deliver(() => (up ? undefined : REFUSED));
    delivery.accept(promptEntry('old'));
    await clock.advance(47 * 3_600_000);
    delivery.accept(promptEntry('young'));
    await clock.advance(2 * 3_600_000);
    up = true;
    await clock.advance(60_000);
    expect(destination.delivered).toEqual(['young']);
    expect(delivery.stats().dropped.expired).toBe(1);
  });

  test('an outage logs one line at its begin and one at its end', async () => {
    let up = false;
    const { delivery } = deliver(() => (up ? undefined : REFUSED));
    for (const entry of promptEntries(300)) delivery.accept(entry);
    await clock.advance(600_000);
    up = true;
    await clock.advance(60_000);
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(lines[0]?.text).toContain('cannot deliver (ECONNREFUSED)');
    expect(lines[1]?.text).toContain('delivers again');
  });
});

test('a delivery logs one line for each change of state and none for a record', async () => {
  let reaction: DestinationResponse | Error | undefined;
  const { delivery } = deliver(() => reaction, { maxQueueRecords: 2_000, flushAt: 20 });
  const live = async (next: typeof reaction): Promise<void> => {
    reaction = next;
    for (let minute = 0; minute < 5; minute++) {
      for (const entry of promptEntries(300)) delivery.accept(entry);
      for (let index = 0; index < 50; index++) delivery.accept(eventEntry(`event-${index}`));
      await clock.advance(60_000);
    }
  };
  await live(undefined);
  await live(REFUSED);
  await live({ status: 500 });
  await live({ status: 401 });
  await live(REFUSED);
  await live({ status: 401 });
  await live(undefined);
  await live({ status: 503 });
  await live(undefined);
  const { dropped, accepted, delivered } = delivery.stats();
  expect(delivered + dropped.queue_overflow).toBe(accepted);
  const written = lines.map(
    ({ level, text }) => `${level} ${text.replace(/^.*scripted: /, '').slice(0, 19)}`,
  );
  // One a minute, with a number, as long as entries are lost: for less than half an hour.
  expect(written.filter((line) => line.startsWith('warn dropped')).length).toBeLessThan(30);
  expect(written.filter((line) => !line.startsWith('warn dropped'))).toEqual([
    'warn cannot deliver (ECO',
    'error the destination ref',
    'info delivers again afte',
    'warn cannot deliver (HTT',
    'info delivers again afte',
  ]);
});

describe('Delivery with a refused key', () => {
  const UNAUTHORIZED = { status: 401 };

  test('a refused key stops the queue, is logged once as an error, and is probed once a minute', async () => {
    const { delivery, sentAfterMs } = deliver(() => UNAUTHORIZED);
    for (const entry of promptEntries(150)) delivery.accept(entry);
    delivery.accept(eventEntry('event'));
    await clock.advance(1);
    const before = sentAfterMs().length;
    await clock.advance(200_000);
    expect(sentAfterMs().slice(before)).toEqual([60_000, 120_000, 180_000]);
    expect(lines.map(({ level }) => level)).toEqual(['error']);
    expect(lines[0]?.text).toMatch(/refuses the credentials \(HTTP 401\).*Check the API key and the host/);
    expect(delivery.stats()).toMatchObject({ state: 'unauthorized', queued: 151 });
  });

  test('everything is delivered once a refused key works', async () => {
    let fixed = false;
    const { delivery, destination } = deliver(() => (fixed ? undefined : UNAUTHORIZED));
    for (const entry of promptEntries(150)) delivery.accept(entry);
    await clock.advance(90_000);
    fixed = true;
    await clock.advance(30_000);
    expect(destination.delivered).toHaveLength(150);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  test('a flush probes a refused key at once, but at most once a second', async () => {
    const { delivery, destination } = deliver(() => UNAUTHORIZED);
    delivery.accept(promptEntry('a'));
    await clock.advance(5_000);
    for (let index = 0; index < 10; index++) {
      void delivery.flush();
      await clock.advance(10);
    }
    expect(destination.batches).toHaveLength(2);
  });
});
