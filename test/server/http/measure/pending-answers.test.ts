import { expect, test } from 'vitest';
import { PendingAnswers } from '../../../../src/server/http/measure/pending-answers.js';

test('who asks the same at the same time gets one answer, and who asks later a new one', async () => {
  const answers = new PendingAnswers<number>();
  let made = 0;
  const make = () => Promise.resolve(++made);
  expect(
    await Promise.all([answers.read('a', make), answers.read('a', make), answers.read('b', make)]),
  ).toEqual([1, 1, 2]);
  expect(await answers.read('a', make)).toBe(3);
});

test('an answer that failed is made again', async () => {
  const answers = new PendingAnswers<number>();
  const failed = answers.read('a', () => Promise.reject(new Error('down')));
  await expect(failed).rejects.toThrow('down');
  expect(await answers.read('a', () => Promise.resolve(1))).toBe(1);
});
