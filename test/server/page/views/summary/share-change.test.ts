import { expect, test } from 'vitest';
import { shareChange } from '../../../../../src/server/page/views/summary/share-change.js';

test('the share before is told, and a direction only if the change is hardly chance', () => {
  expect(shareChange(0.27, -1.2)).toBe('was 27 %');
  expect(shareChange(0.23, 1.9)).toBe('was 23 %');
  expect(shareChange(0.27, -2.4)).toBe('less, was 27 %');
  expect(shareChange(0.23, 2)).toBe('more, was 23 %');
});
