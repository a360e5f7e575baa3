import { expect, test } from 'vitest';
import { Patches, type Method } from '../../../src/langchain/instrumentation/patches.js';

const twice = (original: Method): Method =>
  function (...args) {
    return Number(original.apply(this, args)) * 2;
  };

test('a method is replaced once, however often that is asked, and restored by undo()', () => {
  const library = { count: () => 1, other: () => 10 };
  const { count } = library;
  const patches = new Patches();
  for (let i = 0; i < 3; i++) patches.replace(library, 'count', twice);
  patches.replace(library, 'other', twice);
  expect([library.count(), library.other()]).toEqual([2, 20]);
  patches.undo();
  expect(library.count).toBe(count);
  expect([library.count(), library.other()]).toEqual([1, 10]);
});

test('a method that cannot be replaced, or is none, is left', () => {
  const library: object = Object.defineProperty({ name: 'a' }, 'fixed', { value: () => 1 });
  const before = Object.getOwnPropertyDescriptors(library);
  const patches = new Patches();
  for (const name of ['name', 'fixed', 'missing', 'toString']) patches.replace(library, name, twice);
  expect(Object.getOwnPropertyDescriptors(library)).toEqual(before);
});

test('after undo() nothing is replaced any more, and what another library replaced in turn stays and calls the original', () => {
  const library: Record<string, () => unknown> = { count: () => 1 };
  const patches = new Patches();
  patches.replace(library, 'count', twice);
  const ours = library['count'];
  const theirs = (): unknown => `theirs ${String(ours?.())}`;
  library['count'] = theirs;
  patches.undo();
  expect(library['count']).toBe(theirs);
  expect(theirs()).toBe('theirs 1');
  patches.replace(library, 'count', twice);
  expect(library['count']).toBe(theirs);
});
