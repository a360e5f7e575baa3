import { expect, test } from 'vitest';
import { readDocument } from './documents.js';

test('the README has at most 15 kB', () => {
  expect(Buffer.byteLength(readDocument('README.md'))).toBeLessThanOrEqual(15_000);
});
