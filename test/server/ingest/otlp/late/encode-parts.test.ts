import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeParts,
  encodeLog,
  encodeSpan,
} from '../../../../../src/server/ingest/otlp/late/encode-parts.js';
import { eventKey } from '../../../../../src/server/ingest/otlp/joining/log-events.js';
import { TraceBuffer } from '../../../../../src/server/ingest/otlp/joining/trace-buffer.js';
import { toNewRecord } from '../../../../../src/server/ingest/otlp/to-new-record.js';
import type { SpanLike } from '../../../../../src/reading/model/span-like.js';
import { loadCaptures } from '../../../../support/captures.js';
import { makeChatSpan, makeSpan } from '../../../../support/span.js';

const IDS = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

function recordsOf(spans: readonly SpanLike[]): unknown {
  return new TraceBuffer().add(spans).calls.map((call) => toNewRecord(call, '2026-11-29T00:00:00Z'));
}

test('spans of every recorded library make the same records after they were encoded and decoded', () => {
  const captures = loadCaptures();
  expect(captures.length).toBeGreaterThan(20);
  for (const { spans } of captures) {
    const decoded = spans.flatMap((span) => decodeParts([encodeSpan([span])]).spans);
    expect(recordsOf(decoded)).toEqual(recordsOf(spans));
  }
});

test('the spans above come along without their long texts and their events', () => {
  const events = [{ name: 'gen_ai.choice' }];
  const root = makeSpan({
    traceId: IDS.traceId,
    attributes: { 'user.id': 'ada', short: 'x'.repeat(998), long: 'x'.repeat(999) },
    events,
  });
  const call = makeChatSpan({ traceId: IDS.traceId, prompt: 'x'.repeat(5000), events });
  const [self, above, ...others] = decodeParts([encodeSpan([call, root])]).spans;
  expect(self?.attributes).toEqual(call.attributes);
  expect([self?.events, above?.events, others]).toEqual([events, [], []]);
  expect(above?.attributes).toEqual({ 'user.id': 'ada', short: 'x'.repeat(998) });
  const many = Array.from({ length: 100 }, () => root);
  expect(decodeParts([encodeSpan([call, ...many])]).spans).toHaveLength(33);
});

test('an unknown time and numbers that JSON lacks do not cost a span', () => {
  const span = { ...makeSpan({ attributes: { nan: Number.NaN } }), startTime: [Number.NaN, 0] as const };
  expect(decodeParts([encodeSpan([span])]).spans[0]?.startTime).toEqual([Number.NaN, 0]);
});

test('any log record has the same key before and after, so that it is never added twice', () => {
  const event = fc.record({
    name: fc.string({ minLength: 1 }),
    time: fc.option(fc.tuple(fc.nat(), fc.nat()), { nil: undefined }),
    attributes: fc.dictionary(fc.string(), fc.anything()).filter((value) => {
      try {
        return JSON.stringify(value) !== undefined;
      } catch {
        return false;
      }
    }),
  });
  fc.assert(
    fc.property(event, ({ name, time, attributes }) => {
      const given = { name, ...(time && { time }), attributes };
      const [log] = decodeParts([encodeLog(IDS, given)]).logs;
      expect(log?.span).toEqual(IDS);
      expect(log && eventKey(log.event)).toBe(eventKey(given));
    }),
  );
});

test('parts that cannot be read are left out', () => {
  const span = encodeSpan([makeSpan()]);
  const log = encodeLog(IDS, { name: 'gen_ai.choice' });
  const values = [
    '',
    '{',
    'null',
    '[null]',
    '[{}]',
    '[{"traceId":"t","spanId":"s"}]',
    '{"name":1}',
    '{"name":"n"}',
    '7',
  ];
  const broken = values.flatMap((value) => [
    { ...span, value },
    { ...log, value },
  ]);
  const { spans, logs } = decodeParts([...broken, span, log]);
  expect([spans.length, logs.length]).toEqual([1, 1]);
});
