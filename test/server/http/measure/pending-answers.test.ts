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

test('an answer that is being made when something is erased is not given to who asks later, and does not end what came after it', async () => {
  const answers = new PendingAnswers<number>();
  const ends: ((value: number) => void)[] = [];
  const make = () => new Promise<number>((resolve) => void ends.push(resolve));
  const stale = answers.read('a', make);
  answers.clear();
  const fresh = answers.read('a', make);
  ends[0]?.(1);
  expect(await stale).toBe(1);
  const joined = answers.read('a', make);
  ends[1]?.(2);
  expect(await Promise.all([fresh, joined])).toEqual([2, 2]);
});

test('an answer that failed is made again', async () => {
  const answers = new PendingAnswers<number>();
  const failed = answers.read('a', () => Promise.reject(new Error('down')));
  await expect(failed).rejects.toThrow('down');
  expect(await answers.read('a', () => Promise.resolve(1))).toBe(1);
});
