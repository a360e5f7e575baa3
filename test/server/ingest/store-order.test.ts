import { expect, test } from 'vitest';
import { StoreOrder } from '../../../src/server/ingest/store-order.js';

/** Writes that end when the test says so, and the names of those that have begun. */
function writes(order: StoreOrder) {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const run = (name: string, keys: readonly string[]): Promise<string> =>
    order.run(keys, () => {
      begun.push(name);
      return new Promise((resolve, reject) => {
        ends.set(name, (error) => (error ? reject(error) : resolve(name)));
      });
    });
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error);
    await settle();
  };
  return { begun, run, end };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('writes that share a key run one after the other, and others at the same time', async () => {
  const { begun, run, end } = writes(new StoreOrder());
  const results = [run('1', ['a', 'b']), run('2', ['b', 'c', 'c']), run('3', ['d']), run('4', ['c'])];
  await settle();
  expect(begun).toEqual(['1', '3']);
  await end('3');
  expect(begun).toEqual(['1', '3']);
  await end('1');
  expect(begun).toEqual(['1', '3', '2']);
  await end('2');
  expect(begun).toEqual(['1', '3', '2', '4']);
  await end('4');
  expect(await Promise.all(results)).toEqual(['1', '2', '3', '4']);
});

test('a write waits for the earlier ones of all its keys', async () => {
  const { begun, run, end } = writes(new StoreOrder());
  void run('1', ['a']);
  void run('2', ['b']);
  void run('3', ['a', 'b']);
  await end('1');
  expect(begun).toEqual(['1', '2']);
  await end('2');
  expect(begun).toEqual(['1', '2', '3']);
});

test('a write runs also if an earlier one failed, and gets its own result', async () => {
  const { begun, run, end } = writes(new StoreOrder());
  const results = Promise.allSettled([run('1', ['a'])]);
  const next = run('2', ['a']);
  await end('1', new Error('disk full'));
  expect(await results).toMatchObject([{ status: 'rejected', reason: { message: 'disk full' } }]);
  expect(begun).toEqual(['1', '2']);
  await end('2');
  expect(await next).toBe('2');
});

test('the end of an earlier write does not let a third one pass the second', async () => {
  const { begun, run, end } = writes(new StoreOrder());
  void run('1', ['a']);
  void run('2', ['a']);
  await end('1');
  void run('3', ['a']);
  await settle();
  expect(begun).toEqual(['1', '2']);
  await end('2');
  expect(begun).toEqual(['1', '2', '3']);
});

test('a write without anything to wait for begins at once', async () => {
  const { begun, run, end } = writes(new StoreOrder());
  void run('1', ['a']);
  expect(begun).toEqual(['1']);
  await end('1');
  void run('2', ['a']);
  expect(begun).toEqual(['1', '2']);
});
