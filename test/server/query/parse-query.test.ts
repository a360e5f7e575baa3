import { expect, test, vi } from 'vitest';
import { createMatcher } from '../../../src/server/query/match-query.js';
import { BadQueryError, isQueryParameter, parseQuery } from '../../../src/server/query/parse-query.js';
import {
  isEmptyQuery,
  isRelative,
  needsOtherRecords,
  type RecordQuery,
} from '../../../src/server/query/record-query.js';

function parse(text: string) {
  return parseQuery(new URLSearchParams(text));
}

test('a query is plain data that survives JSON', () => {
  const query = parse(
    'user=ada&user=bob&thread=t&model=m&tag=x&event=e&about=1&kind=event&error=true&q=One%20%22two%20words%22' +
      '&since=15m&until=2026-01-02T00:00:00Z&prop.environment=dev',
  );
  expect(query).toEqual({
    users: ['ada', 'bob'],
    threads: ['t'],
    models: ['m'],
    tags: ['x'],
    events: ['e'],
    about: ['1'],
    kinds: ['event'],
    errors: [true],
    terms: [{ text: 'one' }, { text: 'two words' }],
    since: { agoMs: 900_000 },
    until: { at: Date.UTC(2026, 0, 2) },
    properties: [{ name: 'environment', values: ['dev'] }],
  });
  expect(JSON.parse(JSON.stringify(query))).toEqual(query);
});

test('empty parameters and those of other purposes are not part of a query', () => {
  expect(parse('user=&q=&since=&prop.x=&limit=3&before=4&token=secret')).toEqual({});
  expect([isEmptyQuery(parse('user=')), isEmptyQuery(parse('user=a'))]).toEqual([true, false]);
});

test('a filter with "not." leaves out what it matches, each by itself', () => {
  expect(parse('tag=x&not.user=ada&not.user=!bob&not.prop.plan=free&not.error=true&not.model=')).toEqual({
    tags: ['x'],
    not: [
      { users: ['ada', '!bob'] },
      { properties: [{ name: 'plan', values: ['free'] }] },
      { errors: [true] },
    ],
  });
  expect(parse('not.user=')).toEqual({});
  expect(isQueryParameter('not.user')).toBe(true);
});

test('every parameter that is read as a filter is known as one, so that the page keeps it', () => {
  const read = new Set<string>();
  const params = new URLSearchParams();
  for (const method of ['get', 'getAll'] as const)
    vi.spyOn(params, method).mockImplementation((name): never => {
      read.add(name);
      return (method === 'get' ? null : []) as never;
    });
  parseQuery(params);
  expect(read.size).toBeGreaterThan(10);
  expect([...read].filter((name) => !isQueryParameter(name))).toEqual([]);
});

test.each(['not.since=1h', 'not.q=a', 'not.not.user=a', 'not.limit=3', 'not.=x'])(
  '%s, which cannot exclude, is refused and not ignored',
  (text) => {
    expect(() => parse(text)).toThrow(BadQueryError);
  },
);

test('the clock and other records of a person have a say in a query through those that it consists of', () => {
  const relative: RecordQuery = { since: { agoMs: 1 } };
  expect([{ not: [relative] }, { peopleWho: [{ not: [relative] }] }, { not: [{}] }].map(isRelative)).toEqual([
    true,
    true,
    false,
  ]);
  expect(
    [{ peopleWho: [{}] }, { not: [{ peopleWho: [{}] }] }, { not: [{}], peopleWho: [] }].map(
      needsOtherRecords,
    ),
  ).toEqual([true, true, false]);
  expect([{ ratings: [] }, { not: [{ evaluations: [] }] }].map(needsOtherRecords)).toEqual([true, true]);
});

test('a record alone is not compared with what other records of its user are asked for', () => {
  expect(() => createMatcher({ not: [{ peopleWho: [{}] }] }, 0)).toThrow(TypeError);
  expect(() => createMatcher({ not: [{ ratings: ['bad'] }] }, 0)).toThrow(TypeError);
});

test('ratings and bounds of evaluations are read, also with a colon in the name', () => {
  expect(parse('rating=bad&rating=neutral&below=0.5&below=a:b:.25&not.rating=good')).toEqual({
    ratings: ['bad', 'neutral'],
    evaluations: [{ below: 0.5 }, { below: 0.25, name: 'a:b' }],
    not: [{ ratings: ['good'] }],
  });
});

test.each([
  ['rating=cleared', 'rating must be good or bad or neutral'],
  ['below=low', 'below must be a score such as 0.5, or one of an evaluation such as faithfulness:0.5'],
  ['below=:1', 'below must be a score such as 0.5, or one of an evaluation such as faithfulness:0.5'],
  ['kind=other', 'kind must be prompt or event'],
  ['kind=prompt&kind=Prompt', 'kind must be prompt or event'],
  ['error=maybe', 'error must be true or false'],
  ['since=2026-02-30', 'since must be an ISO 8601 time'],
  ['until=7w', 'until must be an ISO 8601 time'],
])('the filter %s is refused: it can match nothing', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test('only ages make the meaning of a query depend on the clock', () => {
  expect([isRelative(parse('since=1h')), isRelative(parse('until=1000')), isRelative({})]).toEqual([
    true,
    false,
    false,
  ]);
});
