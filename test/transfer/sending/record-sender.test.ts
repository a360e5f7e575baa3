import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { NewRecord } from '../../../src/server/model/stored-record.js';
import {
  RecordSender,
  type SenderOptions,
  type Settled,
} from '../../../src/transfer/sending/record-sender.js';
import { eventually } from '../../support/eventually.js';

interface HeldRequest {
  readonly path: string;
  readonly ids: readonly string[];
  answer(status: number, body?: string): void;
}

/** A server that answers when the test says so. */
async function useHeldServer(): Promise<{ url: string; requests: HeldRequest[] }> {
  const requests: HeldRequest[] = [];
  const server = createServer((request, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const items = JSON.parse(Buffer.concat(chunks).toString()) as {
        id?: string;
        properties?: { $event_id: string };
      }[];
      requests.push({
        path: request.url ?? '',
        ids: items.map(({ id, properties }) => id ?? properties?.$event_id ?? ''),
        answer: (status, body = '{}') => response.writeHead(status).end(body),
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function record(id: string, kind: 'prompt' | 'event' = 'event', text = ''): NewRecord {
  const common = {
    id,
    userId: 'ada',
    timestamp: '2026-03-01T00:00:00.000Z',
    receivedAt: '2026-03-01T00:00:00.000Z',
    tags: [],
    properties: { text },
  };
  return kind === 'event'
    ? { kind, event: 'e', ...common }
    : { kind, prompt: 'p', generation: 'g', ...common };
}

interface Observed {
  readonly settled: Settled[];
  readonly refused: (readonly [number, string])[];
  readonly waits: (string | undefined)[];
}

function makeSender(
  host: string,
  options: Partial<SenderOptions> = {},
  first = 0,
): { sender: RecordSender; observed: Observed } {
  const observed: Observed = { settled: [], refused: [], waits: [] };
  const never = new AbortController();
  onTestFinished(() => never.abort());
  const sender = new RecordSender(
    {
      target: { host, apiKey: 'k' },
      giveUpMs: 60_000,
      stopSignal: never.signal,
      abortSignal: never.signal,
      onSettled: (settled) => observed.settled.push(settled),
      onRefused: ({ number }, reason) => observed.refused.push([number, reason]),
      onWait: (wait) => observed.waits.push(wait?.reason),
      ...options,
    },
    first,
  );
  return { sender, observed };
}

async function addAll(sender: RecordSender, records: readonly NewRecord[], from = 0): Promise<void> {
  for (const [at, one] of records.entries())
    await sender.add({
      number: from + at,
      record: one,
      place: { file: 'f', unit: 'line', number: from + at + 1 },
    });
}

function events(count: number, prefix: string): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(`${prefix}${i}`));
}

test('a batch has at most a thousand records, and the number of settled records grows without gaps', async () => {
  const { url, requests } = await useHeldServer();
  const { sender, observed } = makeSender(url);
  const added = addAll(sender, events(3_500, 'e'));
  await eventually(() => expect(requests).toHaveLength(3));
  await added;
  const finished = sender.finish();
  await eventually(() => expect(requests).toHaveLength(4));
  const bySize = (first: string) => requests.find(({ ids }) => ids[0] === first);
  expect(requests.map(({ ids }) => ids.length).toSorted((a, b) => a - b)).toEqual([500, 1_000, 1_000, 1_000]);
  bySize('e1000')?.answer(200, '{"stored":1000,"known":1}');
  bySize('e3000')?.answer(200);
  await eventually(() => expect(observed.settled).toHaveLength(2));
  expect(sender.settledUpTo).toBe(0);
  bySize('e0')?.answer(200, '{"stored":999,"known":0}');
  await eventually(() => expect(observed.settled).toHaveLength(3));
  await eventually(() => expect(sender.settledUpTo).toBe(2_000));
  bySize('e2000')?.answer(200);
  await finished;
  expect(sender.settledUpTo).toBe(3_500);
  expect(observed.settled).toEqual([
    { taken: 1_000, stored: 1_000, known: 1 },
    { taken: 500, stored: 500, known: undefined },
    { taken: 1_000, stored: 999, known: 0 },
    { taken: 1_000, stored: 1_000, known: undefined },
  ]);
});

test('an import that goes on counts from where it began', async () => {
  const { url, requests } = await useHeldServer();
  const { sender } = makeSender(url, {}, 500);
  await addAll(sender, events(10, 'e'), 500);
  const finished = sender.finish();
  await eventually(() => expect(requests).toHaveLength(1));
  requests[0]?.answer(200);
  await finished;
  expect(sender.settledUpTo).toBe(510);
});

test('a batch has at most four megabytes, and there are at most four requests at a time', async () => {
  const { url, requests } = await useHeldServer();
  const { sender } = makeSender(url);
  let isAdded = false;
  const large = Array.from({ length: 12 }, (_, i) => record(`e${i}`, 'event', 'ü'.repeat(900_000)));
  const added = addAll(sender, large).then(() => (isAdded = true));
  await eventually(() => expect(requests).toHaveLength(4));
  for (const { ids } of requests) expect(ids).toHaveLength(2);
  expect(isAdded).toBe(false);
  requests[0]?.answer(200);
  await eventually(() => expect(requests).toHaveLength(5));
  for (const request of requests.slice(1)) request.answer(200);
  await added;
  const finished = sender.finish();
  await eventually(() => expect(requests).toHaveLength(6));
  requests[5]?.answer(200);
  await finished;
  expect(sender.settledUpTo).toBe(12);
});

test('a batch with an id that is in flight waits for the answer', async () => {
  const { url, requests } = await useHeldServer();
  const { sender } = makeSender(url);
  const added = addAll(sender, [...events(1_000, 'a'), record('a7'), ...events(999, 'b'), ...events(1, 'c')]);
  await eventually(() => expect(requests).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(requests).toHaveLength(1);
  requests[0]?.answer(200);
  await added;
  await eventually(() => expect(requests).toHaveLength(2));
  expect(requests[1]?.ids[0]).toBe('a7');
  const finished = sender.finish();
  await eventually(() => expect(requests).toHaveLength(3));
  for (const request of requests.slice(1)) request.answer(200);
  await finished;
});

test('a busy server gets the same request again, and one line about it ends when it is accepted', async () => {
  const { url, requests } = await useHeldServer();
  const { sender, observed } = makeSender(url);
  await addAll(sender, events(3, 'e'));
  const finished = sender.finish();
  await eventually(() => expect(requests).toHaveLength(1));
  requests[0]?.answer(503);
  await eventually(() => expect(requests).toHaveLength(2));
  requests[1]?.answer(200);
  await finished;
  expect(requests[1]?.ids).toEqual(requests[0]?.ids);
  expect(observed.waits).toEqual(['answer 503', undefined]);
});

test('the time after which an import is given up begins anew with each accepted request', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const { url, requests } = await useHeldServer();
  const { sender } = makeSender(url, { giveUpMs: 60_000 });
  const added = addAll(sender, events(1_001, 'e'));
  await eventually(() => expect(requests).toHaveLength(1));
  await added;
  vi.setSystemTime(50_000);
  requests[0]?.answer(200);
  await sender.settle();
  vi.setSystemTime(100_000);
  const finished = sender.finish();
  await eventually(() => expect(requests).toHaveLength(2));
  requests[1]?.answer(503);
  await eventually(() => expect(requests).toHaveLength(3));
  vi.setSystemTime(200_000);
  requests[2]?.answer(503);
  await expect(finished).rejects.toThrow('does not take records (answer 503)');
});

test('an import that is stopped while it waits sends nothing more', async () => {
  const { url, requests } = await useHeldServer();
  const stop = new AbortController();
  const { sender, observed } = makeSender(url, { stopSignal: stop.signal });
  await addAll(sender, events(3, 'e'));
  const finished = sender.finish();
  await eventually(() => expect(requests).toHaveLength(1));
  requests[0]?.answer(429);
  await eventually(() => expect(observed.waits).toEqual(['answer 429']));
  stop.abort();
  await expect(finished).rejects.toThrow('interrupted');
  expect(requests).toHaveLength(1);
});

test('the first failure stops the import: nothing more is sent, and the settled records stay settled', async () => {
  const { url, requests } = await useHeldServer();
  const { sender } = makeSender(url);
  const added = addAll(sender, events(2_001, 'e'));
  await eventually(() => expect(requests).toHaveLength(2));
  await added;
  requests.find(({ ids }) => ids[0] === 'e0')?.answer(200);
  requests.find(({ ids }) => ids[0] === 'e1000')?.answer(401);
  await expect(sender.settle()).rejects.toThrow('refuses the key (401)');
  await expect(sender.finish()).rejects.toThrow('refuses the key (401)');
  expect([sender.settledUpTo, requests.length]).toEqual([1_000, 2]);
});

test('a server without our route gets prompts before events, and is asked for the route once', async () => {
  const { url, requests } = await useHeldServer();
  const { sender } = makeSender(url);
  const mixed = Array.from({ length: 150 }, (_, i) => record(`e${i}`, i % 3 === 0 ? 'event' : 'prompt'));
  await addAll(sender, mixed);
  const finished = sender.finish();
  const answers = [404, 200, 200];
  for (const [at, status] of answers.entries()) {
    await eventually(() => expect(requests).toHaveLength(at + 1));
    requests[at]?.answer(status);
  }
  await finished;
  expect(requests.map(({ path, ids }) => [path, ids.length])).toEqual([
    ['/import_records', 150],
    ['/publish_llm_events', 100],
    ['/publish_events', 50],
  ]);
  expect([sender.keepsRecords, sender.settledUpTo]).toEqual([false, 150]);
  await addAll(sender, [record('late')], 150);
  const again = sender.finish();
  await eventually(() => expect(requests).toHaveLength(4));
  expect(requests[3]?.path).toBe('/publish_events');
  requests[3]?.answer(200);
  await again;
});
