import { expect, test } from 'vitest';
import type { ContextIdentity } from '../../../src/common/context-identity.js';
import { recordCall } from '../../../src/records/calls/record-call.js';
import { toCallEvent, toErrorEvent } from '../../../src/records/calls/to-prompt-record.js';
import { DEFAULT_RECORD_SETTINGS, type RecordSettings } from '../../../src/records/model/record-settings.js';
import { makeCall, type CallSketch } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

interface Surroundings {
  readonly settings?: Partial<RecordSettings>;
  readonly contextIdentity?: ContextIdentity;
  /** Attributes of the spans above, nearest first. */
  readonly above?: readonly Record<string, unknown>[];
  readonly facts?: Readonly<Record<string, unknown>>;
}

function record(call: CallSketch, { settings, contextIdentity, above = [], facts }: Surroundings = {}) {
  const ancestors = above.map((attributes) => makeSpan({ attributes }));
  return recordCall(
    makeCall({ prompt: 'q', answer: 'a', ...call }),
    { span: makeSpan(), ancestors, contextIdentity },
    { ...DEFAULT_RECORD_SETTINGS, ...settings },
    facts,
  );
}

const CONTEXT = { userId: 'context', threadId: 'thread of context' };
const NEAR = { 'user.id': 'near', 'session.id': 'thread near' };
const FAR = { 'user.id': 'far', 'session.id': 'thread far' };

test('user and thread come from options, span, spans above from the nearest on, context and default', () => {
  const userId = () => 'option';
  const threadId = () => 'thread of option';
  const own = { userId: 'own', threadId: 'thread of own' };
  const all = { settings: { defaultUserId: 'default' }, contextIdentity: CONTEXT, above: [NEAR, FAR] };
  const found = [
    record(own, { ...all, settings: { userId, threadId } }),
    record(own, all),
    record({}, all),
    record({}, { ...all, above: [{}, FAR] }),
    record({}, { ...all, above: [] }),
    record({}, { settings: { defaultUserId: 'default' } }),
    record({}),
  ];
  expect(found.map(({ identity }) => [identity.userId, identity.threadId, identity.anonymous])).toEqual([
    ['option', 'thread of option', false],
    ['own', 'thread of own', false],
    ['near', 'thread near', false],
    ['far', 'thread far', false],
    ['context', 'thread of context', false],
    ['default', undefined, false],
    ['anonymous', undefined, true],
  ]);
  expect(found.at(-1)?.record).not.toHaveProperty('threadId');
});

test('a call that has a user but no thread, or the reverse, gets the other from above', () => {
  expect(record({ userId: 'own' }, { above: [NEAR] }).identity).toMatchObject({
    userId: 'own',
    threadId: 'thread near',
  });
  expect(record({ threadId: 'own' }, { above: [NEAR] }).identity).toMatchObject({
    userId: 'near',
    threadId: 'own',
  });
});

test("an id of the user's function of any type is its text, and a function that throws has none", () => {
  const userId = (() => 42) as unknown as RecordSettings['userId'];
  const threadId = () => {
    throw new Error('no session');
  };
  expect(record({}, { settings: { userId, threadId } }).identity).toEqual({ userId: '42', anonymous: false });
});

test('tags and properties of options, context and call are joined, the call wins', () => {
  const found = record(
    { tags: ['call', 'both'], metadata: { plan: 'call' } },
    {
      settings: { tags: ['option', 'both'], properties: { plan: 'option', team: 'option' } },
      contextIdentity: { tags: ['context'], properties: { plan: 'context', team: 'context', city: 'Rome' } },
      facts: { call_count: 2 },
    },
  ).record;
  expect(found.tags).toEqual(['option', 'both', 'context', 'call']);
  expect(found.properties).toMatchObject({ plan: 'call', team: 'context', city: 'Rome', call_count: 2 });
});

test.each<[string, CallSketch, boolean]>([
  ['the prompt is cut', { prompt: 'x'.repeat(11) }, true],
  ['the generation is cut', { answer: 'x'.repeat(11) }, true],
  ['the span was cut', { truncated: true }, true],
  ['both just fit', { prompt: 'x'.repeat(10), answer: 'x'.repeat(10) }, false],
])('a record is marked as truncated if %s', (_title, call, isTruncated) => {
  const found = record(call, { settings: { maxTextLength: 10 } }).record;
  expect(found.properties.truncated).toBe(isTruncated ? true : undefined);
  expect(found.prompt.length).toBeLessThanOrEqual(10);
  expect(found.generation.length).toBeLessThanOrEqual(10);
});

test('a record has the model of the answer, the time of its end, and the latency in seconds', () => {
  const times = { startTimeMs: Date.UTC(2026, 0, 1), endTimeMs: Date.UTC(2026, 0, 1) + 1_234.5678 };
  const { record: found } = record({ ...times, requestModel: 'm', responseModel: 'm-2025' });
  expect(found).toMatchObject({ assistantId: 'm-2025', timestamp: '2026-01-01T00:00:01.234Z' });
  expect(found.latency).toBe(1.234568);
  expect(record({ requestModel: 'm' }).record.assistantId).toBe('m');
  expect(record({ startTimeMs: 2_000, endTimeMs: 1_000 }).record.latency).toBe(0);
});

test('a call becomes an event with all that the record says, and an id of its own below a turn', () => {
  const { record: found } = record(
    { requestModel: 'm', tags: ['t'], metadata: { plan: 'pro', model: 'x' } },
    { contextIdentity: CONTEXT },
  );
  const event = toErrorEvent(found);
  expect(event).toMatchObject({
    id: found.id,
    event: 'LLM error',
    userId: 'context',
    threadId: 'thread of context',
    timestamp: found.timestamp,
    properties: {
      prompt: 'q',
      generation: 'a',
      model: 'm',
      latency: 1,
      tags: ['t'],
      plan: 'pro',
      'metadata.model': 'x',
    },
  });
  expect(toCallEvent(found, false)).toEqual({ ...event, id: `${found.id}-call`, event: 'LLM call' });
  expect(toCallEvent(found, true).event).toBe('LLM error');
});
