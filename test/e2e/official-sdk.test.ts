import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Trubrics } from '@trubrics/trubrics';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fromTrubricsSdk } from '../../src/destinations/sdk/sdk.js';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { startServer, type RunningServer } from '../../src/server/index.js';
import { makeChatSpan } from '../support/span.js';

const SPAN = makeChatSpan({
  durationMs: 2000,
  attributes: { 'user.id': 'ada', 'trubrics.metadata': '{"plan":"pro"}' },
});

let server: RunningServer;

beforeEach(async () => {
  server = await startServer({ port: 0 });
  // The SDK starts an interval that nothing can stop (facts: D20); here it must not outlive the test.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const makeSdk = (host: string) =>
  new Trubrics({ apiKey: 'key', host, flushInterval: 1, flushBatchSize: 20, isVerbose: false });

it('sends every field that the official SDK sends for the same prompt, with the same value', async () => {
  const recorder = await recordBodies();
  const [record] = toPromptRecords([SPAN]);
  if (!record) throw new Error('no record');
  const sdk = makeSdk(recorder.url);
  sdk.trackLLM({
    user_id: record.userId,
    prompt: record.prompt,
    generation: record.generation,
    assistant_id: record.assistantId,
    latency: record.latency,
    timestamp: new Date(record.timestamp),
    properties: { plan: 'pro' },
  });
  await sdk.flush();
  const exporter = new TrubricsSpanExporter({ apiKey: 'key', host: recorder.url });
  exporter.export([SPAN], () => undefined);
  await exporter.shutdown();
  await recorder.close();

  const [official, ours] = recorder.requests;
  expect(official?.path).toBe('/publish_llm_events');
  expect(ours?.path).toBe('/publish_llm_events');
  expect(ours?.headers).toMatchObject({
    'x-api-key': 'key',
    'content-type': official?.headers['content-type'],
  });
  // toMatchObject: ours may say more, never less or otherwise.
  expect(ours?.body).toMatchObject(official?.body as object[]);
  expect(official?.body).toHaveLength(1);
});

it('delivers through a client of the official SDK', async () => {
  const exporter = new TrubricsSpanExporter({ destination: fromTrubricsSdk(makeSdk(server.ingestionUrl)) });
  exporter.export([SPAN], () => undefined);
  await exporter.shutdown();
  expect(server.records()).toMatchObject([
    {
      kind: 'prompt',
      userId: 'ada',
      prompt: 'What is the capital of Italy?',
      generation: 'Rome',
      assistantId: 'gpt-4o-mini',
    },
  ]);
});

interface Recorded {
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

async function recordBodies() {
  const requests: Recorded[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        path: request.url,
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    requests,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      }),
  };
}
