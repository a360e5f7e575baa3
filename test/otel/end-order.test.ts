import { ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import { BasicTracerProvider, type IdGenerator } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { memoryDestination } from '../support/memory-destination.js';
import { agent, tool, toolResult, userMessage } from '../support/trace-sketch.js';

interface Node {
  readonly kind: 'agent' | 'tool' | 'step' | 'server' | 'call' | 'lateCall';
  readonly library: 'a' | 'b';
  readonly prompt: number;
  readonly ends: 'text' | 'tools' | 'error';
  readonly below: readonly Node[];
}

const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.record({
    kind: fc.constantFrom('agent', 'tool', 'step', 'server', 'call', 'lateCall'),
    library: fc.constantFrom('a', 'b'),
    prompt: fc.integer({ min: 0, max: 2 }),
    ends: fc.constantFrom('text', 'text', 'tools', 'error'),
    below: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
  }),
}));

/** Ids that are the same in every run, so that records can be compared. */
function countingIds(): IdGenerator {
  let traces = 0;
  let spans = 0;
  const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');
  return { generateTraceId: () => hex((traces += 1), 32), generateSpanId: () => hex((spans += 1), 16) };
}

const TYPE = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const T0 = Date.UTC(2026, 0, 1);

interface StartedSpan {
  readonly span: Span;
  /** Says what it is only after its start. */
  readonly isLate: boolean;
  readonly attributesAtEnd: Attributes;
  readonly endMs: number;
}

/** Starts the spans of a tree, outer ones first. Times are those of a program that ends inner spans first. */
function startAll(provider: BasicTracerProvider, root: Node): StartedSpan[] {
  const started: StartedSpan[] = [];
  let clock = T0;
  const start = (node: Node, below: Context, library: string): void => {
    const { kind, prompt, ends } = node;
    const isCall = kind === 'call' || kind === 'lateCall';
    const answer =
      ends === 'tools'
        ? { type: 'tool_call', id: `t${clock}`, name: 't' }
        : { type: 'text', content: `answer ${clock}` };
    const content = {
      'gen_ai.input.messages': JSON.stringify(
        prompt > 0 ? [userMessage(`question ${prompt}`)] : [toolResult('t-0', 'result')],
      ),
      ...(ends === 'error'
        ? { 'error.type': 'oops' }
        : { 'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts: [answer] }]) }),
      'gen_ai.usage.input_tokens': clock - T0,
    };
    const atStart = kind === 'agent' ? agent('a') : kind === 'tool' ? tool('t') : kind === 'call' ? TYPE : {};
    const startTime = (clock += 7);
    const span = provider
      .getTracer(library)
      .startSpan(
        kind,
        { attributes: atStart, kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL, startTime },
        below,
      );
    const own = { span, isLate: kind === 'lateCall', attributesAtEnd: isCall ? content : {} };
    for (const child of node.below) start(child, trace.setSpan(below, span), library);
    started.push({ ...own, endMs: (clock += 7) });
  };
  start(root, ROOT_CONTEXT, 'a');
  for (const { span, isLate } of started) if (isLate) span.setAttributes(TYPE);
  return started;
}

async function recordsOf(root: Node, granularity: 'call' | 'turn', order: (count: number) => number[]) {
  const destination = memoryDestination();
  const processor = new TrubricsSpanProcessor({
    destination,
    granularity,
    defaultUserId: 'ada',
    errors: 'record',
  });
  const provider = new BasicTracerProvider({ idGenerator: countingIds(), spanProcessors: [processor] });
  const started = startAll(provider, root);
  for (const at of order(started.length)) {
    const { span, attributesAtEnd, endMs } = started[at] as StartedSpan;
    span.setAttributes(attributesAtEnd);
    span.end(endMs);
  }
  await provider.forceFlush();
  const beforeShutdown = destination.records.length;
  await provider.shutdown();
  expect(destination.records).toHaveLength(beforeShutdown);
  return destination.records.toSorted((a: PromptRecord, b: PromptRecord) => a.id.localeCompare(b.id));
}

const inOrder = (count: number) => Array.from({ length: count }, (_, at) => at);

test.each(['call', 'turn'] as const)(
  'the order in which the spans of a trace end does not change its records, by %s',
  async (granularity) => {
    await fc.assert(
      fc.asyncProperty(tree, fc.infiniteStream(fc.nat()), async (root, draws) => {
        const shuffled = (count: number) =>
          inOrder(count)
            .map((at) => ({ at, draw: draws.next().value ?? 0 }))
            .toSorted((a, b) => a.draw - b.draw)
            .map(({ at }) => at);
        expect(await recordsOf(root, granularity, shuffled)).toEqual(
          await recordsOf(root, granularity, inOrder),
        );
      }),
      { numRuns: 300 },
    );
  },
);
