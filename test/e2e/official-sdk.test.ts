import { Trubrics } from '@trubrics/trubrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fromTrubricsSdk } from '../../src/destinations/sdk/sdk.js';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { makeChatSpan } from '../support/span.js';
import { useScriptedServer } from '../support/use-scripted-server.js';
import { useServer } from '../support/use-server.js';

const SPAN = makeChatSpan({
  durationMs: 2000,
  attributes: { 'user.id': 'ada', 'trubrics.metadata': '{"plan":"pro"}' },
});

beforeEach(() => {
  // @trubrics/trubrics 0.5 starts an interval that nothing can stop. It must not outlive the test.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => void vi.useRealTimers());

const makeSdk = (host: string) =>
  new Trubrics({ apiKey: 'key', host, flushInterval: 1, flushBatchSize: 20, isVerbose: false });

test('an exporter sends every field that the official SDK sends, with the same value', async () => {
  const recorder = await useScriptedServer();
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

  const [official, ours] = recorder.requests;
  expect(official?.path).toBe('/publish_llm_events');
  expect(ours?.path).toBe('/publish_llm_events');
  expect(ours?.headers).toMatchObject({
    'x-api-key': 'key',
    'content-type': official?.headers['content-type'],
  });
  // toMatchObject: our items may have more fields.
  expect(ours?.items).toMatchObject(official?.items ?? []);
  expect(official?.items).toHaveLength(1);
});

test('an exporter delivers through a client of the official SDK', async () => {
  const server = await useServer();
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
