import { expect, test } from 'vitest';
import type { SpanEventLike } from '../../../../../src/reading/model/span-like.js';
import { isOptOutEvent, withLogEvents } from '../../../../../src/server/ingest/otlp/joining/log-events.js';
import { makeSpan } from '../../../../support/span.js';

const eventsOf = (...events: readonly SpanEventLike[]) =>
  new Map(events.map((event, at): [string, SpanEventLike] => [String(at), event]));

test('any value but true opts out', () => {
  const values = [undefined, true, false, 'true', 'false', 0, 1, null, []];
  expect(values.map((value) => isOptOutEvent({ attributes: { 'trubrics.record': value } }))).toEqual([
    false,
    false,
    ...Array.from({ length: 7 }, () => true),
  ]);
  expect(isOptOutEvent({})).toBe(false);
});

test('a span has its own events, then those of its log records in the order of their times', () => {
  const own = { name: 'own', time: [9, 0] as const };
  const span = { ...makeSpan({ attributes: { a: 1 } }), events: [own] } as ReturnType<typeof makeSpan>;
  const at = (name: string, seconds: number, nanos: number): SpanEventLike => ({
    name,
    time: [seconds, nanos],
  });
  const joined = withLogEvents(
    span,
    eventsOf(at('third', 2, 1), at('second', 1, 7), at('first', 1, 6), { name: 'none' }),
  );
  expect(joined.events?.map(({ name }) => name)).toEqual(['own', 'none', 'first', 'second', 'third']);
  expect(joined.attributes).toEqual({ a: 1 });
  expect(withLogEvents(span, new Map())).toBe(span);
});

test('a log record that opts out opts out its span, and so what is below that', () => {
  const span = makeSpan({ attributes: { a: 1, 'trubrics.record': true } });
  const joined = withLogEvents(
    span,
    eventsOf({ name: 'x' }, { name: 'y', attributes: { 'trubrics.record': 0 } }),
  );
  expect(joined.attributes).toEqual({ a: 1, 'trubrics.record': false });
});
