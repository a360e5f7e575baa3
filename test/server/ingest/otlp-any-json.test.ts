import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLogs } from '../../../src/server/ingest/otlp/decoding/decode-logs.js';
import { decodeSpans } from '../../../src/server/ingest/otlp/decoding/decode-spans.js';
import { toLogRecords } from '../../../src/server/ingest/otlp/decoding/to-log-records.js';
import { toSpans } from '../../../src/server/ingest/otlp/decoding/to-spans.js';
import { toPromptRecords } from '../../../src/records/to-prompt-records.js';
import { jsonLogs, jsonRequest, protobufLogs, protobufRequest } from '../../support/otlp-encoder.js';
import { makeChatSpan } from '../../support/span.js';
import { thrownBy } from '../../support/thrown-by.js';

const CHATS = [1, 2].map((at) =>
  makeChatSpan({
    traceId: `${at}`.padStart(32, '0'),
    prompt: `Question ${at}`,
    attributes: { 'test.list': [1, 'a', true], 'test.double': 0.5 },
  }),
);

const LOGS = [1, 2].map((at) => ({
  traceId: `${at}`.padStart(32, '0'),
  spanId: `${at}`.padStart(16, '0'),
  eventName: 'gen_ai.user.message',
  timeMs: at,
  body: { content: `Question ${at}`, parts: [{ type: 'text' }] },
  attributes: { 'event.name': 'gen_ai.user.message' },
}));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Returns the places of a JSON value, as lists of keys. */
function placesIn(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const members = Object.entries(value).flatMap(([key, member]) => placesIn(member, [...path, key]));
  return [path, ...members];
}

function withReplaced(value: Json, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, Json>;
  copy[key] = withReplaced(copy[key] ?? null, rest, by) as Json;
  return copy;
}

/** Values that stand where they do not belong. */
const STRANGE = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    '',
    '0',
    -1,
    1e300,
    '99999999999999999999999',
    'NaN',
    [],
    {},
    [null],
    [[]],
    { stringValue: 1 },
    { stringValue: null, intValue: '7' },
    { arrayValue: null },
    { arrayValue: { values: 'x' } },
    { kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'x' } }] } },
    { kvlistValue: [] },
    { bytesValue: '!' },
    { key: 'a' },
    { value: {} },
    { code: 'STATUS_CODE_ERROR' },
    '\ud800',
    'SPAN_KIND_NOTHING',
    'Infinity',
    { length: 3 },
    { toString: 1 },
    '１２',
    ' 7 ',
    '0x10',
    true,
  ),
);

test.each([
  ['spans', JSON.parse(jsonRequest(CHATS)) as Json, 'spans'],
  ['log records', JSON.parse(jsonLogs(LOGS)) as Json, 'logRecords'],
])(
  'any value may stand in place of any part of one of two %s in JSON: the other is read',
  (_name, good, list) => {
    const places = placesIn(good).filter(
      (path) => path.includes(list) && path.at(path.indexOf(list) + 1) === '0',
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), STRANGE, (path, strange) => {
        const request = withReplaced(good, path, strange);
        const decoded = list === 'spans' ? toSpans(request)?.spans : toLogRecords(request)?.records;
        const ids = decoded?.map((one) => ('spanContext' in one ? one.spanContext().traceId : one.traceId));
        expect(ids).toContain('2'.padStart(32, '0'));
        expect(Object.prototype).not.toHaveProperty('x');
      }),
      { numRuns: 3000 },
    );
  },
);

test.each([
  ['traces', JSON.parse(jsonRequest(CHATS)) as Json],
  ['logs', JSON.parse(jsonLogs(LOGS)) as Json],
])(
  'any value may stand anywhere in a request of %s in JSON: it is read or refused, never an error',
  (name, good) => {
    const places = placesIn(good);
    fc.assert(
      fc.property(fc.constantFrom(...places), STRANGE, (path, strange) => {
        const request = withReplaced(good, path, strange);
        const spans = name === 'traces' ? (toSpans(request)?.spans ?? []) : [];
        toPromptRecords(spans);
        toLogRecords(request);
        // Only the request itself, or its list of groups, can be of a type that is refused.
        const read = name === 'traces' ? toSpans(request) : toLogRecords(request);
        expect(read !== undefined || path.length <= 1).toBe(true);
      }),
      { numRuns: 3000 },
    );
  },
);

test.each([
  ['traces', protobufRequest(CHATS), decodeSpans],
  ['logs', protobufLogs(LOGS), decodeLogs],
])(
  'any bytes may be replaced in a protobuf request of %s: it is read or refused, never an error',
  (_name, good, decode) => {
    const damage = fc.tuple(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }));
    fc.assert(
      fc.property(damage, fc.boolean(), ([at, bytes], isInserted) => {
        const rest = good.subarray(isInserted ? at : at + bytes.length);
        const error = thrownBy(() => decode(Buffer.concat([good.subarray(0, at), bytes, rest])));
        expect([undefined, 'ProtobufError']).toContain((error as Error | undefined)?.name);
      }),
      { numRuns: 5000 },
    );
  },
);

test('times in protobuf are exact to the nanosecond, up to the largest', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (total) => {
      const end = [Number(total / 1_000_000_000n), Number(total % 1_000_000_000n)] as const;
      const span = { ...makeChatSpan(), startTime: [0, 1] as const, endTime: end };
      expect(decodeSpans(protobufRequest([span])).spans[0]?.endTime).toEqual(end);
    }),
  );
});
