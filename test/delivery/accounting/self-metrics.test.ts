import { metrics, type MeterProvider as MeterProviderLike } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SelfMetrics } from '../../../src/delivery/accounting/self-metrics.js';
import { SettlementCounts } from '../../../src/delivery/accounting/settlement-counts.js';
import { createDelivery } from '../../../src/delivery/create-delivery.js';
import { toSequence } from '../../../src/delivery/model/queued-entry.js';
import { trubricsIngestion } from '../../../src/destinations/ingestion/ingestion.js';
import { promptEntries } from '../../support/entries.js';
import { inTurn, OK } from '../../support/scripted-server.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';

afterEach(() => metrics.disable());

/** A real SDK, and a function that returns what it has collected: each data point as `name{attributes}`. */
function meter() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const collect = async () => {
    exporter.reset();
    await reader.forceFlush();
    const points = exporter.getMetrics().flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({
            name: descriptor.name,
            unit: descriptor.unit,
            error: attributes['error.type'],
            attributes,
            value,
          })),
        ),
      ),
    );
    const find = (name: string, error?: string) =>
      points.find((point) => point.name === name && point.error === error);
    return { points, find, valueOf: (name: string, error?: string) => find(name, error)?.value };
  };
  return { provider, collect };
}

describe('The self-metrics of a delivery', () => {
  test('the self-metrics count exported and failed entries with the reason, and request durations', async () => {
    const { provider, collect } = meter();
    const server = await useScriptedServer(inTurn({ status: 500 }, { status: 404 }, OK));
    const delivery = createDelivery(trubricsIngestion({ host: server.url }), {
      meterProvider: provider,
      maxQueueRecords: 500,
    });
    for (const entry of promptEntries(30)) delivery.accept(entry);
    expect((await collect()).valueOf('otel.sdk.exporter.span.inflight')).toBe(30);
    expect((await collect()).valueOf('otel.sdk.processor.span.queue.size')).toBe(30);
    await delivery.flush();
    for (const entry of promptEntries(20)) delivery.accept(entry);
    await delivery.flush();

    const { find, valueOf, points } = await collect();
    expect(valueOf('otel.sdk.exporter.span.exported', 'http_error')).toBe(30);
    expect(valueOf('otel.sdk.exporter.span.exported')).toBe(20);
    expect(valueOf('otel.sdk.exporter.span.inflight')).toBe(0);
    expect(valueOf('otel.sdk.processor.span.queue.size')).toBe(0);
    expect(valueOf('otel.sdk.processor.span.queue.capacity')).toBe(500);
    expect(find('otel.sdk.exporter.operation.duration', '500')).toMatchObject({
      unit: 's',
      attributes: { 'http.response.status_code': 500 },
      value: { count: 1 },
    });
    expect(find('otel.sdk.exporter.operation.duration')).toMatchObject({ value: { count: 1 } });
    expect(points[0]?.attributes).toMatchObject({
      'otel.component.type': 'trubrics_http_span_exporter',
      'otel.component.name': expect.stringMatching(/^trubrics_http_span_exporter\/\d+$/) as unknown,
      'server.address': '127.0.0.1',
      'server.port': server.port,
    });
    await delivery.shutdown();
    await provider.shutdown();
  });

  test('the self-metrics name a full queue as the semantic conventions do', async () => {
    const { provider, collect } = meter();
    const server = await useScriptedServer(() => 'hang');
    const delivery = createDelivery(trubricsIngestion({ host: server.url }), {
      meterProvider: provider,
      maxQueueRecords: 10,
      flushAt: 1_000,
    });
    for (const entry of promptEntries(25)) delivery.accept(entry);
    const { valueOf } = await collect();
    expect(valueOf('otel.sdk.processor.span.processed', 'queue_full')).toBe(15);
    expect(valueOf('otel.sdk.exporter.span.exported', 'queue_overflow')).toBe(15);
    await delivery.shutdown(10);
    await provider.shutdown();
  });

  test('the self-metrics use a global meter provider that is registered later', async () => {
    const server = await useScriptedServer(inTurn({ status: 500 }, OK));
    const delivery = createDelivery(trubricsIngestion({ host: server.url }), { flushAt: 1 });
    const { provider, collect } = meter();
    metrics.setGlobalMeterProvider(provider);
    for (const entry of promptEntries(5)) delivery.accept(entry);
    await delivery.flush();
    const { valueOf } = await collect();
    expect(valueOf('otel.sdk.exporter.span.exported')).toBe(5);
    expect(valueOf('otel.sdk.exporter.span.inflight')).toBe(0);
    await delivery.shutdown();
    await provider.shutdown();
  });

  test.each(['getMeter', 'create', 'add', 'record', 'removeBatchObservableCallback'])(
    'the self-metrics do no harm when %s throws',
    async (method) => {
      const server = await useScriptedServer();
      const delivery = createDelivery(trubricsIngestion({ host: server.url }), {
        meterProvider: throwingIn(method),
      });
      for (const entry of promptEntries(5)) delivery.accept(entry);
      await delivery.flush();
      for (const entry of promptEntries(5)) delivery.accept(entry);
      await delivery.shutdown();
      expect(delivery.stats()).toMatchObject({ delivered: 10, queued: 0, inFlight: 0 });
    },
  );
});

/** A meter provider of which everything works, up to one method. */
function throwingIn(method: string): MeterProviderLike {
  const act = (name: string) => () => {
    if (name === method) throw new Error('no metrics today');
  };
  const instrument = { add: act('add'), record: act('record') };
  const create = () => {
    act('create')();
    return instrument;
  };
  const meter = {
    createUpDownCounter: create,
    createCounter: create,
    createHistogram: create,
    createObservableUpDownCounter: create,
    addBatchObservableCallback: act('addBatchObservableCallback'),
    removeBatchObservableCallback: act('removeBatchObservableCallback'),
  };
  return {
    getMeter() {
      act('getMeter')();
      return meter as never;
    },
  };
}

test('entries that were claimed and lost together count each, and those on disk alone fill no queue', async () => {
  const { provider, collect } = meter();
  const counts = new SettlementCounts();
  const metrics = new SelfMetrics(provider, trubricsIngestion({ host: 'http://localhost' }), counts, 10);
  metrics.connect();
  counts.onClaimed(5);
  metrics.onClaimed(5);
  counts.onLost('spool_full', 3);
  metrics.onLost({ kind: 'prompt', count: 3, reason: 'spool_full', sequence: toSequence(3) });
  const { valueOf, find } = await collect();
  expect(valueOf('otel.sdk.exporter.span.inflight')).toBe(2);
  expect(valueOf('otel.sdk.exporter.span.exported', 'spool_full')).toBe(3);
  expect(valueOf('otel.sdk.processor.span.queue.size')).toBe(0);
  expect(find('otel.sdk.exporter.span.inflight')?.attributes['server.port']).toBe(80);
  const remove = vi.spyOn(
    provider.getMeter('opentelemetry-exporter-trubrics'),
    'removeBatchObservableCallback',
  );
  metrics.shutdown();
  expect(remove).toHaveBeenCalledOnce();
  await provider.shutdown();
});

test('instruments are made once, and a meter provider that throws is not asked again', () => {
  const destination = trubricsIngestion({ host: 'http://localhost' });
  const counts = new SettlementCounts();
  let calls = 0;
  const broken = {
    getMeter: () => {
      calls += 1;
      throw new Error('from the meter provider');
    },
  } as unknown as MeterProviderLike;
  const metrics = new SelfMetrics(broken, destination, counts, 10);
  for (let request = 0; request < 3; request += 1) metrics.connect();
  expect(calls).toBe(1);
});
