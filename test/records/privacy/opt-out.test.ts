import { SpanKind } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { withTrubrics } from '../../../src/identity/with-trubrics.js';
import { TrubricsSpanExporter } from '../../../src/otel/exporter.js';
import { toPromptRecords } from '../../../src/records/to-prompt-records.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { around, chat } from '../../support/trace-sketch.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useProvider } from '../../support/use-provider.js';

useContextManager();

describe('opt-out', () => {
  test('no call inside withTrubrics({ record: false }) is recorded, unless an inner one says true', async () => {
    const { processor, destination, tracer } = useProvider();
    withTrubrics({ userId: 'ada', record: false }, () => {
      chat(tracer, { prompt: 'secret', answer: 'a' });
      withTrubrics({ threadId: 't' }, () => chat(tracer, { prompt: 'secret', answer: 'a' }));
      withTrubrics({ record: true }, () => chat(tracer, { prompt: 'asked to', answer: 'a' }));
    });
    chat(tracer, { prompt: 'after', answer: 'a' });
    await processor.forceFlush();
    expect(destination.records.map(({ prompt }) => prompt)).toEqual(['asked to', 'after']);
    expect(processor.stats().skipped).toEqual({ opted_out: 2 });
  });

  test('trubrics.record false on a span opts out in processor, exporter and toPromptRecords', async () => {
    const { processor, destination, tracer } = useProvider();
    around(
      tracer,
      'POST /chat',
      { 'trubrics.record': false },
      (below) => chat(tracer, { prompt: 'q', answer: 'a', below }),
      {
        kind: SpanKind.SERVER,
      },
    );
    await processor.forceFlush();
    expect(destination.records).toEqual([]);
    const root = makeSpan({ spanId: 'f0', attributes: { 'trubrics.record': false } });
    const spans = [makeChatSpan({ parentSpanId: 'f0' }), root];
    expect(toPromptRecords(spans)).toEqual([]);
    const exporter = new TrubricsSpanExporter({ destination });
    await new Promise<void>((resolve) => exporter.export(spans, () => resolve()));
    expect(exporter.stats()).toMatchObject({ records: 0, skipped: { opted_out: 1 } });
  });

  test('a call that is opted out is not part of a turn', async () => {
    const { processor, destination, tracer } = useProvider({ granularity: 'turn' });
    withTrubrics({ record: false }, () => chat(tracer, { prompt: 'q', answer: 'a' }));
    await processor.forceFlush();
    expect(destination.records).toEqual([]);
    expect(processor.stats().skipped).toEqual({ opted_out: 1 });
  });
});
