import { INVALID_SPAN_CONTEXT, type Span, type SpanContext, trace, TraceFlags } from '@opentelemetry/api';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { expect, test, vi } from 'vitest';
import { markProcessed } from '../../../src/common/spans/processed-spans.js';
import { RunSpans, sharedRunSpans } from '../../../src/common/spans/run-spans.js';
import { trubricsHandler } from '../../../src/standalone/index.js';
import { memoryDestination } from '../../support/memory-destination.js';
import { tracing } from '../../support/tracing.js';
import { useHandler } from '../../support/use-handler.js';

// The only test with the shared state, because it belongs to the process: vitest gives each file one of its own.
test('spans of runs are shared from the first handler of ./standalone on, and cost nothing before', async () => {
  const destination = memoryDestination();
  const { handler, otel } = useHandler();
  const model = new FakeListChatModel({ responses: ['Paris.'] });
  await model.invoke('Capital of France?', { callbacks: [handler] });
  expect(sharedRunSpans()).toBeUndefined();

  const standalone = trubricsHandler({ destination, tracerProvider: otel.tracerProvider });
  expect(sharedRunSpans()).toBeDefined();
  await model.invoke('Capital of France?', { callbacks: [handler, standalone] });
  await standalone.shutdown();
  expect(destination.records).toHaveLength(1);
  expect(otel.spans).toHaveLength(2);
});

test('the span of a run is found by provider, array of tags and run id', () => {
  const [first, second] = [tracing().tracerProvider, tracing().tracerProvider];
  const tags: string[] = [];
  const spans = new RunSpans();
  spans.add(first, { runId: 'a', tags }, summary('1'));
  spans.add(second, { runId: 'a', tags }, summary('2'));
  spans.add(first, { runId: 'b', tags }, summary('3'));
  const idOf = (...[provider, run]: Parameters<RunSpans['find']>) => spans.find(provider, run)?.spanContext;
  expect(idOf(first, { runId: 'a', tags })).toEqual(summary('1').spanContext);
  expect(idOf(second, { runId: 'a', tags })).toEqual(summary('2').spanContext);
  expect(idOf(first, { runId: 'b', tags })).toEqual(summary('3').spanContext);
  expect(idOf(second, { runId: 'b', tags })).toBeUndefined();
  expect(idOf(first, { runId: 'a', tags: [] })).toBeUndefined();
});

test.each([
  ['a span without ids', { runId: 'a', tags: [] }, { ...summary('1'), spanContext: INVALID_SPAN_CONTEXT }],
  ['a run without an array of tags', { runId: 'a', tags: undefined }, summary('1')],
])('%s is not remembered', (_, run, added) => {
  const provider = tracing().tracerProvider;
  const spans = new RunSpans();
  expect(spans.add(provider, run, added)).toMatchObject({ provider, claims: [] });
  expect(spans.find(provider, run)).toBeUndefined();
});

test('the second handler of a run gets the ids of the span that the first started, and starts none', () => {
  const { tracer, tracerProvider } = tracing();
  const run = { runId: 'a', tags: [] };
  const spans = new RunSpans();
  const started = spans.start(tracerProvider, run, () => {
    const span = tracer.startSpan('chat');
    markProcessed(span);
    return span;
  });
  expect(started.isRepeated).toBe(false);
  expect(started.span.isRecording()).toBe(true);
  expect(spans.find(tracerProvider, run)).toMatchObject({ wasProcessed: true, resource: { attributes: {} } });

  const startSpan = vi.fn<() => Span>(() => trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  const repeated = spans.start(tracerProvider, run, startSpan);
  expect(startSpan).not.toHaveBeenCalled();
  expect(repeated.isRepeated).toBe(true);
  expect(repeated.span.isRecording()).toBe(false);
  expect(repeated.span.spanContext()).toEqual(started.span.spanContext());
});

/** Makes the summary of a span with an id of this digit. */
function summary(digit: string): { spanContext: SpanContext; wasProcessed: boolean } {
  const spanContext = {
    traceId: digit.repeat(32),
    spanId: digit.repeat(16),
    traceFlags: TraceFlags.SAMPLED,
  };
  return { spanContext, wasProcessed: false };
}
