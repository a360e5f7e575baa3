import { expect, test } from 'vitest';
import { decodeSpans } from '../../../../../src/server/ingest/otlp/decoding/decode-spans.js';
import { message } from '../../../../support/otlp-encoder.js';

const [TRACE_ID, SPAN_ID, PARENT_ID] = [Buffer.alloc(16, 1), Buffer.alloc(8, 2), Buffer.alloc(8, 3)];
const pair = (key: string, value: string) => message([1, key], [2, message([1, value])]);
const nanos = (ns: bigint) => ({ fixed64: ns });

const SPAN = message(
  [1, TRACE_ID],
  [2, SPAN_ID],
  [4, PARENT_ID],
  [5, 'chat'],
  [6, 3n],
  [7, nanos(1_000_000_001n)],
  [8, nanos(3_000_000_000n)],
  [9, pair('a', 'b')],
  [11, message([1, nanos(2_000_000_000n)], [2, 'event'], [3, pair('c', 'd')])],
  [11, message([2, 'without time'])],
  [15, message([2, 'wrong'], [3, 2n])],
);
const SCOPE = message([1, 'lib'], [2, '1']);

test.each([
  ['scope_spans', 2],
  ['instrumentation_library_spans of old versions', 1_000],
])('a span is read whole in %s', (_, field) => {
  const request = message([
    1,
    message([field, message([2, SPAN], [1, SCOPE])], [1, message([1, pair('r', 's')])]),
  ]);
  const { spans, losses } = decodeSpans(request);
  expect(losses.unreadable).toBe(0);
  const [span] = spans;
  expect(span).toMatchObject({
    name: 'chat',
    startTime: [1, 1],
    endTime: [3, 0],
    attributes: { a: 'b' },
    events: [
      { name: 'event', time: [2, 0], attributes: { c: 'd' } },
      { name: 'without time', attributes: {} },
    ],
    status: { code: 2, message: 'wrong' },
    resource: { attributes: { r: 's' } },
    instrumentationScope: { name: 'lib' },
  });
  expect(span?.events?.[1]).not.toHaveProperty('time');
  expect(span?.spanContext()).toMatchObject({ traceId: '01'.repeat(16), spanId: '02'.repeat(8) });
  expect(span?.parentSpanContext?.spanId ?? span?.parentSpanId).toBe('03'.repeat(8));
});

/** A message whose last field is cut short. */
const cut = (...before: readonly Uint8Array[]) => Buffer.concat([...before, Buffer.from([0x12, 0x7f])]);

test.each<[string, Uint8Array]>([
  ['a resource', cut(message([2, message([1, SCOPE], [2, SPAN])]))],
  ['a scope', message([2, cut(message([1, SCOPE], [2, SPAN]))])],
  [
    'a span',
    message([
      2,
      message([1, SCOPE], [2, SPAN], [2, cut(message([1, TRACE_ID], [2, PARENT_ID], [5, 'half']))]),
    ]),
  ],
])('what cannot be read of %s is counted, and what came before it is kept', (_, group) => {
  const other = message([2, message([1, SCOPE], [2, SPAN])]);
  const { spans, losses } = decodeSpans(message([1, group], [1, other]));
  expect(spans).toHaveLength(2);
  expect(losses.unreadable).toBe(1);
});

test('a span without ids is counted and left out', () => {
  const { spans, losses } = decodeSpans(message([1, message([2, message([2, message([5, 'x'])])])]));
  expect(spans).toEqual([]);
  expect(losses).toMatchObject({ withoutIds: 1, unreadable: 0 });
});

test('a request that cannot be read is refused as a whole, and unknown fields are skipped', () => {
  expect(() => decodeSpans(Uint8Array.from([0x0a, 0x7f]))).toThrow('cut short');
  expect(decodeSpans(message([7, 'future'], [8, 1n]))).toEqual({ spans: [], losses: expect.anything() });
});
