import { expect, test, vi } from 'vitest';
import { rememberNames } from '../../../src/reading/model/remember-names.js';

test('a name is parsed once, and one that is too long for an attribute each time, because it would stay in memory', () => {
  const parse = vi.fn<(name: string) => string>((name) => name.toUpperCase());
  const remembered = rememberNames(parse);
  const long = 'a'.repeat(1000);
  for (const name of ['name', 'name', long, long]) expect(remembered(name)).toBe(name.toUpperCase());
  expect(parse.mock.calls).toEqual([['name'], [long], [long]]);
});
