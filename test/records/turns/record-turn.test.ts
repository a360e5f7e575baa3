import { expect, test } from 'vitest';
import type { ContextIdentity } from '../../../src/common/context-identity.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { DEFAULT_RECORD_SETTINGS, type RecordSettings } from '../../../src/records/model/record-settings.js';
import type { TurnCall, TurnGroup } from '../../../src/records/turns/group-turns.js';
import { questionOf } from '../../../src/records/turns/question.js';
import { recordTurn } from '../../../src/records/turns/record-turn.js';
import { ResumableTurns } from '../../../src/records/turns/resumable-turns.js';
import { makeCall, toolCallMessage, type CallSketch } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

interface Part extends CallSketch {
  readonly span?: SpanLike;
  readonly ancestors?: readonly SpanLike[];
  readonly contextIdentity?: ContextIdentity;
}

function turnOf(...parts: readonly [Part, ...Part[]]): TurnGroup {
  const calls = parts.map(({ ancestors = [], span = makeSpan(), contextIdentity, ...fields }): TurnCall => {
    const call = makeCall({ prompt: 'q', answer: 'a', ...fields });
    return { call, span, ancestors, contextIdentity, question: questionOf(call) };
  });
  return { id: `trace-span`, calls: calls as unknown as TurnGroup['calls'], waitsFor: [] };
}

const record = (turn: TurnGroup, settings: Partial<RecordSettings> = {}) =>
  recordTurn(turn, { ...DEFAULT_RECORD_SETTINGS, ...settings }).record;

test('the record of a turn has the user of a span above any of its calls, and the facts of the turn', () => {
  const withUser = makeSpan({ attributes: { 'user.id': 'ada' } });
  const found = record(turnOf({}, { ancestors: [withUser] }));
  expect(found).toMatchObject({ id: 'trace-span', userId: 'ada', properties: { call_count: 2 } });
});

test("a user's function gets a span of the turn that still has its attributes", () => {
  const userId = (_call: unknown, span: SpanLike) => span.attributes['app.user'] as string | undefined;
  const span = makeSpan({ attributes: { 'app.user': 'ada' } });
  expect(record(turnOf({}, { span }), { userId }).userId).toBe('ada');
});

test('of the context identities of a turn, the first that has a field wins, and tags are joined', () => {
  const found = record(
    turnOf(
      { contextIdentity: { tags: ['a'], properties: { plan: 'free' } } },
      { contextIdentity: { userId: 'ada', tags: ['b', 'a'], properties: { plan: 'pro', step: 2 } } },
      { contextIdentity: { userId: 'grace', threadId: 'trip' } },
    ),
  );
  expect(found).toMatchObject({
    userId: 'ada',
    threadId: 'trip',
    tags: ['a', 'b'],
    properties: { plan: 'free', step: 2 },
  });
});

const THREAD = { userId: 'ada', threadId: 'trip' };

test.each<[string, CallSketch, boolean]>([
  ['stopped at a tool', { outputMessages: [toolCallMessage('approve')] }, true],
  ['was answered', {}, false],
  ['failed', { outputMessages: [], error: { type: 'Timeout' } }, false],
])('a turn that %s is resumed by the next one: %s', (_how, fields, isResumed) => {
  const resumable = new ResumableTurns();
  recordTurn(turnOf({ ...THREAD, ...fields }), DEFAULT_RECORD_SETTINGS, resumable);
  const next = recordTurn(turnOf(THREAD), DEFAULT_RECORD_SETTINGS, resumable).record;
  expect([next.properties.resumed, next.properties.resumes]).toEqual(
    isResumed ? [true, 'trace-span'] : [undefined, undefined],
  );
});
