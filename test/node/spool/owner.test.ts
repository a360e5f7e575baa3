import { spawnSync } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { disown, newFreeName, newOwnName, ownerState } from '../../../src/node/spool/owner.js';

/** The part of a name that stands for this machine. */
const machine = (): string => newFreeName().split('-')[1] ?? '';
const named = (pid: number, tag = machine()): string => `${pid}-${tag}-00000000`;

test('a directory of this process is its own until it is given up', () => {
  const name = newOwnName();
  expect(name).toMatch(new RegExp(`^${process.pid}-[0-9a-f]{8}-[0-9a-f]{8}$`));
  expect(newOwnName()).not.toBe(name);
  expect(ownerState(name)).toBe('own');
  disown(name);
  // Its process runs, but another thread may have begun the directory.
  expect(ownerState(name)).toBe('running');
});

test('the directories of a process are known in both copies of this package', async () => {
  const name = newOwnName();
  vi.resetModules();
  const copy = await import('../../../src/node/spool/owner.js');
  expect(copy.ownerState).not.toBe(ownerState);
  expect(copy.ownerState(name)).toBe('own');
});

test('anybody may claim a free name', () => {
  expect(newFreeName()).toMatch(/^0-/);
  expect(ownerState(newFreeName())).toBe('dead');
  expect(ownerState(named(0, 'deadbeef'))).toBe('dead');
});

test('the directory of a process that has ended is an orphan, and that of one that runs is none', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect(ownerState(named(pid))).toBe('dead');
  expect(ownerState(named(process.pid))).toBe('running');
  expect(ownerState(named(process.ppid))).toBe('running');
});

test('a process that may not be asked runs', () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
  });
  expect(ownerState(named(12_345))).toBe('running');
  kill.mockRestore();
});

test('processes of another machine cannot be asked', () => {
  expect(ownerState(named(process.pid, 'deadbeef'))).toBe('elsewhere');
});

test('a machine has one tag in all its processes', async () => {
  const { pid } = process;
  onTestFinished(() => void Object.defineProperty(process, 'pid', { value: pid }));
  Object.defineProperty(process, 'pid', { value: pid + 1 });
  vi.resetModules();
  const other = await import('../../../src/node/spool/owner.js');
  expect(other.newFreeName().split('-')[1]).toBe(machine());
});

test('other names belong to nobody here', () => {
  for (const name of ['', 'dead-letter.jsonl', '1-x-y', `${named(0)}x`, '-1-deadbeef-00000000'])
    expect(ownerState(name)).toBe('not-ours');
});
