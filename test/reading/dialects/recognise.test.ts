import { expect, test } from 'vitest';
import type { Dialect } from '../../../src/reading/model/dialect.js';
import { createRecogniser } from '../../../src/reading/dialects/recognise.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { makeSpan } from '../../support/span.js';

function dialect(name: string, signals: readonly string[], claims = true): Dialect {
  return {
    name,
    markerAttributes: signals,
    recognise: () => (claims ? 'llm' : undefined),
    read: () => ({ operation: 'chat' }),
  };
}

test('a recogniser with 100 dialects finds each of them by its marker attribute', () => {
  const dialects = Array.from({ length: 100 }, (_, index) => dialect(`d${index}`, [`marker.${index}`]));
  const recognise = createRecogniser(dialects);

  const found = dialects.map((_, index) => recognise(makeSpan({ attributes: { [`marker.${index}`]: 1 } })));

  expect(found.map((recognised) => recognised?.dialect.name)).toEqual(dialects.map(({ name }) => name));
  expect(recognise(makeSpan({ attributes: { 'http.method': 'GET' } }))).toBeUndefined();
});

test('a recogniser tries dialects in their order, whatever the order of the attributes', () => {
  const recognise = createRecogniser([
    dialect('declines', ['shared', 'a'], false),
    dialect('vendor', ['b', 'shared']),
    dialect('general', ['c', 'a']),
  ]);

  const nameOf = (...names: string[]) =>
    recognise(makeSpan({ attributes: Object.fromEntries(names.map((name) => [name, 1])) }))?.dialect.name;

  expect(nameOf('c', 'b')).toBe('vendor');
  expect(nameOf('b', 'c')).toBe('vendor');
  expect(nameOf('c', 'shared', 'a')).toBe('vendor');
  expect(nameOf('a')).toBe('general');
});

test('a recogniser asks each dialect at most once per span', () => {
  let asked = 0;
  const counting: Dialect = {
    ...dialect('counting', ['a', 'b', 'c', 'c'], false),
    recognise: () => void (asked += 1),
  };

  createRecogniser([counting])(makeSpan({ attributes: { a: 1, b: 1, c: 1 } }));

  expect(asked).toBe(1);
});

test('a recogniser offers spans with general names alone to a vendor only if they fulfil its condition', () => {
  const vendor = (genAiSpans: Dialect['genAiSpans']): Dialect => ({
    ...dialect('vendor', ['vendor.own', 'gen_ai.operation.name']),
    ...(genAiSpans && { genAiSpans }),
  });
  const nameOf = (candidate: Dialect, span: SpanLike) =>
    createRecogniser([candidate, dialect('general', ['gen_ai.operation.name'])])(span)?.dialect.name;
  const span = (attributes: Record<string, unknown> = {}, scope = 'other', name = 'chat') => ({
    ...makeSpan({ name, attributes: { 'gen_ai.operation.name': 'chat', ...attributes } }),
    instrumentationScope: { name: scope },
  });

  expect(nameOf(vendor(undefined), span())).toBe('vendor');
  expect(nameOf(vendor({ scopes: ['@vendor/'] }), span())).toBe('general');
  expect(nameOf(vendor({ scopes: ['@vendor/'] }), span({}, '@vendor/x'))).toBe('vendor');
  expect(nameOf(vendor({ names: ['own'] }), span({}, 'other', 'own'))).toBe('vendor');
  expect(nameOf(vendor({ providers: ['own'] }), span({ 'gen_ai.system': 'own' }))).toBe('vendor');
  expect(nameOf(vendor({ names: ['own'] }), span({ 'vendor.own': 1 }))).toBe('vendor');
});
