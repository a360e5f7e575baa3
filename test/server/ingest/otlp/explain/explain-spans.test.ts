import { expect, test } from 'vitest';
import { recordId } from '../../../../../src/common/record-id.js';
import { recogniseSpan } from '../../../../../src/reading/dialects/read-llm-call.js';
import { explainBuffered } from '../../../../../src/server/ingest/otlp/explain/explain-spans.js';
import { TraceBuffer } from '../../../../../src/server/ingest/otlp/joining/trace-buffer.js';
import { toNewRecord } from '../../../../../src/server/ingest/otlp/to-new-record.js';
import { loadCaptures } from '../../../../support/captures.js';
import { jsonRequest } from '../../../../support/otlp-encoder.js';
import { makeChatSpan, makeSpan } from '../../../../support/span.js';
import { useServer } from '../../../../support/use-server.js';

const byText = (a: string, b: string): number => a.localeCompare(b, 'en');
const ROLES = /^(?:llm|agent|unclear)$/;

test('each span of every recorded trace is explained once, and those that are records are named', () => {
  for (const { name, spans } of loadCaptures()) {
    const buffer = new TraceBuffer();
    const { calls } = buffer.add(spans);
    const explained = buffer.inspect(explainBuffered);
    const single = explained.filter(({ reason }) => reason !== 'no_llm_span');
    const records = calls
      .filter((call) => toNewRecord(call, '') !== undefined)
      .map(({ call }) => recordId(call));
    const recorded = single.filter(({ outcome }) => outcome === 'recorded' || outcome === 'event');
    const roles = spans.map((span) => recogniseSpan(span)?.role ?? 'other');
    expect({
      name,
      explained: single.map(({ spanId }) => spanId).toSorted(byText),
      records: recorded.map(({ partOf = '' }) => partOf).toSorted(byText),
      noCall: single.filter(({ reason }) => reason === 'no_call').length,
    }).toEqual({
      name,
      explained: spans
        .filter((_span, at) => ROLES.test(roles[at] ?? ''))
        .map((span) => span.spanContext().spanId)
        .toSorted(byText),
      records: records.toSorted(byText),
      noCall: buffer.noCalls,
    });
  }
});

const empty = makeSpan({
  name: 'chat without content',
  spanId: '00000000000000e1',
  traceId: '1af7651916cd43dd8448eb211c80319c',
  attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' },
});
const optedOut = makeChatSpan({
  name: 'opted out',
  spanId: '00000000000000e2',
  traceId: '2af7651916cd43dd8448eb211c80319c',
  attributes: { 'trubrics.record': false },
});

test('the latest spans come first, other spans are counted by their library', () => {
  const buffer = new TraceBuffer();
  buffer.add([makeSpan({ name: 'GET' }), makeSpan({ name: 'GET' })]);
  buffer.add([empty]);
  buffer.add([optedOut]);
  expect(buffer.inspect(explainBuffered)).toMatchObject([
    { name: 'opted out', reason: 'opted_out' },
    {
      name: 'chat without content',
      reason: 'no_content',
      advice: expect.stringContaining('CAPTURE_MESSAGE_CONTENT') as string,
    },
    { name: 'GET', reason: 'no_llm_span', count: 2 },
  ]);
});

test('GET /api/explain answers by reason, and counts all reasons', async () => {
  const { url } = await useServer();
  const headers = { 'content-type': 'application/json' };
  const body = jsonRequest([empty, makeChatSpan({ spanId: '00000000000000e3' }), makeSpan({ name: 'GET' })]);
  await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
  const ask = async (query: string): Promise<unknown> => (await fetch(`${url}/api/explain?${query}`)).json();
  expect(await ask('reason=no_content&reason=redacted')).toMatchObject({
    spans: [{ name: 'chat without content', outcome: 'skipped' }],
    reasons: { no_content: 1, recorded: 1, no_llm_span: 1 },
  });
  expect(await ask('limit=1')).toMatchObject({ spans: [{}] });
  expect(await ask('reason=none')).toMatchObject({ detail: expect.stringContaining('no_content') as string });
});
