import { expect, test } from 'vitest';
import { parseCursor, splitEpoch } from '../../../../src/server/engines/memory/parse-cursor.js';

test('a cursor is a whole number that is never too large, and an error names the parameter of any other', () => {
  expect(parseCursor('before', '0012')).toBe(12);
  expect(parseCursor('before', '9'.repeat(40))).toBe(Number.MAX_SAFE_INTEGER);
  for (const cursor of ['', '-1', '1.5', '1e3', ' 1', 'latest', '１'])
    expect(() => parseCursor('before', cursor)).toThrow('before must be a whole number');
});

test('a cursor of a page of changes has an epoch and a revision, and one without is an error', () => {
  expect(splitEpoch('1a2b-34')).toEqual(['1a2b', '34']);
  for (const cursor of ['', '34', 'latest'])
    expect(() => splitEpoch(cursor)).toThrow('cursor is none of this server');
});
