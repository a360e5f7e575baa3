import { ROOT_CONTEXT, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { collectSpans } from '../support/collect-spans.js';
import { memoryDestination } from '../support/memory-destination.js';

const T0 = Date.UTC(2026, 0, 1);

interface Answer {
  readonly text?: string;
  readonly tool?: { readonly id?: string; readonly name: string; readonly arguments: object };
  readonly responseId?: string;
  readonly error?: string;
}

interface Part {
  readonly library: 'genai' | 'openinference';
  readonly from: number;
  readonly to: number;
  readonly question?: string;
  readonly model?: string;
  readonly answer: Answer;
}

function attributesOf({ library, question = 'Hi', model = 'gpt-4.1', answer }: Part): Attributes {
  const { text, tool, responseId, error } = answer;
  if (library === 'genai')
    return {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': model,
      'gen_ai.input.messages': JSON.stringify([
        { role: 'user', parts: [{ type: 'text', content: question }] },
      ]),
      ...((text !== undefined || tool) && {
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [tool ? { type: 'tool_call', ...tool } : { type: 'text', content: text }],
          },
        ]),
      }),
      ...(responseId !== undefined && { 'gen_ai.response.id': responseId }),
      ...(error !== undefined && { 'error.type': error }),
    };
  const output = 'llm.output_messages.0.message';
  return {
    'openinference.span.kind': 'LLM',
    'llm.model_name': model,
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.content': question,
    ...((text !== undefined || tool) && { [`${output}.role`]: 'assistant' }),
    ...(text !== undefined && { [`${output}.content`]: text }),
    ...(tool && {
      [`${output}.tool_calls.0.tool_call.function.name`]: tool.name,
      [`${output}.tool_calls.0.tool_call.function.arguments`]: JSON.stringify(tool.arguments),
      ...(tool.id !== undefined && { [`${output}.tool_calls.0.tool_call.id`]: tool.id }),
    }),
  };
}

type Door = 'processor' | 'exporter';
const DOORS = (['processor', 'exporter'] as const).flatMap((door) =>
  (['call', 'turn'] as const).flatMap((granularity) =>
    [false, true].map((areTracesApart) => ({ door, granularity, areTracesApart })),
  ),
);

/** Traces the parts in the real order of their starts and ends. Returns the number of records and of events. */
async function traceParts(
  parts: readonly Part[],
  {
    door,
    granularity,
    areTracesApart,
  }: { door: Door; granularity: 'call' | 'turn'; areTracesApart: boolean },
) {
  const destination = memoryDestination();
  const options = { destination, granularity, defaultUserId: 'ada' };
  const ours: SpanProcessor =
    door === 'processor'
      ? new TrubricsSpanProcessor(options)
      : new BatchSpanProcessor(new TrubricsSpanExporter(options));
  const collected = collectSpans();
  const provider = new BasicTracerProvider({ spanProcessors: [collected.processor, ours] });
  const request = areTracesApart ? undefined : provider.getTracer('web').startSpan('request');
  const ctx = request ? trace.setSpan(ROOT_CONTEXT, request) : ROOT_CONTEXT;
  const spans = new Map<Part, Span>();
  const steps = parts.flatMap((part) => [
    { part, at: part.from, isEnd: false },
    { part, at: part.to, isEnd: true },
  ]);
  for (const { part, at, isEnd } of steps.toSorted((a, b) => a.at - b.at)) {
    const options = { startTime: T0 + at, attributes: attributesOf(part) };
    if (!isEnd) spans.set(part, provider.getTracer(part.library).startSpan('llm', options, ctx));
    else {
      if (part.answer.error !== undefined) spans.get(part)?.setStatus({ code: SpanStatusCode.ERROR });
      spans.get(part)?.end(T0 + at);
    }
  }
  request?.end();
  await provider.forceFlush();
  await provider.shutdown();
  return { records: destination.records, events: destination.events, spans: collected.spans };
}

const tool = (id?: string) => ({
  ...(id !== undefined && { id }),
  name: 'look',
  arguments: { b: 1, a: 'x' },
});

const SAME: readonly [string, readonly [Part, Part]][] = [
  [
    'two listeners of one emitter, staggered',
    [
      { library: 'genai', from: 0, to: 49, answer: { text: 'Hello.', responseId: 'r1' } },
      {
        library: 'openinference',
        from: 0.4,
        to: 62,
        model: 'gpt-4.1-2025-04-14',
        answer: { text: 'Hello.' },
      },
    ],
  ],
  [
    'tool calls with equal ids, staggered',
    [
      { library: 'genai', from: 0, to: 49, answer: { tool: tool('t1') } },
      { library: 'openinference', from: 1, to: 62, answer: { tool: tool('t1') } },
    ],
  ],
  [
    'tool calls of which one library knows no id',
    [
      { library: 'genai', from: 0, to: 49, answer: { tool: tool('t1') } },
      {
        library: 'openinference',
        from: 1,
        to: 48,
        answer: { tool: { name: 'look', arguments: { a: 'x', b: 1 } } },
      },
    ],
  ],
  [
    'failed calls without a response id',
    [
      { library: 'genai', from: 0, to: 49, answer: { error: 'RateLimitError' } },
      { library: 'openinference', from: 1, to: 62, model: 'openai/gpt-4.1', answer: { error: '429' } },
    ],
  ],
  [
    'a failed call that one library leaves without a status',
    [
      { library: 'genai', from: 0, to: 49, answer: {} },
      { library: 'openinference', from: 1, to: 62, answer: { error: '429' } },
    ],
  ],
];

describe.each(SAME)('one call traced by two libraries is one record: %s', (_title, parts) => {
  test.each(DOORS)('$door, by $granularity, in two traces: $areTracesApart', async (setUp) => {
    const { records, events } = await traceParts(parts, setUp);
    expect(records.length + events.length).toBe(1);
    expect(events.length).toBe(parts.some(({ answer }) => answer.error !== undefined) ? 1 : 0);
  });
});

const ONE: Part = { library: 'genai', from: 0, to: 50, answer: { text: 'Hello.' } };
const OTHER: Part = { library: 'openinference', from: 1, to: 60, answer: { text: 'Hello.' } };
const DIFFERENT: readonly [string, readonly [Part, Part]][] = [
  ['another question', [ONE, { ...OTHER, question: 'Hi again' }]],
  ['another answer', [ONE, { ...OTHER, answer: { text: 'Hello!' } }]],
  [
    'another model',
    [
      { ...ONE, model: 'gpt-4' },
      { ...OTHER, model: 'gpt-4o' },
    ],
  ],
  ['a moment in common', [ONE, { ...OTHER, from: 45, to: 95 }]],
  ['the same library', [ONE, { ...ONE, from: 1, to: 60 }]],
  [
    'other tool calls',
    [
      { ...ONE, answer: { tool: tool('t1') } },
      { ...OTHER, answer: { tool: tool('t2') } },
    ],
  ],
  ['a failure of one of them', [ONE, { ...OTHER, answer: { error: '429' } }]],
];

describe.each(DIFFERENT)('two calls are two: %s', (_title, parts) => {
  test.each(DOORS.filter(({ granularity, areTracesApart }) => granularity === 'call' || areTracesApart))(
    '$door, by $granularity, in two traces: $areTracesApart',
    async (setUp) => {
      const { records, events } = await traceParts(parts, setUp);
      expect(records.length + events.length).toBe(2);
    },
  );
});

test.each(['processor', 'exporter'] as const)(
  'calls with one question at one time, each traced by one or both libraries, stay as many: %s',
  async (door) => {
    const call = fc.record({
      answer: fc.constantFrom<Answer>(
        { text: 'Hello.' },
        { text: 'Hi.' },
        { tool: tool() },
        { error: '429' },
      ),
      offsets: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (calls, areBoth) => {
          const parts = calls.flatMap(({ answer, offsets: [a, b] }, at): Part[] => {
            const own: Part = { library: 'genai', from: a + at / 10, to: 100 + a + at / 10, answer };
            const other: Part = {
              library: 'openinference',
              from: b + 5 + at / 10,
              to: 110 + b + at / 10,
              answer,
            };
            return areBoth ? [own, other] : [own];
          });
          const setUp = { door, granularity: 'call', areTracesApart: true } as const;
          const { records, events, spans } = await traceParts(parts, setUp);
          expect(records.length + events.length).toBe(calls.length);
          expect(toPromptRecords(spans, { includeErrors: true })).toHaveLength(calls.length);
        },
      ),
      { numRuns: 100 },
    );
  },
);

test.each(['processor', 'exporter'] as const)(
  'an agent that two libraries trace is one turn, whichever is the first to start in each call: %s',
  async (door) => {
    const destination = memoryDestination();
    const options = { destination, granularity: 'turn', flushAt: 1 } as const;
    const ours: SpanProcessor =
      door === 'processor'
        ? new TrubricsSpanProcessor(options)
        : new BatchSpanProcessor(new TrubricsSpanExporter(options));
    const provider = new BasicTracerProvider({ spanProcessors: [ours] });
    const libraries = { genai: provider.getTracer('ours'), openinference: provider.getTracer('theirs') };
    const roots = {
      genai: libraries.genai.startSpan('agent', {
        startTime: T0,
        attributes: { 'gen_ai.operation.name': 'invoke_agent' },
      }),
      openinference: libraries.openinference.startSpan('agent', {
        startTime: T0,
        attributes: { 'openinference.span.kind': 'AGENT' },
      }),
    };
    const step = (first: Part['library'], second: Part['library'], from: number, answer: Answer): void => {
      const spans = [first, second].map((library, index) => {
        const part: Part = { library, from: from + index, to: from + 40, answer };
        const below = trace.setSpan(ROOT_CONTEXT, roots[library]);
        const start = { startTime: T0 + part.from, attributes: attributesOf(part) };
        return libraries[library].startSpan('chat', start, below);
      });
      for (const span of spans) span.end(T0 + from + 40);
    };
    step('genai', 'openinference', 1, { tool: { name: 'look', arguments: {} } });
    step('openinference', 'genai', 60, { text: 'In Rome.' });
    for (const root of Object.values(roots)) root.end(T0 + 110);
    await provider.forceFlush();

    expect(destination.records).toMatchObject([{ generation: 'In Rome.', properties: { call_count: 2 } }]);
    await provider.shutdown();
  },
);

test('the more exact model wins in a merge, and the system prompt is there once', () => {
  const messages = [
    { role: 'system', parts: [{ type: 'text', content: 'Be kind.' }] },
    { role: 'user', parts: [{ type: 'text', content: 'Hi' }] },
  ];
  const output = JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: 'Hello.' }] }]);
  const span = (scope: string, spanId: string, startMs: number, attributes: Attributes) => ({
    name: 'llm',
    spanContext: () => ({ traceId: 'a'.repeat(32), spanId }),
    startTime: [1, startMs * 1e6] as const,
    endTime: [2, 0] as const,
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.output.messages': output, ...attributes },
    instrumentationScope: { name: scope },
  });
  const records = toPromptRecords(
    [
      span('a', 'a'.repeat(16), 0, {
        'gen_ai.response.model': 'gpt-4.1',
        'gen_ai.input.messages': JSON.stringify(messages),
      }),
      span('b', 'b'.repeat(16), 1, {
        'gen_ai.response.model': 'gpt-4.1-2025-04-14',
        'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Be kind.' }]),
        'gen_ai.input.messages': JSON.stringify(messages.slice(1)),
      }),
    ],
    { systemPrompt: true },
  );
  expect(records).toMatchObject([
    { assistantId: 'gpt-4.1-2025-04-14', properties: { system_prompt: 'Be kind.' } },
  ]);
});
