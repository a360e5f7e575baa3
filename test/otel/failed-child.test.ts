import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { replayThroughExporter, replayThroughProcessor } from '../support/replay-spans.js';
import { makeChatSpan, makeSpan, type SpanSketch } from '../support/span.js';

const T0 = Date.UTC(2026, 0, 2);
const ERROR = { code: 2, message: 'boom' };

const chat = (attributes: Record<string, unknown> = {}) =>
  makeChatSpan({ startMs: T0, durationMs: 1_000, attributes });
const withoutAnswer = () => chat({ 'gen_ai.output.messages': undefined });

function below(outer: SpanLike, sketch: SpanSketch, scope = 'test'): SpanLike {
  const { spanId } = outer.spanContext();
  const child = makeSpan({
    name: 'attempt',
    startMs: T0 + 10,
    durationMs: 500,
    ...sketch,
    parentSpanId: spanId,
  });
  return { ...child, instrumentationScope: { name: scope } };
}

/** Returns whether each way through the package records the call, or its failure. */
async function outcomes(spans: readonly SpanLike[]): Promise<unknown[]> {
  const found = [];
  for (const granularity of ['call', 'turn'] as const)
    for (const { records, events } of [
      await replayThroughProcessor({ spans }, { granularity }),
      await replayThroughExporter({ spans }, { granularity }),
    ])
      found.push([...records.map(() => 'record'), ...events.map(({ properties }) => properties.error_type)]);
  found.push(
    toPromptRecords(spans, { includeErrors: true }).map(
      ({ properties }) => properties.error_type ?? 'record',
    ),
  );
  return found;
}

const five = <T>(outcome: T): T[] => Array.from({ length: 5 }, () => outcome);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a failed span below a call', () => {
  test.each([
    ['status ERROR', {}, '_OTHER'],
    ['status ERROR and a type', { attributes: { 'error.type': 'RateLimitError' } }, 'RateLimitError'],
    [
      'status ERROR and an exception event',
      { events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }] },
      'TypeError',
    ],
  ] as const)(
    'a child of the same library with %s fails a call without an answer',
    async (_what, sketch, type) => {
      const call = withoutAnswer();
      const child = below(call, { ...sketch, status: ERROR });
      expect(await outcomes([child, call])).toEqual(five([type]));
    },
  );

  test('a finish reason error without an answer is a failure', async () => {
    const call = chat({ 'gen_ai.output.messages': undefined, 'gen_ai.response.finish_reasons': ['error'] });
    expect(await outcomes([call])).toEqual(five(['_OTHER']));
  });

  test('a call inside of another that failed fails both if there is no answer', async () => {
    const outer = withoutAnswer();
    const inner = below(
      outer,
      {
        status: ERROR,
        attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'error.type': 'Timeout' },
      },
      'provider',
    );
    expect(await outcomes([inner, outer])).toEqual(five(['Timeout']));
  });

  test('an attempt that failed before the answer changes nothing', async () => {
    const call = chat();
    expect(await outcomes([below(call, { status: ERROR }), call])).toEqual(five(['record']));
  });

  test('the last attempt decides about a call whose answer is not recorded', async () => {
    const call = withoutAnswer();
    const failed = below(call, { status: ERROR, durationMs: 100 });
    const succeeded = below(call, { startMs: T0 + 200 });
    expect(await outcomes([failed, succeeded, call])).toEqual(five(['record']));
  });

  test.each([
    ['a tool', { attributes: { 'gen_ai.operation.name': 'execute_tool' } }, 'test'],
    ['an agent', { attributes: { 'gen_ai.operation.name': 'invoke_agent' } }, 'test'],
    ['an HTTP request', { attributes: { 'http.request.method': 'POST' } }, 'http'],
  ] as const)('%s that failed below a call does not fail the call', async (_what, sketch, scope) => {
    const call = withoutAnswer();
    expect(await outcomes([below(call, { ...sketch, status: ERROR }, scope), call])).toEqual(
      five(['record']),
    );
  });
});
