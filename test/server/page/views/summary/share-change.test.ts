import { expect, test } from 'vitest';
import { shareChange } from '../../../../../src/server/page/views/summary/share-change.js';

test('a share is the same as before only if it reads the same, and a change that may be chance is said to be not clear', () => {
  expect(shareChange(0.23, 0.27, -1.2)).toBe('no clear change (27 %)');
  expect(shareChange(0.27, 0.23, 1.9)).toBe('no clear change (23 %)');
  expect(shareChange(0.23, 0.27, -2.4)).toBe('less (27 %)');
  expect(shareChange(0.27, 0.23, 2)).toBe('more (23 %)');
  expect(shareChange(0.2301, 0.2303, 3)).toBe('same (23 %)');
});
