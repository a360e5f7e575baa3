import { ROOT_CONTEXT, SpanKind, trace, type Context, type Tracer } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { collectSpans } from '../support/collect-spans.js';
import { memoryDestination } from '../support/memory-destination.js';
import { agent, chat, tool, toolResult } from '../support/trace-sketch.js';

interface Node {
  readonly kind: 'agent' | 'tool' | 'step' | 'server' | 'call';
  readonly prompt: number;
  readonly tokens: readonly [number, number];
  readonly ends: 'text' | 'tools' | 'error';
  readonly below: readonly Node[];
}

const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.record({
    kind: fc.constantFrom('agent', 'tool', 'step', 'server', 'call'),
    prompt: fc.integer({ min: 0, max: 2 }),
    tokens: fc.tuple(fc.nat(1_000), fc.nat(1_000)),
    ends: fc.constantFrom('text', 'text', 'tools', 'error'),
    below: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 4 })),
  }),
}));

/** Makes the spans of a tree; a call holds nothing, or it would be one call with those below it. */
function trail(tracer: Tracer, node: Node, below: Context): void {
  const { kind, prompt, tokens, ends } = node;
  if (kind === 'call') {
    chat(tracer, {
      ...(prompt > 0 ? { prompt: `question ${prompt}` } : { steps: [toolResult('t-0', 'result')] }),
      ...(ends === 'text'
        ? { answer: 'answer' }
        : ends === 'tools'
          ? { toolCalls: ['t'] }
          : { error: 'oops' }),
      tokens,
      below,
    });
    return;
  }
  const attributes = kind === 'agent' ? agent('a') : kind === 'tool' ? tool('t') : {};
  const span = tracer.startSpan(
    kind,
    { attributes, kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL },
    below,
  );
  for (const child of node.below) trail(tracer, child, trace.setSpan(below, span));
  span.end();
}

function sums(properties: readonly Readonly<Record<string, unknown>>[]) {
  const sum = (name: string) =>
    properties.reduce((total, property) => total + Number(property[name] ?? 0), 0);
  return { input: sum('input_tokens'), output: sum('output_tokens'), total: sum('total_tokens') };
}

const propertiesOf = (records: readonly PromptRecord[]) => records.map(({ properties }) => properties);

describe('turns of any tree of spans', () => {
  test('turns of any tree of spans have the tokens of their calls, and no two share an id', async () => {
    let longest = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(tree, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(10)),
        async (trees, cuts) => {
          const { spans: ended, processor: collector } = collectSpans();
          const turns = memoryDestination();
          const calls = memoryDestination();
          const batches = memoryDestination();
          const options = { errors: 'record', flushAt: 100 } as const;
          const provider = new BasicTracerProvider({
            spanProcessors: [
              collector,
              new TrubricsSpanProcessor({ ...options, destination: turns, granularity: 'turn' }),
              new TrubricsSpanProcessor({ ...options, destination: calls }),
            ],
          });
          for (const each of trees) trail(provider.getTracer('test'), each, ROOT_CONTEXT);
          await provider.shutdown();

          const exporter = new TrubricsSpanExporter({
            ...options,
            destination: batches,
            granularity: 'turn',
          });
          let from = 0;
          for (const cut of [...cuts, ended.length]) {
            await new Promise<void>((resolve) =>
              exporter.export(ended.slice(from, from + cut), () => resolve()),
            );
            from += cut;
          }
          await exporter.shutdown();
          const pure = toPromptRecords(ended, { granularity: 'turn', includeErrors: true });

          longest = Math.max(
            longest,
            ...turns.records.map(({ properties }) => Number(properties.call_count)),
          );
          const expected = sums(propertiesOf(calls.records));
          for (const records of [turns.records, batches.records, pure]) {
            expect(sums(propertiesOf(records))).toEqual(expected);
            expect(
              propertiesOf(records).reduce((total, { call_count }) => total + Number(call_count), 0),
            ).toBe(calls.records.length);
            expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(longest).toBeGreaterThan(2);
  });
});
