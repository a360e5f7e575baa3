import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatOpenAI } from '@langchain/openai';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { makeHandler } from './support/handler.mjs';
import { startOpenAiServer } from './support/openai-server.mjs';

test('the metrics of the conventions arrive in the real SDK, with their units and buckets', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const server = await startOpenAiServer();
  const model = new ChatOpenAI({ apiKey: 'test', model: 'm', configuration: { baseURL: server.url } });
  const config = { callbacks: [makeHandler()] };

  await model.invoke('hi', config);
  for await (const _ of await model.stream('hi', config));
  await reader.forceFlush();
  await reader.shutdown();
  await server.close();

  // The first of two exports: shutdown exports once more.
  const [{ scopeMetrics }] = exporter.getMetrics();
  // The handler of ./standalone brings a delivery with metrics of its own.
  const recorded = scopeMetrics
    .flatMap((scope) => scope.metrics)
    .filter(({ descriptor }) => descriptor.name.startsWith('gen_ai.'));
  const summary = recorded.map(({ descriptor, dataPoints }) => [
    descriptor.name,
    descriptor.unit,
    dataPoints.map(({ value }) => value.count),
    dataPoints[0].value.buckets.boundaries.slice(0, 2),
  ]);
  assert.deepEqual(summary.toSorted(), [
    ['gen_ai.client.operation.duration', 's', [2], [0.01, 0.02]],
    ['gen_ai.client.operation.time_to_first_chunk', 's', [1], [0.01, 0.02]],
    ['gen_ai.client.token.usage', '{token}', [2, 2], [1, 4]],
  ]);
});
