import { context, ROOT_CONTEXT, trace, type Context, type Span } from '@opentelemetry/api';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Destination } from '../../src/destinations/destination.js';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { makeChatSpan, makeSpan, type SpanSketch } from '../support/span.js';
import { useProvider, type ProviderUnderTest } from '../support/use-provider.js';

let records: PromptRecord[];
let destination: Destination;
let processor: ProviderUnderTest['processor'];
let provider: ProviderUnderTest['provider'];

beforeEach(() => {
  records = [];
  destination = {
    name: 'list',
    encode: (entry) => (entry.kind === 'prompt' ? JSON.stringify(records.push(entry.record)) : undefined),
    send: () => Promise.resolve(),
  };
  ({ processor, provider } = useProvider({ destination, flushAt: 20 }));
});

const T0 = Date.UTC(2026, 0, 1);
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const says = (role: string, text: string) =>
  JSON.stringify([{ role, parts: [{ type: 'text', content: text }] }]);
const exchange = (answer = 'answer') => ({
  'gen_ai.input.messages': says('user', 'question'),
  'gen_ai.output.messages': says('assistant', answer),
});

interface Sketch {
  readonly scope: string;
  readonly from: number;
  readonly attributes?: Record<string, string>;
  readonly parent?: Span;
}

function start({ scope, from, attributes = {}, parent }: Sketch): Span {
  const ctx: Context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  return provider
    .getTracer(scope)
    .startSpan('chat m', { startTime: T0 + from, attributes: { ...CHAT, ...attributes } }, ctx);
}

const end = (span: Span, to: number) => span.end(T0 + to);

describe('one call traced by two libraries', () => {
  test('two spans of a call side by side are one record with the user of one and tokens of the other', async () => {
    const request = provider.getTracer('web').startSpan('POST /chat');
    const outer = start({
      scope: 'a',
      from: 0,
      parent: request,
      attributes: { ...exchange(), 'user.id': 'ada', 'gen_ai.response.id': 'r1' },
    });
    const inner = start({
      scope: 'b',
      from: 1,
      parent: request,
      attributes: { ...exchange(), 'gen_ai.response.id': 'r1' },
    });
    inner.setAttribute('gen_ai.usage.input_tokens', 7);
    end(inner, 9);
    end(outer, 10);
    await processor.forceFlush();
    expect(records).toMatchObject([{ userId: 'ada', properties: { input_tokens: 7 } }]);
  });

  test('two spans of a call in two traces are one record, by the answer if there is no response id', async () => {
    end(start({ scope: 'a', from: 2, attributes: exchange() }), 8);
    end(start({ scope: 'b', from: 0, attributes: exchange() }), 10);
    await processor.forceFlush();
    expect(records).toHaveLength(1);
    expect(processor.stats().skipped.duplicate).toBe(1);
  });

  test('two spans of a call are one record across a flush', async () => {
    end(start({ scope: 'a', from: 0, attributes: exchange() }), 10);
    await processor.forceFlush();
    end(start({ scope: 'b', from: 1, attributes: exchange() }), 9);
    await processor.forceFlush();
    expect(records).toHaveLength(1);
  });

  test('an outer span that ends before the inner one is one record with it', async () => {
    const outer = start({ scope: 'a', from: 0, attributes: exchange() });
    const inner = start({ scope: 'b', from: 1, parent: outer, attributes: exchange() });
    end(outer, 5);
    end(inner, 9);
    await processor.forceFlush();
    expect(records).toHaveLength(1);
  });

  test('an inner span is the record if the outer span ended before it without content', async () => {
    const outer = start({ scope: 'a', from: 0 });
    const inner = start({ scope: 'b', from: 1, parent: outer, attributes: exchange() });
    end(outer, 5);
    end(inner, 9);
    await processor.forceFlush();
    expect(records).toHaveLength(1);
    expect(records[0]?.properties.span_id).toBe(inner.spanContext().spanId);
  });

  test("a call waits while another library's LLM span is open, and no longer than a second", () => {
    vi.useFakeTimers();
    end(start({ scope: 'a', from: 0, attributes: exchange('one') }), 10);
    expect(records).toHaveLength(1);
    const long = start({ scope: 'b', from: 20 });
    end(start({ scope: 'a', from: 21, attributes: exchange('two') }), 30);
    expect(records).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(records).toHaveLength(2);
    end(start({ scope: 'a', from: 40, attributes: exchange('three') }), 50);
    end(long, 60);
    expect(records).toHaveLength(3);
    vi.useRealTimers();
  });
});

describe('a span without content', () => {
  test('a span without content that ends first does not suppress the span that has the text', async () => {
    end(start({ scope: 'a', from: 0, attributes: { 'gen_ai.response.id': 'r1' } }), 10);
    await processor.forceFlush();
    end(start({ scope: 'b', from: 1, attributes: { ...exchange(), 'gen_ai.response.id': 'r1' } }), 9);
    await processor.forceFlush();
    expect(records).toHaveLength(1);
    expect(processor.stats().skipped).toEqual({ no_content: 1 });
  });

  test('an outer span without content completes the inner one that has the text', async () => {
    const outer = start({ scope: 'a', from: 0 });
    end(start({ scope: 'b', from: 1, parent: outer, attributes: exchange() }), 9);
    outer.setAttribute('gen_ai.usage.input_tokens', 99);
    end(outer, 10);
    await processor.forceFlush();
    expect(records).toMatchObject([{ generation: 'answer', properties: { input_tokens: 99 } }]);
  });

  test('a call also waits for an LLM span that gets its attributes only after the start', async () => {
    const late = provider.getTracer('late').startSpan('generation', { startTime: T0 }, ROOT_CONTEXT);
    late.setAttributes({ ...CHAT, ...exchange(), 'user.id': 'ada' });
    end(start({ scope: 'b', from: 1, attributes: exchange() }), 9);
    end(late, 10);
    await processor.forceFlush();
    expect(records).toMatchObject([{ userId: 'ada' }]);
  });
});

describe('two calls', () => {
  test.each<[string, Sketch, number, Sketch, number]>([
    [
      'of one library',
      { scope: 'a', from: 0, attributes: exchange() },
      10,
      { scope: 'a', from: 1, attributes: exchange() },
      9,
    ],
    [
      'one after the other',
      { scope: 'a', from: 0, attributes: exchange() },
      10,
      { scope: 'b', from: 11, attributes: exchange() },
      20,
    ],
    [
      'with other answers',
      { scope: 'a', from: 0, attributes: exchange('x') },
      10,
      { scope: 'b', from: 1, attributes: exchange('y') },
      9,
    ],
    [
      'with other response ids',
      { scope: 'a', from: 0, attributes: { ...exchange(), 'gen_ai.response.id': 'r1' } },
      10,
      { scope: 'b', from: 1, attributes: { ...exchange(), 'gen_ai.response.id': 'r2' } },
      9,
    ],
  ])('two calls are two records: %s', async (_title, first, firstEnd, second, secondEnd) => {
    end(start(first), firstEnd);
    end(start(second), secondEnd);
    await processor.forceFlush();
    expect(records).toHaveLength(2);
  });

  test('a call below a tool of another call is a record of its own', async () => {
    const outer = start({ scope: 'a', from: 0, attributes: exchange('outer') });
    const tool = provider
      .getTracer('a')
      .startSpan(
        'execute_tool',
        { attributes: { 'gen_ai.operation.name': 'execute_tool' } },
        trace.setSpan(context.active(), outer),
      );
    end(start({ scope: 'b', from: 1, parent: tool, attributes: exchange('inner') }), 5);
    tool.end();
    end(outer, 9);
    await processor.forceFlush();
    expect(records.map((record) => record.generation)).toEqual(['inner', 'outer']);
  });
});

describe('batches', () => {
  const inScope = (scope: string, sketch: SpanSketch & { answer?: string } = {}) => ({
    ...makeChatSpan(sketch),
    instrumentationScope: { name: scope },
  });

  test('toPromptRecords counts spans of one call in two traces once', () => {
    const outer = inScope('a', {
      traceId: 'a'.repeat(32),
      startMs: T0,
      durationMs: 100,
      attributes: { 'user.id': 'ada' },
    });
    const inner = inScope('b', {
      traceId: 'b'.repeat(32),
      startMs: T0 + 10,
      durationMs: 50,
      attributes: { 'gen_ai.usage.output_tokens': 3 },
    });
    expect(toPromptRecords([inner, makeSpan(), outer])).toMatchObject([
      { userId: 'ada', properties: { output_tokens: 3 } },
    ]);
  });

  test('the exporter counts nested spans of one library once over several batches', async () => {
    const exporter = new TrubricsSpanExporter({ destination });
    exporter.export([inScope('a', { parentSpanId: 'dddddddddddddddd' })], () => undefined);
    exporter.export([inScope('a', { spanId: 'dddddddddddddddd' })], () => undefined);
    await exporter.shutdown();
    expect(records).toHaveLength(1);
  });

  test('the exporter counts a call once over several batches', async () => {
    const exporter = new TrubricsSpanExporter({ destination });
    exporter.export([inScope('b', { startMs: T0 + 10, durationMs: 50 })], () => undefined);
    exporter.export([inScope('a', { startMs: T0, durationMs: 100 })], () => undefined);
    exporter.export([inScope('a', { startMs: T0 + 200, durationMs: 100 })], () => undefined);
    await exporter.shutdown();
    expect(records).toHaveLength(2);
    expect(exporter.stats().skipped.duplicate).toBe(1);
  });
});
