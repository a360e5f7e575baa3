import { expect, test } from 'vitest';
import { ExclusiveGate } from '../../../../src/server/engines/file/exclusive-gate.js';

/** A gate, the order of what happens, and work that ends when the test says so. */
function gated() {
  const gate = new ExclusiveGate();
  const log: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => (): Promise<void> => {
    log.push(`${name} begins`);
    return new Promise<void>((resolve, reject) =>
      ends.set(name, (error) => (error ? reject(error) : resolve())),
    ).finally(() => log.push(`${name} ends`));
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error);
    await settle();
  };
  return { gate, log, work, end, settle };
}

test('shared work runs side by side', async () => {
  const { gate, log, work, end } = gated();
  void gate.share(work('a'));
  void gate.share(work('b'));
  expect(log).toEqual(['a begins', 'b begins']);
  await end('b');
  await end('a');
});

test('exclusive work waits for shared work in progress, also if that fails', async () => {
  const { gate, log, work, end, settle } = gated();
  const failed = gate.share(work('a')).catch(() => undefined);
  void gate.share(work('b'));
  void gate.exclude(work('alone'));
  await settle();
  await end('a', new Error('no'));
  await failed;
  expect(log).not.toContain('alone begins');
  await end('b');
  expect(log.at(-1)).toBe('alone begins');
  await end('alone');
});

test('shared work waits for all exclusive work, which runs one after the other', async () => {
  const { gate, log, work, end, settle } = gated();
  void gate.exclude(work('one'));
  void gate.exclude(work('two'));
  void gate.share(work('shared'));
  await settle();
  expect(log).toEqual(['one begins']);
  await end('one');
  expect(log).toEqual(['one begins', 'one ends', 'two begins']);
  await end('two');
  await settle();
  expect(log.at(-1)).toBe('shared begins');
  await end('shared');
});

test('shared work that waits goes on waiting for exclusive work that came after it', async () => {
  const { gate, log, work, end, settle } = gated();
  void gate.exclude(work('one'));
  void gate.share(work('shared'));
  void gate.exclude(work('two'));
  await settle();
  await end('one');
  await settle();
  expect(log).toEqual(['one begins', 'one ends', 'two begins']);
  await end('two');
  await settle();
  expect(log.at(-1)).toBe('shared begins');
  await end('shared');
});

test('exclusive work that fails lets others on, and tells its caller alone', async () => {
  const { gate, log, work, end, settle } = gated();
  const failed = gate.exclude(work('one'));
  await settle();
  void end('one', new Error('no'));
  await expect(failed).rejects.toThrow('no');
  await settle();
  void gate.share(work('later'));
  await settle();
  expect(log.at(-1)).toBe('later begins');
  await end('later');
  expect(await gate.exclude(() => Promise.resolve(5))).toBe(5);
});
