import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';
import { protobufRequest } from '../../support/otlp-encoder.js';

test('received records are forwarded under the same id, and counted', async () => {
  const host = await useServer({ apiKey: 'real' });
  const server = await useServer({ forwardTo: { host: host.ingestionUrl, apiKey: 'real' } });
  await post(server, [
    prompt({
      thread_id: 't1',
      assistant_id: 'gpt-4o',
      latency: 1.25,
      timestamp: '2026-01-02T03:04:05.678Z',
      properties: { $event_id: 'e1', tags: ['a'], plan: 'free' },
    }),
    prompt({ properties: { $event_id: 'e2' } }),
  ]);
  await post(
    server,
    [{ user_id: 'bob', event: 'Sign up', properties: { $event_id: 'e3', from: 'ad' } }],
    {},
    'publish_events',
  );
  await server.close();
  expect(host.records().toSorted((a, b) => a.id.localeCompare(b.id))).toMatchObject([
    {
      id: 'e1',
      userId: 'ada',
      threadId: 't1',
      assistantId: 'gpt-4o',
      latency: 1.25,
      timestamp: '2026-01-02T03:04:05.678Z',
      tags: ['a'],
      properties: { plan: 'free' },
    },
    { id: 'e2', assistantId: 'unknown' },
    { id: 'e3', kind: 'event', userId: 'bob', event: 'Sign up', properties: { from: 'ad' } },
  ]);
  // Not measured is not 0.
  expect(host.records().find(({ id }) => id === 'e2')).not.toHaveProperty('latency');
  expect(server.forwarding()).toMatchObject({ accepted: 3, delivered: 3, queued: 0 });
});

test('a forwarding target that is down delays no request, and gets the records later', async () => {
  const port = await freePort();
  const server = await useServer({ forwardTo: { host: `http://127.0.0.1:${port}/api/ingestion` } });
  for (let i = 0; i < 20; i++) expect((await post(server, [prompt()])).status).toBe(200);
  await expect
    .poll(() => getJson(server, '/api/stats'))
    .toMatchObject({ forwarding: { state: 'backing-off', accepted: 20, delivered: 0 } });
  const host = await useServer({ port });
  await expect.poll(() => host.records().length, { timeout: 15_000 }).toBe(20);
});

test('a repeated delivery is not forwarded again, so that two servers cannot play ping-pong', async () => {
  const host = await useServer();
  const server = await useServer({ forwardTo: { host: host.ingestionUrl } });
  const item = prompt({ timestamp: '2026-01-02T03:04:05.678Z', properties: { $event_id: 'e1' } });
  for (let i = 0; i < 3; i++) await post(server, [item]);
  await post(server, [{ ...item, generation: 'changed' }]);
  await server.close();
  expect(server.forwarding()).toMatchObject({ accepted: 2, delivered: 2 });
});

test('a call that was read from spans is forwarded once all of its spans are there', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const host = await useServer();
  const server = await useServer({ forwardTo: { host: host.ingestionUrl } });
  const traceId = 'a'.repeat(32);
  const root = makeSpan({ traceId, attributes: { 'user.id': 'ada' } });
  const chat = makeChatSpan({ traceId, parentSpanId: root.spanContext().spanId });
  for (const span of [chat, root])
    await fetch(server.tracesUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(protobufRequest([span])),
    });
  expect(server.forwarding()).toMatchObject({ accepted: 1, queued: 1 });
  vi.advanceTimersByTime(7000);
  await server.close();
  expect(host.records()).toMatchObject([{ userId: 'ada', id: `${traceId}-${chat.spanContext().spanId}` }]);
});

test('an invalid forwarding target is refused at the start', async () => {
  await expect(useServer({ forwardTo: { host: 'https://app.example' } })).rejects.toThrow(
    /Option "apiKey" is missing/,
  );
  await expect(useServer({ forwardTo: { host: 'nonsense', apiKey: 'k' } })).rejects.toThrow(/host/);
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
