import { expect, test } from 'vitest';
import type { ContextIdentity } from '../../../src/common/context-identity.js';
import { evaluationsOn } from '../../../src/otel/state/evaluations.js';
import { OpenSpan } from '../../../src/otel/state/open-span.js';
import type { SpanEventLike, SpanLike } from '../../../src/reading/model/span-like.js';
import { makeSpan } from '../../support/span.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CHAT = { 'gen_ai.operation.name': 'chat' };
const AGENT = { 'gen_ai.operation.name': 'invoke_agent' };
const EVALUATION: SpanEventLike = {
  name: 'gen_ai.evaluation.result',
  attributes: { 'gen_ai.evaluation.score.value': 1, 'gen_ai.response.id': 'response' },
};

interface Sketch {
  readonly id: string;
  readonly attributes?: Record<string, unknown>;
  readonly identity?: ContextIdentity;
  readonly isOpen?: boolean;
}

/** The evaluations on the last of nested spans. */
function evaluate(
  spans: readonly Sketch[],
  areTurns: boolean,
  events: readonly SpanEventLike[] = [EVALUATION],
) {
  let open: OpenSpan | undefined;
  for (const [index, { id, attributes = {}, identity, isOpen = false }] of spans.entries()) {
    const isLast = index === spans.length - 1;
    const span: SpanLike = {
      ...makeSpan({ spanId: id, attributes, events: isLast ? events : [] }),
      ended: !isOpen,
    };
    open = new OpenSpan(span, open, identity, index);
  }
  return open ? evaluationsOn(open, areTurns) : [];
}

test('an evaluation names its span, its response and the user of the nearest span that has one', () => {
  const [evaluation, ...others] = evaluate(
    [
      { id: 'root', attributes: { 'user.id': 'root user', 'session.id': 'thread' } },
      { id: 'call', attributes: { ...CHAT, 'user.id': 'ada' } },
    ],
    false,
    [{ name: 'other' }, EVALUATION],
  );
  expect(others).toEqual([]);
  expect(evaluation?.feedback).toMatchObject({ score: 1, userId: 'ada', threadId: 'thread' });
  expect(evaluation?.feedback.spanContext).toMatchObject({ traceId: TRACE, spanId: 'call' });
  expect(evaluation?.hints).toEqual({ responseId: 'response', likelyRecordId: `${TRACE}-call` });
});

test('the user of an evaluation may be that of the context', () => {
  const [evaluation] = evaluate([{ id: 'call', attributes: CHAT, identity: { userId: 'grace' } }], false);
  expect(evaluation?.feedback.userId).toBe('grace');
});

test.each<[string, Sketch[], boolean, string | undefined]>([
  ['a call', [{ id: 'request' }, { id: 'call', attributes: CHAT }, { id: 'below' }], false, 'call'],
  ['no call, by call', [{ id: 'request' }, { id: 'step' }], false, undefined],
  [
    'the outer of two spans of one call',
    [{ id: 'request' }, { id: 'outer', attributes: CHAT }, { id: 'inner', attributes: CHAT }],
    false,
    'outer',
  ],
  [
    'the outermost of three spans of one call',
    [
      { id: 'outermost', attributes: CHAT },
      { id: 'outer', attributes: CHAT },
      { id: 'inner', attributes: CHAT },
    ],
    false,
    'outermost',
  ],
  [
    'a turn without an agent: its root',
    [{ id: 'request' }, { id: 'call', attributes: CHAT }],
    true,
    'request',
  ],
  [
    'a turn: the outermost agent',
    [
      { id: 'request' },
      { id: 'outer', attributes: AGENT },
      { id: 'inner', attributes: AGENT },
      { id: 'call', attributes: CHAT },
    ],
    true,
    'outer',
  ],
])('an evaluation is probably about %s', (_title, spans, areTurns, expected) => {
  const [evaluation] = evaluate(spans, areTurns);
  expect(evaluation?.hints.likelyRecordId).toBe(expected && `${TRACE}-${expected}`);
});

test.each<[string, Sketch[]]>([
  ['the span', [{ id: 'root' }, { id: 'call', attributes: { 'trubrics.record': false } }]],
  ['a span above', [{ id: 'root', attributes: { 'trubrics.record': false } }, { id: 'call' }]],
  ['the context', [{ id: 'call', identity: { record: false } }]],
])('an evaluation is not sent if %s is opted out', (_title, spans) => {
  expect(evaluate(spans, false)).toEqual([]);
});

test('an evaluation below a span that is open can be withdrawn', () => {
  const attributes: Record<string, unknown> = {};
  const [evaluation] = evaluate([{ id: 'root', attributes, isOpen: true }, { id: 'call' }], false);
  expect(evaluation?.optOut?.()).toBe('open');
  attributes['trubrics.record'] = false;
  expect(evaluation?.optOut?.()).toBe('withdrawn');
});
