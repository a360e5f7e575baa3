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
});
