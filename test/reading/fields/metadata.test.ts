import { expect, test } from 'vitest';
import { metadataReader } from '../../../src/reading/fields/metadata.js';
import { rememberNames } from '../../../src/reading/model/remember-names.js';
import { withNames } from '../../../src/reading/model/attributes.js';

test('metadata under an earlier prefix wins, in whatever order the attributes were written', () => {
  const read = metadataReader('app.', 'trace.');
  const attributes = { 'trace.tier': 'free', 'app.tier': 'gold', 'trace.plan': '{"seats":2}', other: 1 };
  const reversed = Object.fromEntries(Object.entries(attributes).toReversed());

  expect(read(withNames(attributes))).toEqual({ tier: 'gold', plan: { seats: 2 } });
  expect(read(withNames(reversed))).toEqual({ tier: 'gold', plan: { seats: 2 } });
});

test('metadata has no names that the call has members for, nor those of libraries', () => {
  const read = metadataReader('app.');
  const attributes = {
    'app.userId': 'u',
    'app.session_id': 's',
    'app.ls_provider': 'x',
    'app.': 1,
    'app.id': 7,
  };

  expect(read(withNames(attributes))).toEqual({ id: 7 });
  expect(read(withNames(attributes))).toEqual({ id: 7 });
});

test('remembered names are parsed once, and again after more names than are remembered', () => {
  const parsed: string[] = [];
  const parse = rememberNames((name) => {
    parsed.push(name);
    return name.toUpperCase();
  });

  expect([parse('a'), parse('a')]).toEqual(['A', 'A']);
  expect(parsed).toEqual(['a']);
  for (let index = 0; index < 4_096; index += 1) parse(`name.${index}`);
  expect(parse('a')).toBe('A');
  expect(parsed.filter((name) => name === 'a')).toEqual(['a', 'a']);
});
