import { InMemoryCache } from '@langchain/core/caches';
import { metrics } from '@opentelemetry/api';
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { answeringModel, type OpenAiServer, startOpenAiServer } from '../../support/openai-server.js';
import { recordingMeterProvider } from '../../support/recording-meter.js';
import { tracing } from '../../support/tracing.js';
import { openAiModel } from '../../support/openai-model.js';
import { makeRun } from '../../support/make-run.js';
import { metricAttributes, recordMetrics } from '../../../src/langchain/runs/model-metrics.js';
import type { ModelRun } from '../../../src/langchain/runs/run.js';

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer({ delayMs: 2 });
});
afterAll(() => server.close());

let meter: ReturnType<typeof recordingMeterProvider>;
beforeEach(() => {
  meter = recordingMeterProvider();
  metrics.setGlobalMeterProvider(meter.provider);
});
afterEach(() => metrics.disable());

function model(fields: Record<string, unknown> = {}) {
  return openAiModel(server, fields);
}

const recorded = (name: string) => meter.measurements.filter((measurement) => measurement.name === name);
const DIMENSIONS = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
  'gen_ai.response.model': answeringModel('gpt-4o-mini'),
  'server.address': '127.0.0.1',
};

describe('metrics of a model run', () => {
  test('duration and tokens are recorded with units and buckets of the conventions', async () => {
    const handler = new TrubricsCallbackHandler({ tracerProvider: tracing().tracerProvider });

    await model().invoke('hi', { callbacks: [handler] });

    const [duration] = recorded('gen_ai.client.operation.duration');
    expect(duration?.attributes).toMatchObject(DIMENSIONS);
    expect(duration?.value).toBeGreaterThan(0.001);
    expect(duration?.value).toBeLessThan(5);
    expect(
      recorded('gen_ai.client.token.usage').map(({ value, attributes }) => [
        attributes['gen_ai.token.type'],
        value,
      ]),
    ).toEqual([
      ['input', 10],
      ['output', 5],
    ]);
    expect(recorded('gen_ai.client.operation.time_to_first_chunk')).toEqual([]);
    expect(meter.histograms.get('gen_ai.client.operation.duration')).toMatchObject({
      unit: 's',
      advice: {
        explicitBucketBoundaries: [
          0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
        ],
      },
    });
    expect(meter.histograms.get('gen_ai.client.token.usage')).toMatchObject({ unit: '{token}' });
    const boundaries = meter.histograms.get('gen_ai.client.token.usage')?.advice?.explicitBucketBoundaries;
    expect([boundaries?.[0], boundaries?.at(-1), boundaries?.length]).toEqual([1, 67_108_864, 14]);
  });

  test('the time to first chunk of a stream is shorter than its duration', async () => {
    const handler = new TrubricsCallbackHandler({ tracerProvider: tracing().tracerProvider });

    for await (const _ of await model().stream('one two three', { callbacks: [handler] }));

    const [first] = recorded('gen_ai.client.operation.time_to_first_chunk');
    const [whole] = recorded('gen_ai.client.operation.duration');
    expect(first?.attributes).toMatchObject(DIMENSIONS);
    expect(first?.value).toBeGreaterThan(0);
    expect(first?.value).toBeLessThan(Number(whole?.value));
  });

  test('a failed call is recorded with its error type', async () => {
    const handler = new TrubricsCallbackHandler({ tracerProvider: tracing().tracerProvider });
    const failing = await startOpenAiServer({ status: 404 });

    const call = model({ configuration: { baseURL: failing.url } }).invoke('hi', { callbacks: [handler] });
    await expect(call).rejects.toThrow();
    await failing.close();

    expect(
      recorded('gen_ai.client.operation.duration').map(({ attributes }) => attributes['error.type']),
    ).toEqual(['MODEL_NOT_FOUND']);
    expect(recorded('gen_ai.client.token.usage')).toEqual([]);
  });

  test('a run without a sampled span is measured, but not one from the cache', async () => {
    const tracerProvider = new BasicTracerProvider({ sampler: new AlwaysOffSampler() });
    const handler = new TrubricsCallbackHandler({ tracerProvider });
    const cached = model({ cache: new InMemoryCache() });

    await cached.invoke('hi', { callbacks: [handler] });
    await cached.invoke('hi', { callbacks: [handler] });

    expect(recorded('gen_ai.client.operation.duration')).toHaveLength(1);
    expect(recorded('gen_ai.client.token.usage')).toHaveLength(2);
  });

  test('the duration of an abandoned stream ends at its last chunk', async () => {
    const handler = new TrubricsCallbackHandler({ tracerProvider: tracing().tracerProvider });

    const before = performance.now();
    handler.handleChatModelStart({}, [[]], 'run');
    handler.handleLLMNewToken('a', { completion: 0 }, 'run');
    const seconds = (performance.now() - before) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, 60));
    await handler.shutdown();

    // The times of runs are whole milliseconds. The wait would add 60.
    expect(recorded('gen_ai.client.operation.duration')[0]?.value).toBeLessThan(seconds + 0.03);
    expect(recorded('gen_ai.client.operation.time_to_first_chunk')).toHaveLength(1);
  });

  test('a meter provider that is registered later is used from then on', async () => {
    const handler = new TrubricsCallbackHandler({ tracerProvider: tracing().tracerProvider });
    metrics.disable();

    await model().invoke('hi', { callbacks: [handler] });
    metrics.setGlobalMeterProvider(meter.provider);
    await model().invoke('hi', { callbacks: [handler] });

    expect(recorded('gen_ai.client.operation.duration')).toHaveLength(1);
  });

  test('the attributes of metrics have no prompt, user or conversation', async () => {
    const handler = new TrubricsCallbackHandler({ tracerProvider: tracing().tracerProvider });

    await model().invoke('secret question', { callbacks: [handler], metadata: { user_id: 'u-1' } });

    expect(JSON.stringify(meter.measurements)).not.toMatch(/secret|u-1|user|session/);
  });
});

describe('the attributes of metrics', () => {
  test('are those that the span has, and none while no meter provider is registered', () => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'user.id': 'u' };
    expect(Object.entries(metricAttributes(attributes) ?? {})).toEqual([['gen_ai.operation.name', 'chat']]);
    metrics.disable();
    expect(metricAttributes(attributes)).toBeUndefined();
  });

  test('a chunk of an answer that was not streamed is no first chunk', () => {
    const { startedAt, partial } = makeRun({ type: 'chat_model' }) as ModelRun;
    partial.firstChunkAt = startedAt + 5;
    const run = { dimensions: {}, startedAt, partial } as ModelRun;
    recordMetrics(run, { streamed: false });
    expect(recorded('gen_ai.client.operation.time_to_first_chunk')).toEqual([]);
    recordMetrics(run, { streamed: true });
    expect(recorded('gen_ai.client.operation.time_to_first_chunk')).toMatchObject([
      { value: expect.closeTo(0.005) },
    ]);
  });
});
