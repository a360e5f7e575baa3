import { trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  TrubricsSpanExporter,
  TrubricsSpanProcessor,
  withTrubrics,
  type TrubricsOptions,
} from '../../src/index.js';
import { SPAN_REASONS, type SpanExplanation } from '../../src/reading/advice/span-explanation.js';
import { recogniseSpan } from '../../src/reading/dialects/read-llm-call.js';
import { loadCaptures } from '../support/captures.js';
import { memoryDestination } from '../support/memory-destination.js';
import { replayThroughExporter, replayThroughProcessor } from '../support/replay-spans.js';
import { makeChatSpan, makeSpan } from '../support/span.js';
import { agent, around, chat, endChat, startChat, tool } from '../support/trace-sketch.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useProvider } from '../support/use-provider.js';

useContextManager();

const PROMPT = 'a prompt that nobody may keep';
const ANSWER = 'an answer that nobody may keep';

/** Returns the reasons, the last span first. */
function reasonsOf(explained: readonly SpanExplanation[]): readonly string[] {
  return explained.map(({ name, reason }) => `${name}: ${reason}`);
}

function countsOf(explained: readonly SpanExplanation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason, count = 1 } of explained) counts[reason] = (counts[reason] ?? 0) + count;
  return counts;
}

const byText = (a: string, b: string): number => a.localeCompare(b, 'en');

describe('of every recorded trace', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const WAYS: readonly (readonly [
    string,
    TrubricsOptions,
    typeof replayThroughProcessor | typeof replayThroughExporter,
  ])[] = [
    ['the processor', {}, replayThroughProcessor],
    ['the processor with turns', { granularity: 'turn' }, replayThroughProcessor],
    ['the exporter', {}, replayThroughExporter],
    ['the exporter with turns', { granularity: 'turn' }, replayThroughExporter],
  ];

  test.each(WAYS)('%s explains each span once, and as it counts them', async (_name, options, replay) => {
    const captures = loadCaptures().filter(({ spans }) => spans.length > 0 && spans.length < 500);
    expect(captures.length).toBeGreaterThan(80);
    for (const { name, spans } of captures) {
      const { explained, records, events, stats } = await replay({ spans }, options);
      const roles = spans.map((span) => recogniseSpan(span)?.role);
      const single = explained.filter(({ reason }) => reason !== 'no_llm_span');
      const counts = countsOf(explained);
      const recorded = single.filter(({ outcome }) => outcome === 'recorded');
      const failed = single.filter(({ outcome }) => outcome === 'event');
      expect({
        name,
        explained: single.map(({ spanId }) => spanId).toSorted(byText),
        others: counts['no_llm_span'] ?? 0,
        held: single.filter(({ outcome }) => outcome === 'held'),
        records: [...new Set(recorded.map(({ partOf = '' }) => partOf))].toSorted(byText),
        events: new Set(failed.map(({ partOf }) => partOf)).size,
        noCall: counts['no_call'] ?? 0,
      }).toEqual({
        name,
        explained: spans
          .filter((_span, at) => /^(?:llm|agent|unclear)$/.test(roles[at] ?? ''))
          .map((span) => span.spanContext().spanId)
          .toSorted(byText),
        others: roles.filter((role) => !/^(?:llm|agent|unclear)$/.test(role ?? '')).length,
        held: [],
        records: records.map(({ id }) => id).toSorted(byText),
        events: events.filter(({ event }) => event === 'LLM error').length,
        noCall: stats.skipped.no_call ?? 0,
      });
    }
  });
});

test('the reasons of all calls are those that are counted', () => {
  const { processor, tracer } = useProvider({
    errors: 'skip',
    redact: (record) => (record.prompt === 'redact me' ? undefined : record),
  });
  chat(tracer, { prompt: PROMPT, answer: ANSWER });
  chat(tracer, { attributes: { 'gen_ai.system': 'openai' } });
  chat(tracer, { prompt: 'x', error: 'Timeout' });
  chat(tracer, { prompt: 'redact me', answer: 'x' });
  withTrubrics({ record: false }, () => chat(tracer, { prompt: 'x', answer: 'x' }));
  around(tracer, 'silent', agent('silent'), () => undefined);
  around(tracer, 'GET /', {}, () => undefined);
  around(tracer, 'search', tool('search'), () => undefined);
  expect(countsOf(processor.explain())).toEqual({
    recorded: 1,
    no_content: 1,
    error: 1,
    redacted: 1,
    opted_out: 1,
    no_call: 1,
    no_llm_span: 2,
  });
  expect(processor.stats().skipped).toEqual({
    no_content: 1,
    error: 1,
    redacted: 1,
    opted_out: 1,
    no_call: 1,
  });
});

test('a span that cannot be read, and a redact() that throws, have their reasons', () => {
  const { processor, tracer } = useProvider({
    redact: () => {
      throw new Error('no');
    },
  });
  chat(tracer, { prompt: PROMPT, answer: ANSWER });
  expect(reasonsOf(processor.explain())).toEqual(['chat gpt-4o-mini: redaction_failed']);
  const sampled = useProvider({ samplingRatio: 0 });
  chat(sampled.tracer, { prompt: PROMPT, answer: ANSWER });
  expect(reasonsOf(sampled.processor.explain())).toEqual(['chat gpt-4o-mini: sampled_out']);
});

test('spans that wait say for what, and what became of them later', async () => {
  const { processor, provider, tracer } = useProvider();
  const other = provider.getTracer('other');
  const outer = startChat(tracer, { model: 'outer' });
  const below = trace.setSpan((await import('@opentelemetry/api')).ROOT_CONTEXT, outer);
  chat(other, { model: 'inner', prompt: PROMPT, answer: ANSWER, below });
  expect(reasonsOf(processor.explain())).toEqual(['chat outer: open', 'chat inner: outer_span']);
  endChat(outer, { prompt: PROMPT, answer: ANSWER });
  const [first, second] = processor.explain();
  expect([first, second]).toMatchObject([
    { name: 'chat outer', reason: 'recorded', partOf: expect.stringContaining('-') as string },
    { name: 'chat inner', reason: 'same_call', outcome: 'merged', partOf: first?.spanId },
  ]);
});

test('a call beside the open span of another library waits, and the two become one', async () => {
  const { processor, provider, tracer } = useProvider();
  const other = startChat(provider.getTracer('other'), { model: 'same' });
  chat(tracer, { model: 'same', prompt: PROMPT, answer: ANSWER });
  expect(reasonsOf(processor.explain())).toContain('chat same: other_library');
  endChat(other, { prompt: PROMPT, answer: ANSWER });
  await processor.forceFlush();
  expect(countsOf(processor.explain())).toEqual({ recorded: 1, same_call: 1 });
});

test('calls of a turn wait for it, and name its record', async () => {
  const { processor, destination, tracer } = useProvider({ granularity: 'turn' });
  around(tracer, 'guide', agent('guide'), (below) => {
    chat(tracer, { prompt: PROMPT, answer: ANSWER, below });
    expect(reasonsOf(processor.explain())).toContain('chat gpt-4o-mini: turn');
  });
  await processor.forceFlush();
  const explained = processor.explain();
  expect(countsOf(explained)).toEqual({ recorded: 1, calls_below: 1 });
  expect(explained.find(({ reason }) => reason === 'recorded')?.partOf).toBe(destination.records[0]?.id);
});

test('nested agents without calls are one record, and the inner ones are a part of it', () => {
  const { processor, tracer } = useProvider();
  const said = {
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: PROMPT }] }]),
    'gen_ai.output.messages': JSON.stringify([
      { role: 'assistant', parts: [{ type: 'text', content: ANSWER }] },
    ]),
  };
  around(tracer, 'a', { ...agent('a'), ...said }, (inA) => {
    around(
      tracer,
      'b',
      { ...agent('b'), ...said },
      (inB) => around(tracer, 'c', { ...agent('c'), ...said }, () => undefined, { below: inB }),
      { below: inA },
    );
    expect(reasonsOf(processor.explain())).toEqual(['a: open', 'b: outer_span', 'c: same_call']);
  });
  expect(reasonsOf(processor.explain())).toEqual(['a: recorded', 'b: same_call', 'c: same_call']);
});

test('a call without content names the switch of its library', () => {
  const { processor, provider } = useProvider();
  chat(provider.getTracer('@azure/ai-inference-rest'), {});
  expect(processor.explain()).toMatchObject([
    {
      outcome: 'skipped',
      reason: 'no_content',
      advice: expect.stringContaining('AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED=true') as string,
    },
  ]);
});

test('a record that no destination takes is told with the state of the destination', async () => {
  const destination = { ...memoryDestination(), send: () => Promise.resolve({ status: 401 }) };
  const { processor, tracer } = useProvider({ destination });
  chat(tracer, { prompt: PROMPT, answer: ANSWER });
  expect(processor.explain()[0]).not.toHaveProperty('advice');
  await processor.forceFlush();
  expect(processor.explain()[0]).toMatchObject({
    outcome: 'recorded',
    advice: expect.stringContaining('is unauthorized (') as string,
  });
});

test('of 10,000 spans the last 500 calls are kept, other spans by their library, and no contents', () => {
  const { processor, provider, tracer } = useProvider();
  for (let count = 0; count < 600; count += 1)
    chat(tracer, { model: `m${count}`, prompt: PROMPT, answer: ANSWER });
  for (let count = 0; count < 5_000; count += 1)
    provider
      .getTracer(`library-${count % 150}`)
      .startSpan('GET')
      .end();
  const explained = processor.explain();
  expect(explained.slice(0, 2).map(({ name }) => name)).toEqual(['chat m599', 'chat m598']);
  expect(explained.filter(({ reason }) => reason === 'recorded')).toHaveLength(500);
  expect(explained.filter(({ reason }) => reason === 'no_llm_span')).toHaveLength(100);
  expect(JSON.stringify(explained)).not.toContain('nobody may keep');
});

test('the exporter tells duplicates, and parts of a batch', async () => {
  const exporter = new TrubricsSpanExporter({ destination: memoryDestination() });
  const send = (spans: Parameters<typeof exporter.export>[0]) =>
    new Promise((done) => exporter.export(spans, done));
  const responseId = { 'gen_ai.response.id': 'r-1' };
  const outer = makeChatSpan({ spanId: 'a1', name: 'outer', attributes: responseId });
  await send([
    outer,
    makeChatSpan({ spanId: 'a2', name: 'inner', parentSpanId: 'a1' }),
    makeSpan({ name: 'GET' }),
  ]);
  const again = {
    ...makeChatSpan({ spanId: 'b1', name: 'again', attributes: responseId }),
    instrumentationScope: { name: 'other' },
  };
  const hostile = {
    ...makeChatSpan(),
    spanContext: () => {
      throw new Error('no');
    },
  };
  await send([again, hostile]);
  expect(reasonsOf(exporter.explain())).toEqual([
    'again: duplicate',
    'inner: same_call',
    'outer: recorded',
    'GET: no_llm_span',
  ]);
  await exporter.shutdown();
});

test('a disabled component explains nothing, and every reason has words', () => {
  expect(new TrubricsSpanProcessor({ disabled: true }).explain()).toEqual([]);
  expect(new TrubricsSpanExporter({ disabled: true }).explain()).toEqual([]);
  expect(SPAN_REASONS.length).toBe(new Set(SPAN_REASONS).size);
});
