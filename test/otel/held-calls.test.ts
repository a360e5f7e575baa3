import { ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { beforeEach, afterEach, describe, expect, test, vi } from 'vitest';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import { SpanTree } from '../../src/otel/state/span-tree.js';
import { HeldCalls } from '../../src/otel/state/held-calls.js';
import { memoryDestination } from '../support/memory-destination.js';
import { makeSpan } from '../support/span.js';
import { agent, chat, endChat, startChat } from '../support/trace-sketch.js';
import { useProvider } from '../support/use-provider.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const below = (span: Span) => trace.setSpan(ROOT_CONTEXT, span);
const LLM_KIND = { 'openinference.span.kind': 'LLM', 'llm.model_name': 'm' };
const exchange = (text: string) => ({
  'llm.input_messages.0.message.role': 'user',
  'llm.input_messages.0.message.content': text,
  'llm.output_messages.0.message.role': 'assistant',
  'llm.output_messages.0.message.content': `answer to ${text}`,
});

describe('LLM spans that say what they are only after their start', () => {
  test.each([
    ['of two concurrent turns, the second while the first ends', ['kindB', 'endA', 'endB']],
    ['of two turns, the first while the second ends', ['kindA', 'endB', 'endA']],
    ['both before either ends', ['kindA', 'kindB', 'endA', 'endB']],
    ['both at their end', ['endA', 'endB']],
  ])('a flush sends both turns: %s', async (_title, steps) => {
    const { processor, destination, tracer } = useProvider({ granularity: 'turn' });
    const begin = (name: string) => {
      const root = tracer.startSpan(`agent ${name}`);
      return { name, root, llm: tracer.startSpan('llm', {}, below(root)) };
    };
    const turns = { A: begin('A'), B: begin('B') };
    for (const step of steps) {
      const { name, root, llm } = turns[step.endsWith('A') ? 'A' : 'B'];
      llm.setAttributes(LLM_KIND);
      if (step.startsWith('kind')) continue;
      llm.setAttributes(exchange(name));
      llm.end();
      root.setAttribute('openinference.span.kind', 'AGENT');
      root.end();
    }
    await processor.forceFlush();
    expect(destination.records.map(({ prompt }) => prompt).toSorted()).toEqual(['A', 'B']);
  });

  test('turns are sent without a flush although their LLM spans say late what they are', async () => {
    const { destination, tracer } = useProvider({ granularity: 'turn' });
    const first = tracer.startSpan('agent');
    const llm = tracer.startSpan('llm', {}, below(first));
    llm.setAttributes(LLM_KIND);
    chat(tracer, { prompt: 'other', answer: 'x' });
    llm.setAttributes(exchange('q'));
    llm.end();
    first.end();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(destination.records.map(({ prompt }) => prompt).toSorted()).toEqual(['other', 'q']);
  });
});

describe('a flush while calls are open', () => {
  test('a flush sends an answered turn whose span has ended although a call below it never ends', async () => {
    const { processor, destination, tracer } = useProvider({ granularity: 'turn' });
    const span = tracer.startSpan('agent', { attributes: agent('a') });
    startChat(tracer, { below: below(span) });
    chat(tracer, { prompt: 'q', answer: 'a', below: below(span) });
    span.end();
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ prompt: 'q', generation: 'a' }]);
  });

  test('the second flush sends a turn without an answer half a minute after its span has ended', async () => {
    const { processor, destination, tracer } = useProvider({ granularity: 'turn' });
    const span = tracer.startSpan('agent', { attributes: agent('a') });
    startChat(tracer, { below: below(span) });
    chat(tracer, { prompt: 'q', toolCalls: ['t'], below: below(span) });
    span.end();
    await processor.forceFlush();
    expect(destination.records).toHaveLength(0);
    vi.advanceTimersByTime(30_000);
    await processor.forceFlush();
    expect(destination.records).toHaveLength(1);
  });
});

describe('a turn through the exporter', () => {
  test.each(['call', 'turn'] as const)(
    'a flush of the provider settles complete records by %s',
    async (granularity) => {
      vi.useRealTimers();
      const destination = memoryDestination();
      const exporter = new TrubricsSpanExporter({ granularity, destination });
      const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
      chat(provider.getTracer('test'), { prompt: 'q', answer: 'a' });
      await provider.forceFlush();
      expect(destination.records).toHaveLength(1);
      await provider.shutdown();
    },
  );

  test('a call that ends after its local root does not wait for another root', async () => {
    vi.useRealTimers();
    const destination = memoryDestination();
    const exporter = new TrubricsSpanExporter({ granularity: 'turn', destination });
    const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
    const tracer = provider.getTracer('test');
    const root = tracer.startSpan('agent', { attributes: agent('a') });
    const stream = startChat(tracer, { below: below(root) });
    root.end();
    await provider.forceFlush();
    endChat(stream, { prompt: 'q', answer: 'a' });
    await provider.forceFlush();
    expect(destination.records).toHaveLength(1);
    await provider.shutdown();
  });
});

const VOLTAGENT_LLM = {
  'span.type': 'llm',
  'entity.type': 'agent',
  'llm.model': 'gpt-4.1',
  'llm.messages': JSON.stringify([{ role: 'user', content: 'Hello' }]),
};

/** An agent whose answer is written onto its span after its LLM span has ended. */
function startVoltAgent(provider: BasicTracerProvider): Span {
  const tracer = provider.getTracer('@voltagent/core');
  const span = tracer.startSpan('Guide', { attributes: { 'span.type': 'agent', 'entity.type': 'agent' } });
  tracer.startSpan('llm:generateText', { attributes: VOLTAGENT_LLM }, below(span)).end();
  return span;
}

describe.each(['call', 'turn'] as const)('an answer that comes later than its span, by %s', (granularity) => {
  test('the record has the answer', async () => {
    const { processor, provider, destination } = useProvider({ granularity });
    const span = startVoltAgent(provider);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(destination.records).toHaveLength(0);
    span.setAttribute('output', 'Good day.');
    span.end();
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ prompt: 'Hello', generation: 'Good day.' }]);
  });

  test('the record has no second one if a flush sent it before its answer came', async () => {
    const { processor, provider, destination } = useProvider({ granularity });
    const span = startVoltAgent(provider);
    await processor.forceFlush();
    span.setAttribute('output', 'Good day.');
    span.end();
    await processor.forceFlush();
    await provider.shutdown();
    expect(destination.records).toHaveLength(1);
    expect(processor.stats().records).toBe(1);
  });
});

test('a call is held for its answer half a minute at most', async () => {
  const { provider, destination } = useProvider();
  startVoltAgent(provider);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(destination.records).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(destination.records).toMatchObject([{ prompt: 'Hello', generation: '' }]);
});

test('a flush sends a call that is held for its answer as it is', async () => {
  const { processor, provider, destination } = useProvider();
  startVoltAgent(provider);
  await processor.forceFlush();
  expect(destination.records).toMatchObject([{ prompt: 'Hello', generation: '' }]);
});

test('of more than a thousand held calls, the oldest is released, each once', () => {
  const held = new HeldCalls();
  const released: number[] = [];
  for (let call = 0; call < 1_002; call += 1)
    held.hold({ maxMs: 30_000, isReadAgain: false, start: () => undefined }, () => released.push(call));
  expect(released).toEqual([0, 1]);
  held.releaseAll();
  expect(released).toHaveLength(1_002);
  expect(held.size).toBe(0);
});

test('a call below an LLM span that was forgotten because too many are open is recorded', () => {
  const calls: string[] = [];
  const tree = new SpanTree(
    { onFinalCall: ({ call }) => calls.push(call.spanId), onDuplicate: () => calls.push('duplicate') },
    2,
  );
  const outer = makeSpan({ attributes: { 'gen_ai.operation.name': 'chat' } });
  const parentSpanId = outer.spanContext().spanId;
  const inner = makeSpan({ parentSpanId });
  tree.onSpanStart(outer, { userId: 'ada' });
  const open = tree.onSpanStart(inner, undefined);
  tree.onSpanStart(makeSpan(), undefined);
  tree.onSpanEnd(inner);
  const call = { spanId: 'inner', inputMessages: [], outputMessages: [] } as never;
  tree.finishCall(open, { call, span: inner, ancestors: [], contextIdentity: undefined, startOrder: 1 });
  expect(calls).toEqual(['inner']);
  expect(tree.onSpanEnd(outer).contextIdentity).toEqual({ userId: 'ada' });
});
