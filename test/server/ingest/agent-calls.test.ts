import { describe, expect, test } from 'vitest';
import { recordId } from '../../../src/common/record-id.js';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { isOptedOut } from '../../../src/records/privacy/opt-out.js';
import { toPromptRecords } from '../../../src/records/to-prompt-records.js';
import { loadCaptures } from '../../support/captures.js';
import { jsonRequest } from '../../support/otlp-encoder.js';
import { makeTrace, shuffled } from '../../support/random-trace.js';
import { getJson } from '../../support/server-requests.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { StoredFromSpans } from '../../support/stored-from-spans.js';
import { loadStrangers } from '../../support/strangers.js';
import { useServer } from '../../support/use-server.js';

/*
 * The receiver gets spans in any order and in any number of requests. Its records must be those of `toPromptRecords()`, which sees all
 * spans at once; so must the number of spans that look like calls and are none.
 */
const recordings = [...loadCaptures(), ...loadStrangers()].map(({ name, spans }) => [name, spans] as const);

interface Received {
  readonly prompts: unknown;
  /** Ids of the events of failed calls. */
  readonly failures: readonly string[];
  readonly noCalls: number;
}

/** Returns what all spans at once say, in the order in which they ended. */
function expectedOf(spans: readonly SpanLike[]): Received {
  const asEnded = spans.toSorted((a, b) => a.endTime[0] - b.endTime[0] || a.endTime[1] - b.endTime[1]);
  let noCalls = 0;
  const located = locateCalls(asEnded, {
    admits: (call) => !isOptedOut(call),
    onNoCall: () => (noCalls += 1),
  });
  const failures = located.filter(({ call }) => call.error).map(({ call }) => recordId(call));
  const prompts = toPromptRecords(asEnded).toSorted(byId);
  return { prompts: JSON.parse(JSON.stringify(prompts)) as unknown, failures: failures.toSorted(), noCalls };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function receivedOf(requests: readonly (readonly SpanLike[])[]): Received {
  const stored = new StoredFromSpans();
  for (const spans of requests) stored.send(spans);
  const prompts = stored.sorted().filter(({ kind }) => kind === 'prompt');
  const records = prompts.map(({ kind: _kind, receivedAt: _at, origin: _origin, ...record }) => record);
  const failures = stored.sorted().flatMap(({ kind, id }) => (kind === 'event' ? [id] : []));
  return { prompts: JSON.parse(JSON.stringify(records)) as unknown, failures, noCalls: stored.noCalls };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}

describe('the receiver of spans', () => {
  test.each(recordings)('records %s as all spans at once say', (_name, spans) => {
    const expected = expectedOf(spans);
    expect(receivedOf([spans])).toEqual(expected);
    expect(receivedOf(chunks(spans, 1))).toEqual(expected);
    expect(receivedOf(chunks(spans.toReversed(), 1))).toEqual(expected);
    for (const seed of [1, 2, 3, 4])
      expect(receivedOf(chunks(shuffled([...spans, ...spans.slice(0, 2)], seed), seed))).toEqual(expected);
  });

  test('records what all spans of an application at once say, however they are split over requests', () => {
    let agents = 0;
    for (let seed = 0; seed < 100; seed += 1) {
      const spans = makeTrace({ seed, spans: 40, traces: 2 });
      const expected = expectedOf(spans);
      agents += locateCalls(spans).filter(({ call }) => call.operation === 'invoke_agent').length;
      expect(receivedOf([spans])).toEqual(expected);
      expect(receivedOf(chunks(spans, 1))).toEqual(expected);
      expect(receivedOf(chunks(spans.toReversed(), 1))).toEqual(expected);
      expect(receivedOf(chunks(shuffled([...spans, ...spans.slice(0, 9)], seed), 7))).toEqual(expected);
    }
    expect(agents).toBeGreaterThan(100);
  });
});

const message = (role: string, content: string) =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

test('the record of an agent is there until a call below it comes, and agents without an answer are counted', async () => {
  const server = await useServer();
  const send = async (span: SpanLike): Promise<void> => {
    const response = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: jsonRequest([span]),
    });
    expect(response.status).toBe(200);
  };
  const said = () => server.records().map((record) => record.kind === 'prompt' && record.generation);
  const agent = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.input.messages': message('user', 'Where?'),
  };
  const silent = makeSpan({ attributes: agent });
  const outer = makeSpan({
    attributes: { ...agent, 'gen_ai.output.messages': message('assistant', 'Of the agent') },
  });
  await send(outer);
  await send(silent);
  expect(said()).toEqual(['Of the agent']);
  expect(await getJson(server, '/api/intake')).toMatchObject({ skipped: { no_call: 1 } });
  await send(makeChatSpan({ parentSpanId: outer.spanContext().spanId, answer: 'Of the model' }));
  await send(makeChatSpan({ parentSpanId: silent.spanContext().spanId, answer: 'Of another' }));
  expect(new Set(said())).toEqual(new Set(['Of another', 'Of the model']));
  expect(await getJson(server, '/api/intake')).toMatchObject({ skipped: { no_call: 0 } });
});
