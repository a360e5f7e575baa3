import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test, vi } from 'vitest';
import { getContent, putContent } from '../../../src/common/content-channel.js';
import type { RecordedSpan } from '../../../src/standalone/tracer/recorded-span.js';
import { StandaloneTracerProvider } from '../../../src/standalone/tracer/tracer-provider.js';

afterEach(() => {
  trace.disable();
  vi.unstubAllEnvs();
});

function setUpTracer(resource = { attributes: {} }) {
  const started: RecordedSpan[] = [];
  const ended: RecordedSpan[] = [];
  const provider = new StandaloneTracerProvider({
    listener: { onStart: (span) => void started.push(span), onEnd: (span) => void ended.push(span) },
    resource,
  });
  return { tracer: provider.getTracer('scope', '1'), started, ended };
}

function applicationProvider(sampled = true) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    ...(!sampled && { sampler: new AlwaysOffSampler() }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  return { provider, exporter };
}

/** A provider of the SDK of whose spans one method throws. */
function brokenProvider(broken: keyof Span | 'startSpan'): TracerProvider {
  const fail = (): never => {
    throw new Error('broken');
  };
  const tracer = applicationProvider().provider.getTracer('application');
  const startSpan: Tracer['startSpan'] = (...args) =>
    Object.assign(tracer.startSpan(...args), { [broken]: fail });
  return {
    getTracer: () =>
      Object.assign(Object.create(tracer), { startSpan: broken === 'startSpan' ? fail : startSpan }),
  };
}

test('without a registered provider a span has valid ids, is sampled, and keeps what is written to it', () => {
  const { tracer, started, ended } = setUpTracer({ attributes: { 'service.name': 'shop' } });

  const span = tracer.startSpan('chat', { kind: SpanKind.CLIENT, attributes: { a: 1 } }, ROOT_CONTEXT);
  span.setAttribute('b', 'two').setAttributes({ c: [3], gone: undefined });
  span.addEvent('token', { index: 1 }).addEvent('at', 2_000_000_000_000);
  span.recordException(new TypeError('broken'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' }).updateName('chat gpt');
  span.end();

  expect(started).toEqual(ended);
  const [recorded] = ended;
  expect(isSpanContextValid(span.spanContext())).toBe(true);
  expect(span.spanContext().traceFlags).toBe(TraceFlags.SAMPLED);
  expect(recorded).toMatchObject({
    name: 'chat gpt',
    kind: SpanKind.CLIENT,
    attributes: { a: 1, b: 'two', c: [3] },
    status: { code: SpanStatusCode.ERROR, message: 'broken' },
    parentSpanContext: undefined,
    resource: { attributes: { 'service.name': 'shop' } },
    instrumentationScope: { name: 'scope', version: '1' },
  });
  expect(recorded?.events.map(({ name }) => name)).toEqual(['token', 'at', 'exception']);
  expect(recorded?.events[1]?.time).toEqual([2_000_000_000, 0]);
  expect(recorded?.events[2]?.attributes).toMatchObject({
    'exception.type': 'TypeError',
    'exception.message': 'broken',
  });
});

test('a span is a child of the active span: its trace, its flags, its state', () => {
  const { tracer, ended } = setUpTracer();
  const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 0 };
  const parentContext = trace.setSpanContext(ROOT_CONTEXT, parent);

  const span = tracer.startSpan('chat', {}, parentContext);
  span.end();

  expect(span.spanContext()).toMatchObject({ traceId: parent.traceId, traceFlags: 0 });
  expect(span.spanContext().spanId).not.toBe(parent.spanId);
  expect(ended[0]?.parentSpanContext).toEqual(parent);
  const root = tracer.startSpan('root', { root: true }, parentContext);
  expect(root.spanContext().traceId).not.toBe(parent.traceId);
});

test('a registered provider makes the span, its exporter gets it whole, and ours has the same ids', () => {
  const { provider, exporter } = applicationProvider();
  trace.setGlobalTracerProvider(provider);
  const { tracer, ended } = setUpTracer();

  const span = tracer.startSpan('chat', { kind: SpanKind.CLIENT, attributes: { a: 1 } }, ROOT_CONTEXT);
  span.setAttribute('b', 2).setAttributes({ c: 3 }).addEvent('e').updateName('chat gpt');
  span.recordException('broken');
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.addLink({ context: span.spanContext() }).addLinks([{ context: span.spanContext() }]);
  span.end();
  span.end();

  const [exported] = exporter.getFinishedSpans();
  expect(exporter.getFinishedSpans()).toHaveLength(1);
  expect(ended).toHaveLength(1);
  expect(exported).toMatchObject({
    name: 'chat gpt',
    kind: SpanKind.CLIENT,
    attributes: { a: 1, b: 2, c: 3 },
    status: { code: SpanStatusCode.ERROR },
  });
  expect(exported?.links).toHaveLength(2);
  expect(exported?.events.map(({ name }) => name)).toEqual(['e', 'exception']);
  expect(ended[0]?.spanContext()).toEqual(exported?.spanContext());
  expect(ended[0]?.attributes).toEqual(exported?.attributes);
  expect(ended[0]?.resource).toBe(exported?.resource);
});

test('a span that the sampler of the application drops is recorded by ours, with the ids of the application', () => {
  const { provider, exporter } = applicationProvider(false);
  trace.setGlobalTracerProvider(provider);
  const { tracer, ended } = setUpTracer();

  const span = tracer.startSpan('chat', {}, ROOT_CONTEXT);
  const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, span));
  child.end();
  span.end();

  expect(exporter.getFinishedSpans()).toEqual([]);
  expect(ended.map(({ name }) => name)).toEqual(['child', 'chat']);
  expect(child.spanContext().traceId).toBe(span.spanContext().traceId);
  expect(ended[0]?.parentSpanContext).toEqual(span.spanContext());
  expect(span.spanContext().traceFlags).toBe(TraceFlags.NONE);
});

test('a provider that is registered later, or replaced, makes the spans from then on', () => {
  const { tracer } = setUpTracer();
  const first = applicationProvider();
  const second = applicationProvider();

  tracer.startSpan('before').end();
  trace.setGlobalTracerProvider(first.provider);
  tracer.startSpan('first').end();
  trace.disable();
  tracer.startSpan('between').end();
  trace.setGlobalTracerProvider(second.provider);
  tracer.startSpan('second').end();

  expect(first.exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['first']);
  expect(second.exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['second']);
});

test('nothing is recorded where tracing is suppressed', () => {
  const { tracer, started } = setUpTracer();

  const span = tracer.startSpan('chat', {}, suppressTracing(ROOT_CONTEXT));
  span.end();

  expect(span.isRecording()).toBe(false);
  expect(started).toEqual([]);
});

test('limits of attributes and events are those of the environment, and what is left out is counted', () => {
  vi.stubEnv('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '2');
  vi.stubEnv('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', '3');
  vi.stubEnv('OTEL_SPAN_EVENT_COUNT_LIMIT', '2');
  vi.stubEnv('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', '1');
  const { tracer, ended } = setUpTracer();

  const span = tracer.startSpan('chat', { attributes: { a: 'long text', b: ['long text', 'b'] } });
  span.setAttributes({ c: 1, a: 'other text' });
  for (const name of ['first', 'second', 'third']) span.addEvent(name, { x: 'long text', y: 1 });
  span.end();

  expect(ended[0]).toMatchObject({
    attributes: { a: 'oth', b: ['lon', 'b'] },
    droppedAttributesCount: 1,
    droppedEventsCount: 1,
  });
  expect(ended[0]?.events).toMatchObject([
    { name: 'second', attributes: { x: 'lon' } },
    { name: 'third', attributes: { x: 'lon' } },
  ]);
});

test('the default limits are those of the specification', () => {
  const { tracer, ended } = setUpTracer();

  const span = tracer.startSpan('chat');
  for (let index = 0; index < 200; index += 1)
    span.setAttribute(`key.${index}`, 'x'.repeat(10_000)).addEvent('e');
  span.end();

  expect(Object.keys(ended[0]?.attributes ?? {})).toHaveLength(128);
  expect(ended[0]?.attributes['key.0']).toHaveLength(10_000);
  expect(ended[0]).toMatchObject({ droppedAttributesCount: 72, droppedEventsCount: 72 });
});

test('what is written after the end is ignored', () => {
  const { tracer, ended } = setUpTracer();
  const span = tracer.startSpan('chat');
  span.end();

  span.setAttribute('late', 1).addEvent('late').updateName('late').setStatus({ code: SpanStatusCode.ERROR });
  span.recordException('late');

  expect(ended[0]).toMatchObject({ name: 'chat', attributes: {}, events: [], status: { code: 0 } });
});

test('a duration is measured by the monotonic clock, although the wall clock is set back', () => {
  const { tracer, ended } = setUpTracer();
  const span = tracer.startSpan('chat');
  const wallClock = vi.spyOn(Date, 'now').mockReturnValue(0);
  span.end();
  wallClock.mockRestore();

  const [{ startTime, endTime } = { startTime: [0, 0], endTime: [0, 0] }] = ended;
  const durationMs = (endTime[0] - startTime[0]) * 1e3 + (endTime[1] - startTime[1]) / 1e6;
  expect(durationMs).toBeGreaterThanOrEqual(0);
  expect(durationMs).toBeLessThan(5_000);
});

test('content kept off the attributes reaches a processor of ours that knows the application span alone', () => {
  const { provider, exporter } = applicationProvider();
  trace.setGlobalTracerProvider(provider);
  const { tracer } = setUpTracer();

  const span = tracer.startSpan('chat');
  putContent(span, { 'gen_ai.input.messages': '[]' });
  span.end();

  const [exported] = exporter.getFinishedSpans();
  expect(exported && getContent(exported)).toEqual({ 'gen_ai.input.messages': '[]' });
  expect(exported?.attributes).toEqual({});
});

test('startActiveSpan runs the function inside the span', () => {
  const { tracer } = setUpTracer();

  const name = tracer.startActiveSpan('outer', { attributes: { a: 1 } }, context.active(), (span) => {
    span.end();
    return (span as unknown as RecordedSpan).name;
  });

  expect(name).toBe('outer');
});

test.each(['startSpan', 'spanContext', 'isRecording', 'setAttribute', 'setAttributes', 'end'] as const)(
  'a tracer of the application whose %s throws costs no span of ours, and the caller does not notice',
  (broken) => {
    trace.setGlobalTracerProvider(brokenProvider(broken));
    const { tracer, ended } = setUpTracer();

    const span = tracer.startSpan('chat', { attributes: { a: 1 } }, ROOT_CONTEXT);
    span.setAttribute('b', 2).setAttributes({ c: 3 }).end();

    expect(ended).toMatchObject([{ name: 'chat', attributes: { a: 1, b: 2, c: 3 } }]);
    expect(isSpanContextValid(span.spanContext())).toBe(true);
  },
);

test('a span of a tracer that is not the SDK gets all writes, and ours has its ids', () => {
  const written: unknown[] = [];
  const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  const foreign = {
    spanContext: () => spanContext,
    isRecording: () => true,
    setAttributes: (attributes: unknown) => written.push(attributes),
    end: () => written.push('end'),
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => foreign }) as never });
  const { tracer, ended } = setUpTracer({ attributes: { 'service.name': 'shop' } });

  tracer.startSpan('chat', {}, ROOT_CONTEXT).setAttributes({ a: 1 }).end();

  expect(written).toEqual([{ a: 1 }, 'end']);
  expect(ended[0]?.spanContext()).toEqual(spanContext);
  expect(ended[0]).toMatchObject({
    attributes: { a: 1 },
    resource: { attributes: { 'service.name': 'shop' } },
  });
});

test('an attribute that is set after the end is not kept, and a status of OK is final', () => {
  const { tracer, ended } = setUpTracer();
  const span = tracer.startSpan('work', { attributes: { before: 1 } });
  span.setStatus({ code: SpanStatusCode.OK });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'late' });
  span.end();
  span.setAttribute('after', 2);
  expect(ended.map(({ attributes, status }) => [attributes, status])).toEqual([
    [{ before: 1 }, { code: SpanStatusCode.OK }],
  ]);
});
