import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterAll, describe, expect, test } from 'vitest';
import { useServer } from '../../support/use-server.js';

type ExporterClass = new (options: { url: string; compression: 'none' | 'gzip' }) => SpanExporter;

const PACKAGES = ['@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/exporter-trace-otlp-proto'];
const missing: string[] = [];

/** The real exporters are an oracle, not a need: without them these tests are skipped, and say so. */
const exporters = await Promise.all(
  PACKAGES.map(async (name): Promise<[name: string, exporter: ExporterClass | undefined]> => {
    try {
      const loaded = (await import(name)) as { OTLPTraceExporter: ExporterClass };
      return [name, loaded.OTLPTraceExporter];
    } catch {
      missing.push(name);
      return [name, undefined];
    }
  }),
);

afterAll(() => {
  if (missing.length > 0)
    console.warn(`\n*** SKIPPED: tests with ${missing.join(', ')}, which are not installed. ***\n`);
});

const messages = (role: string, content: string): string =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

describe.each(exporters)('%s', (name, Exporter) => {
  test.skipIf(!Exporter).each(['none', 'gzip'] as const)(
    `the exporter ${name} is understood, with the compression %s`,
    async (compression) => {
      const server = await useServer();
      if (!Exporter) return;
      const exporter = new Exporter({ url: server.tracesUrl, compression });
      const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
      const span = provider.getTracer('test').startSpan('chat');
      span.setAttributes({
        'user.id': 'ada',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: 'Hello?' }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          { role: 'assistant', parts: [{ type: 'text', content: 'Hello.' }], finish_reason: 'stop' },
        ]),
      });
      span.end();
      await provider.shutdown();
      expect(server.records()).toMatchObject([
        { userId: 'ada', prompt: 'Hello?', generation: 'Hello.', assistantId: 'gpt-4o', origin: 'otlp' },
      ]);
    },
  );

  test.skipIf(!Exporter).each([10, 500, 512, 2048, 5000])(
    `a trace of %d spans that ${name} sends in batches gives a record for each call, with the user`,
    async (count) => {
      const server = await useServer();
      if (!Exporter) return;
      const exporter = new Exporter({ url: server.tracesUrl, compression: 'gzip' });
      const limits = { maxQueueSize: 10_000, maxExportBatchSize: 512 };
      const provider = new BasicTracerProvider({
        spanProcessors: [new BatchSpanProcessor(exporter, limits)],
      });
      const tracer = provider.getTracer('test');
      const root = tracer.startSpan('request', { attributes: { 'user.id': 'ada' } });
      const below = trace.setSpan(ROOT_CONTEXT, root);
      for (let at = 1; at < count; at++) {
        const isCall = at % 2 === 0;
        const span = tracer.startSpan(isCall ? 'chat' : 'GET /', {}, below);
        if (isCall)
          span.setAttributes({
            'gen_ai.operation.name': 'chat',
            'gen_ai.request.model': 'gpt-4o',
            'gen_ai.input.messages': messages('user', `Question ${at}`),
            'gen_ai.output.messages': messages('assistant', `Answer ${at}`),
          });
        span.end();
      }
      root.end();
      await provider.shutdown();
      const wanted = Array.from(
        { length: Math.ceil(count / 2) - 1 },
        (_, at) => `Question ${2 * at + 2} ada`,
      );
      const got = server.records().map((one) => (one.kind === 'prompt' ? `${one.prompt} ${one.userId}` : ''));
      expect(got.toSorted()).toEqual(wanted.toSorted());
    },
  );
});
