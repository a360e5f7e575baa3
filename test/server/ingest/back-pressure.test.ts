import { Agent, request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { MemoryStore, type RunningServer, type StoreOutage } from '../../../src/server/index.js';
import type { IntakeStatus } from '../../../src/server/model/intake/intake-status.js';
import { jsonRequest } from '../../support/otlp-encoder.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { makeChatSpan } from '../../support/span.js';
import { useServer } from '../../support/use-server.js';

const MB = 1024 * 1024;

function sendTraces(
  server: RunningServer,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  return fetch(server.tracesUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: bytes,
  });
}

const status = (server: RunningServer) => getJson<IntakeStatus>(server, '/api/intake');

/** A valid request of this many bytes. */
function largeRequest(bytes: number): string {
  return jsonRequest([makeChatSpan()]).padEnd(bytes, ' ');
}

/** A store that answers writes only after `open()`. */
function gatedStore() {
  const store = new MemoryStore();
  const put = store.put.bind(store);
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  vi.spyOn(store, 'put').mockImplementation((...given) => opened.then(() => put(...given)));
  return { store, open };
}

test.each([
  ['plain', (body: string) => body, {}],
  ['gzip', (body: string) => gzipSync(body), { 'content-encoding': 'gzip' }],
])(
  'bytes of %s bodies in flight are bounded over all requests, and given back',
  async (_name, pack, headers) => {
    const { store, open } = gatedStore();
    const server = await useServer({ store });
    const body = pack(largeRequest(15 * MB));
    const answers = Array.from({ length: 8 }, () => sendTraces(server, body, headers));
    // Accepted requests wait for the store. The others are refused meanwhile.
    const refused = await Promise.race(answers);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await status(server)).bytesInFlight).toBeLessThanOrEqual(64 * MB);
    open();
    const statuses = (await Promise.all(answers)).map((answer) => answer.status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await status(server)).bytesInFlight).toBe(0);
    expect((await sendTraces(server, body, headers)).status).toBe(200);
  },
  60_000,
);

test('a hundred senders at the same time are all accepted below the limit of bytes', async () => {
  const server = await useServer();
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => sendTraces(server, largeRequest(MB / 2))),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
}, 60_000);

test('bombs are not decompressed beyond the limit, and hold nothing afterwards', async () => {
  const server = await useServer();
  const bomb = gzipSync(Buffer.alloc(100 * MB));
  const long = gzipSync(Buffer.concat([Buffer.alloc(30 * MB), crypto.getRandomValues(Buffer.alloc(60_000))]));
  for (const body of [bomb, long]) {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => sendTraces(server, body, { 'content-encoding': 'gzip' })),
    );
    for (const answer of answers) expect([413, 429]).toContain(answer.status);
  }
  expect((await status(server)).bytesInFlight).toBe(0);
  expect((await sendTraces(server, largeRequest(1000))).status).toBe(200);
}, 60_000);

/** Sends a body in chunks, without its length. Returns status, and whether the server closes the connection. */
function sendChunked(
  server: RunningServer,
  agent: Agent,
  path: string,
  chunks: readonly Uint8Array[],
): Promise<readonly [status: number | undefined, port: number | undefined]> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': 'k' };
    const sent = httpRequest({ agent, port: server.port, path, method: 'POST', headers }, (answer) => {
      const { localPort } = answer.socket;
      answer.resume().on('end', () => resolve([answer.statusCode, localPort]));
    });
    sent.on('error', reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

test.each(['/v1/traces', '/v1/logs', '/api/ingestion/publish_llm_events'])(
  'after a body that is too large was sent to %s in chunks, its connection can be used again',
  async (path) => {
    const server = await useServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const chunks = Array.from({ length: 21 }, () => Buffer.alloc(MB, 32));
    const [first, port] = await sendChunked(server, agent, path, chunks);
    expect(first).toBe(413);
    for (let again = 0; again < 3; again++)
      expect(await sendChunked(server, agent, '/v1/traces', [Buffer.from('{}')])).toEqual([200, port]);
    agent.destroy();
  },
);

test('a store that fails is told once and its recovery once, and senders are told to send again', async () => {
  const store = new MemoryStore();
  const told: (StoreOutage | undefined)[] = [];
  const server = await useServer({ store, onStoreOutage: (outage) => told.push(outage) });
  const failing = vi
    .spyOn(store, 'put')
    .mockRejectedValue(Object.assign(new Error('no space at /home/ada'), { code: 'ENOSPC' }));
  for (let at = 0; at < 3; at++) {
    const answers = [await sendTraces(server, largeRequest(1000)), await post(server, [prompt()])];
    for (const answer of answers)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  }
  expect(told).toMatchObject([{ reason: 'the disk is full (ENOSPC)' }]);
  expect((await status(server)).outage).toEqual(told[0]);
  failing.mockRestore();
  expect((await post(server, [prompt()])).status).toBe(200);
  expect(told).toEqual([told[0], undefined]);
  expect((await status(server)).outage).toBeNull();
});
