import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Destination } from '../../src/destinations/destination.js';
import { TrubricsSpanExporter, type ExportResultLike } from '../../src/otel/exporter.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import type { RunningServer } from '../../src/server/index.js';
import { makeChatSpan, makeSpan } from '../support/span.js';
import { useServer } from '../support/use-server.js';

let server: RunningServer;

beforeEach(async () => {
  server = await useServer();
});

const makeExporter = (options: TrubricsOptions = {}) =>
  new TrubricsSpanExporter({ host: server.ingestionUrl, ...options });

function exportSpans(
  exporter: TrubricsSpanExporter,
  ...spans: Parameters<TrubricsSpanExporter['export']>[0]
) {
  const results: ExportResultLike[] = [];
  return {
    results,
    done: new Promise<ExportResultLike>((resolve) => {
      exporter.export(spans, (result) => {
        results.push(result);
        resolve(result);
      });
    }),
  };
}

const hanging: Destination = {
  name: 'hanging',
  encode: () => '{}',
  send: () => new Promise(() => undefined),
};

describe('TrubricsSpanExporter', () => {
  test('the exporter delivers all LLM spans of a BatchSpanProcessor, however many', async () => {
    const exporter = makeExporter();
    // The compiler proves here that the structural class is a real SpanExporter.
    const asSpanExporter: SpanExporter = exporter;
    const provider = new BasicTracerProvider({
      spanProcessors: [new BatchSpanProcessor(asSpanExporter, { maxQueueSize: 5000 })],
    });
    const tracer = provider.getTracer('test');
    for (let index = 0; index < 600; index += 1) {
      const sketch = makeChatSpan({ prompt: `question ${index}` });
      tracer.startSpan('chat', { attributes: { ...sketch.attributes } as Record<string, string> }).end();
      tracer.startSpan('GET /').end();
    }
    await provider.forceFlush();
    await exporter.forceFlush();
    expect(server.records()).toHaveLength(600);
    expect(new Set(server.records().map((record) => record.id)).size).toBe(600);
    await provider.shutdown();
  });

  test('the exporter calls back once, with success, when the records are delivered', async () => {
    const { done, results } = exportSpans(makeExporter(), makeChatSpan(), makeSpan(), makeChatSpan());
    expect(await done).toEqual({ code: 0 });
    expect(server.records()).toHaveLength(2);
    expect(results).toHaveLength(1);
  });

  test('the exporter calls back at once if there is nothing to send', async () => {
    const exporter = makeExporter();
    const { results } = exportSpans(
      exporter,
      makeSpan(),
      makeSpan({ attributes: { 'gen_ai.operation.name': 'chat' } }),
    );
    expect(results).toEqual([{ code: 0 }]);
    expect(exporter.stats().skipped).toEqual({ no_content: 1 });
  });

  test('the exporter calls back with failure, and without content, if records are dropped', async () => {
    const destination: Destination = {
      name: 'bad',
      encode: () => '{}',
      send: () => Promise.resolve({ status: 404 }),
    };
    const result = await exportSpans(makeExporter({ destination }), makeChatSpan({ prompt: 'secret' })).done;
    expect(result.code).toBe(1);
    expect(result.error?.message).toBe('1 of 1 records were dropped.');
  });

  test('the exporter calls back after exportTimeoutMs and keeps what is queued', async () => {
    const exporter = makeExporter({ destination: hanging, exportTimeoutMs: 20, flushTimeoutMs: 20 });
    const { done, results } = exportSpans(exporter, makeChatSpan());
    expect(await done).toEqual({ code: 0 });
    const [stats] = exporter.stats().destinations;
    expect((stats?.queued ?? 0) + (stats?.inFlight ?? 0)).toBe(1);
    await exporter.shutdown();
    expect(results).toHaveLength(1);
    expect(exporter.stats().destinations[0]?.dropped.shutdown_timeout).toBe(1);
  });

  test('the exporter refuses spans after shutdown, which may be called twice', async () => {
    const exporter = makeExporter();
    await Promise.all([exporter.shutdown(), exporter.shutdown()]);
    expect((await exportSpans(exporter, makeChatSpan()).done).code).toBe(1);
  });

  test('export may be called concurrently', async () => {
    const exporter = makeExporter();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => exportSpans(exporter, makeChatSpan()).done),
    );
    expect(results.every((result) => result.code === 0)).toBe(true);
    expect(server.records()).toHaveLength(20);
  });

  test('the exporter finds the user on a span of the batch and counts nested spans of a call once', async () => {
    const root = makeSpan({ spanId: 'aaaaaaaaaaaaaaaa', attributes: { 'user.id': 'ada' } });
    const outer = makeChatSpan({ spanId: 'bbbbbbbbbbbbbbbb', parentSpanId: 'aaaaaaaaaaaaaaaa' });
    const inner = makeChatSpan({ spanId: 'cccccccccccccccc', parentSpanId: 'bbbbbbbbbbbbbbbb' });
    await exportSpans(makeExporter(), inner, outer, root).done;
    expect(server.records()).toMatchObject([{ userId: 'ada', properties: { span_id: 'bbbbbbbbbbbbbbbb' } }]);
  });

  test('the exporter does not delay a BatchSpanProcessor, which exports one batch at a time', async () => {
    const provider = new BasicTracerProvider({
      spanProcessors: [
        new BatchSpanProcessor(makeExporter(), { scheduledDelayMillis: 10, maxExportBatchSize: 10 }),
      ],
    });
    const tracer = provider.getTracer('test');
    const { attributes } = makeChatSpan();
    for (let index = 0; index < 30; index += 1) {
      tracer.startSpan('chat', { attributes: attributes as Record<string, string> }).end();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const started = performance.now();
    await provider.forceFlush();
    // Far below the five seconds that the processor lets records wait for company.
    expect(performance.now() - started).toBeLessThan(2_500);
    await provider.shutdown();
    expect(server.records()).toHaveLength(30);
  });

  test('the exporter records the good spans of a batch and counts the broken ones as unreadable', async () => {
    const exporter = makeExporter();
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    const broken = [null, hostile, { ...makeChatSpan(), spanContext: undefined }];
    const { done } = exportSpans(exporter, makeChatSpan(), ...(broken as never[]), makeChatSpan());
    expect((await done).code).toBe(0);
    expect(server.records()).toHaveLength(2);
    expect(exporter.stats().skipped.unreadable).toBe(3);
    expect(toPromptRecords([makeChatSpan(), ...(broken as never[])])).toHaveLength(1);
  });

  test('the exporter survives a result callback that throws', () => {
    expect(() =>
      makeExporter().export([], () => {
        throw new Error('from the span processor');
      }),
    ).not.toThrow();
  });

  test('the exporter flushes in time although the resource of a span never becomes complete', async () => {
    const exporter = makeExporter({ flushTimeoutMs: 50 });
    const resource = {
      attributes: {},
      asyncAttributesPending: true,
      waitForAsyncAttributes: () => new Promise<void>(() => undefined),
    };
    void exportSpans(exporter, makeChatSpan({ resource }));
    const started = performance.now();
    await exporter.forceFlush();
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
