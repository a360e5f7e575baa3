import { expect, test } from 'vitest';
import { LOGS } from '../../../../src/server/ingest/otlp/signals.js';
import {
  jsonLogs,
  message,
  protobufLogs,
  type LogSketch,
  type ResourceSketch,
} from '../../../support/otlp-encoder.js';

const IDS = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

function details(name: string, attributes: LogSketch['attributes'] = {}): LogSketch {
  return {
    ...IDS,
    eventName: 'gen_ai.client.inference.operation.details',
    attributes: { name, ...attributes },
  };
}

const evaluation = (name: string, attributes: LogSketch['attributes'] = {}): LogSketch => ({
  ...IDS,
  eventName: 'gen_ai.evaluation.result',
  attributes: { name, 'gen_ai.evaluation.name': 'tone', 'gen_ai.evaluation.score.value': 1, ...attributes },
});

const RECORDS = [
  details('silent'),
  details('in', { 'trubrics.record': true }),
  details('out', { 'trubrics.record': false }),
  evaluation('silent evaluation'),
  evaluation('evaluation in', { 'trubrics.record': true }),
];

/** Names of the log records that are used, in each form of a request. */
function used(resource: ResourceSketch): unknown[][] {
  const json = Buffer.from(jsonLogs(RECORDS, resource));
  const decoded = [
    LOGS.decode('application/json', json),
    LOGS.decode('application/x-protobuf', protobufLogs(RECORDS, resource)),
    LOGS.decode('application/x-protobuf', protobufLogs(RECORDS, resource, 'after')),
  ];
  return decoded.map((request) => request?.logs.map(({ event }) => event.attributes?.['name']) ?? []);
}

const inEachForm = (names: readonly string[]): readonly string[][] => [1, 2, 3].map(() => [...names]);

test.each([[{}], [{ 'service.name': 'shop' }], [{ 'trubrics.record': true }]])(
  'log records of the resource %j are used, and opt out by themselves',
  (resource) => {
    const all = ['silent', 'in', 'out', 'silent evaluation', 'evaluation in'];
    expect(used(resource)).toEqual(inEachForm(all));
  },
);

test.each([false, 'false', 'true', 0, 1, ''])(
  'of a resource with trubrics.record = %j, those log records are used that say so themselves',
  (value) => {
    expect(used({ 'service.name': 'shop', 'trubrics.record': value })).toEqual(
      inEachForm(['in', 'out', 'evaluation in']),
    );
  },
);

test('a resource is that of its own log records alone', () => {
  const out = protobufLogs([details('a')], { 'trubrics.record': false });
  const request = Buffer.concat([out, protobufLogs([details('b')]), out, protobufLogs([details('c')])]);
  const decoded = LOGS.decode('application/x-protobuf', request);
  expect(decoded?.logs.map(({ event }) => event.attributes?.['name'])).toEqual(['b', 'c']);
});

test('the time of a log record is that of its event, else that at which it was observed; a damaged one costs itself', () => {
  const fields = [
    [9, Buffer.from(IDS.traceId, 'hex')],
    [10, Buffer.from(IDS.spanId, 'hex')],
    [12, 'gen_ai.user.message'],
  ] as const;
  const [event, observed] = [
    [1, { fixed64: 5_000_000_000n }],
    [11, { fixed64: 7_000_000_000n }],
  ] as const;
  const damaged = Buffer.concat([message(...fields), Buffer.from([0x0a, 0x7f])]);
  const records = [message(observed, ...fields, event), damaged, message(observed, ...fields)];
  const scope = message(...records.map((record) => [2, record] as const));
  const decoded = LOGS.decode('application/x-protobuf', message([1, message([2, scope])]));
  expect(decoded?.logs.map(({ event: { time } }) => time)).toEqual([
    [5, 0],
    [7, 0],
  ]);
  expect(decoded?.losses.unreadable).toBe(1);
});
