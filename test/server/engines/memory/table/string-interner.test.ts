import { expect, test } from 'vitest';
import { StringInterner } from '../../../../../src/server/engines/memory/table/string-interner.js';

test('a text has one number as long as it is used, and no text has 0', () => {
  const interner = new StringInterner();
  expect(interner.acquire(undefined)).toBe(0);
  const [ada, grace, again] = ['ada', 'grace', 'ada'].map((name) => interner.acquire(name));
  expect([ada, grace, again]).toEqual([1, 2, 1]);
  expect([interner.nameOf(1), interner.nameOf(2), interner.nameOf(0), interner.nameOf(9)]).toEqual([
    'ada',
    'grace',
    '',
    '',
  ]);
  expect([interner.find('ada'), interner.find('nobody')]).toEqual([1, undefined]);
  expect(interner.limit).toBe(3);
});

test('a number is given to another text when the last use of its text is gone', () => {
  const interner = new StringInterner();
  for (const name of ['ada', 'ada', 'grace']) interner.acquire(name);
  interner.release(1);
  expect(interner.find('ada')).toBe(1);
  interner.release(1);
  expect(interner.find('ada')).toBeUndefined();
  expect(interner.nameOf(1)).toBe('');
  expect(interner.acquire('linus')).toBe(1);
  expect(interner.acquire('ada')).toBe(3);
  expect(interner.nameOf(1)).toBe('linus');
  expect(interner.limit).toBe(4);
});

test('releasing no text does nothing, and each use of a text is counted', () => {
  const interner = new StringInterner();
  interner.release(0);
  expect(interner.acquire('ada')).toBe(1);
  for (let use = 0; use < 3; use += 1) interner.acquire('ada');
  for (let use = 0; use < 3; use += 1) interner.release(1);
  expect(interner.find('ada')).toBe(1);
  interner.release(1);
  expect(interner.find('ada')).toBeUndefined();
});

test('a cleared interner begins anew', () => {
  const interner = new StringInterner();
  for (const name of ['ada', 'ada', 'grace', 'linus']) interner.acquire(name);
  interner.release(3);
  interner.clear();
  expect(interner.limit).toBe(1);
  expect([interner.find('ada'), interner.nameOf(1)]).toEqual([undefined, '']);
  expect([interner.acquire('x'), interner.acquire('y')]).toEqual([1, 2]);
  interner.release(1);
  expect(interner.find('x')).toBeUndefined();
});
