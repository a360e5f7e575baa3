import { expect, test } from 'vitest';
import type { OptOutState } from '../../../src/common/context-identity.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import {
  hasOwnOptOut,
  isOptedOut,
  lateOptOut,
  ownOptOutState,
} from '../../../src/records/privacy/opt-out.js';
import { makeSpan } from '../../support/span.js';

const saying = (record: unknown): SpanLike => makeSpan({ attributes: { 'trubrics.record': record } });
const [YES, NO] = [saying(true), saying(false)];
const SILENT = makeSpan();

test.each<[string, SpanLike, SpanLike[], boolean]>([
  ['its own span', NO, [YES], true],
  ['its own span that allows it', YES, [NO], false],
  ['the nearest span above', SILENT, [SILENT, NO, YES], true],
  ['the nearest span above that allows it', SILENT, [YES, NO], false],
  ['none', SILENT, [SILENT], false],
])('of an opt-out, %s decides', (_title, span, ancestors, isOut) => {
  expect(isOptedOut({ span, ancestors })).toBe(isOut);
  expect(hasOwnOptOut(span)).toBe(span === NO);
});

test.each(['false', 'true', 0, 1, null, undefined, {}])('anything but true opts out: %j', (value) => {
  expect(isOptedOut({ span: saying(value), ancestors: [] })).toBe(true);
});

test.each([false, 'false', 0, null])('the resource opts out with %j if no span allows it', (record) => {
  const resource = { attributes: { 'trubrics.record': record } };
  expect(isOptedOut({ span: makeSpan({ resource }), ancestors: [SILENT] })).toBe(true);
  expect(isOptedOut({ span: makeSpan({ resource }), ancestors: [YES] })).toBe(false);
  const allowing = { attributes: { 'trubrics.record': true } };
  const contextIdentity = { record: false };
  expect(isOptedOut({ span: makeSpan({ resource: allowing }), ancestors: [] })).toBe(false);
  expect(isOptedOut({ span: makeSpan({ resource: allowing }), ancestors: [], contextIdentity })).toBe(true);
});

test('an event of the span opts out for good, and one that allows it says nothing', () => {
  const withEvents = (...records: unknown[]) =>
    makeSpan({ events: records.map((record) => ({ name: 'e', attributes: { 'trubrics.record': record } })) });
  expect(isOptedOut({ span: withEvents(true, 'no'), ancestors: [YES] })).toBe(true);
  expect(isOptedOut({ span: withEvents(true), ancestors: [NO] })).toBe(true);
  expect(isOptedOut({ span: withEvents(true), ancestors: [] })).toBe(false);
  expect(isOptedOut({ span: makeSpan({ events: [{ name: 'e' }] }), ancestors: [] })).toBe(false);
});

test('a span gives the calls below it a state only if the opt-out stands on it', () => {
  expect([YES, NO, SILENT, saying('no')].map(ownOptOutState)).toEqual([
    'kept',
    'withdrawn',
    undefined,
    'withdrawn',
  ]);
});

test('the context of a call opts out if no span decides', () => {
  const places = { span: SILENT, ancestors: [] };
  expect(isOptedOut({ ...places, contextIdentity: { record: false } })).toBe(true);
  expect(isOptedOut({ ...places, contextIdentity: { record: true } })).toBe(false);
  expect(isOptedOut({ ...places, contextIdentity: { optOutAbove: () => 'withdrawn' } })).toBe(true);
  expect(isOptedOut({ ...places, contextIdentity: { optOutAbove: () => 'open' } })).toBe(false);
  expect(isOptedOut({ span: YES, ancestors: [], contextIdentity: { record: false } })).toBe(false);
});

/** A span that is open until it is ended, and that can be opted out. */
function openSpan(record?: boolean) {
  const attributes: Record<string, unknown> = record === undefined ? {} : { 'trubrics.record': record };
  const span = { ...makeSpan({ attributes }), ended: false };
  return {
    span: span as SpanLike,
    say: (value: boolean) => void (attributes['trubrics.record'] = value),
    end: () => void (span.ended = true),
  };
}
const ended = (record?: boolean): SpanLike => ({
  ...(record === undefined ? SILENT : saying(record)),
  ended: true,
});

test('a call whose spans have all ended cannot be opted out any more', () => {
  expect(lateOptOut([{ span: ended(), ancestors: [ended()] }])).toBeUndefined();
  expect(lateOptOut([{ span: SILENT, ancestors: [] }])).toBeUndefined();
});

test('a call can be opted out until the spans around it have ended', () => {
  const above = openSpan();
  const state = lateOptOut([{ span: ended(), ancestors: [above.span] }]);
  expect(state?.()).toBe('open');
  above.say(false);
  expect(state?.()).toBe('withdrawn');
  above.say(true);
  expect(state?.()).toBe('open');
  above.end();
  expect(state?.()).toBe('kept');
});

test('a span that has ended and has spoken decides before the spans above it', () => {
  const above = openSpan(false);
  expect(lateOptOut([{ span: ended(), ancestors: [ended(true), above.span] }])).toBeUndefined();
  const nearer = openSpan();
  const state = lateOptOut([{ span: ended(), ancestors: [nearer.span, ended(true), above.span] }]);
  expect(state?.()).toBe('open');
  nearer.say(false);
  expect(state?.()).toBe('withdrawn');
});

test('a span that has spoken and is still open can change its mind', () => {
  const own = openSpan(true);
  const state = lateOptOut([{ span: own.span, ancestors: [] }]);
  expect(state?.()).toBe('open');
  own.say(false);
  expect(state?.()).toBe('withdrawn');
});

test('an opt-out in the context around a call can come late, unless a span has spoken', () => {
  let above: OptOutState = 'open';
  const contextIdentity = { optOutAbove: () => above };
  const state = lateOptOut([{ span: ended(), ancestors: [], contextIdentity }]);
  expect(state?.()).toBe('open');
  above = 'withdrawn';
  expect(state?.()).toBe('withdrawn');
  above = 'kept';
  expect(state?.()).toBe('kept');
  expect(lateOptOut([{ span: ended(true), ancestors: [], contextIdentity }])).toBeUndefined();
  const nearer = openSpan(true);
  const spoken = lateOptOut([{ span: ended(), ancestors: [nearer.span], contextIdentity }]);
  above = 'withdrawn';
  expect(spoken?.()).toBe('open');
  above = 'open';
  nearer.end();
  expect(spoken?.()).toBe('open');
});

test('one opt-out among several calls withdraws what they became', () => {
  const [one, two] = [openSpan(), openSpan()];
  const state = lateOptOut([one, two].map(({ span }) => ({ span: ended(), ancestors: [span] })));
  two.say(false);
  expect(state?.()).toBe('withdrawn');
});
