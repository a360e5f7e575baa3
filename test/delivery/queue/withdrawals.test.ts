import { expect, test, vi } from 'vitest';
import { toSequence } from '../../../src/delivery/model/queued-entry.js';
import { type WithdrawalState, Withdrawals } from '../../../src/delivery/queue/withdrawals.js';
import { memoryEntry } from '../../support/queued-entries.js';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => toSequence(index + 1));

test('an entry is withdrawn while its check says so, and one without a check never', () => {
  const withdrawals = new Withdrawals();
  let state: WithdrawalState = 'open';
  const [first = toSequence(1), second = toSequence(2)] = numbers(2);
  withdrawals.add(first, () => state);
  withdrawals.add(toSequence(3), () => 'open');
  expect(withdrawals.isWithdrawn(first)).toBe(false);
  state = 'withdrawn';
  expect(withdrawals.isWithdrawn(first)).toBe(true);
  expect(withdrawals.isWithdrawn(second)).toBe(false);
  expect([...withdrawals.all()]).toEqual([first]);
});

test('a check that fails withdraws its entry', () => {
  const withdrawals = new Withdrawals();
  withdrawals.add(toSequence(1), () => {
    throw new Error('no');
  });
  expect(withdrawals.isWithdrawn(toSequence(1))).toBe(true);
});

test('an entry that was kept once is not asked about again', () => {
  const withdrawals = new Withdrawals();
  const check = vi.fn<() => WithdrawalState>(() => 'kept');
  withdrawals.add(toSequence(1), check);
  expect(withdrawals.isWithdrawn(toSequence(1))).toBe(false);
  check.mockReturnValue('withdrawn');
  expect(withdrawals.isWithdrawn(toSequence(1))).toBe(false);
  expect(check).toHaveBeenCalledOnce();
});

test('an entry that is finished, or was erased, is forgotten, and one that was lost otherwise is not', () => {
  const withdrawals = new Withdrawals();
  const sequences = numbers(3);
  for (const sequence of sequences) withdrawals.add(sequence, () => 'withdrawn');
  const [first = toSequence(1), second = toSequence(2), third = toSequence(3)] = sequences;
  withdrawals.onFinished(memoryEntry({ sequence: first }));
  withdrawals.onLost({ kind: 'prompt', count: 1, reason: 'opted_out', sequence: second });
  withdrawals.onLost({ kind: 'prompt', count: 1, reason: 'spool_full', sequence: third });
  expect([...withdrawals.all()]).toEqual([third]);
});

test('from a thousand checks on those that are decided are removed, and seldom looked for', () => {
  const withdrawals = new Withdrawals();
  const open = vi.fn<() => WithdrawalState>(() => 'open');
  const kept = vi.fn<() => WithdrawalState>(() => 'kept');
  const sequences = numbers(5_000);
  const add = (from: number, to: number, check: () => WithdrawalState): void => {
    for (const sequence of sequences.slice(from, to)) withdrawals.add(sequence, check);
  };
  add(0, 900, open);
  add(900, 1_000, kept);
  expect(open).not.toHaveBeenCalled();
  add(1_000, 1_001, kept);
  expect(open).toHaveBeenCalledTimes(900);
  expect(kept).toHaveBeenCalledTimes(101);
  // 900 are left, and the next look is at twice as many.
  add(1_001, 1_901, open);
  expect(open).toHaveBeenCalledTimes(900);
  add(1_901, 1_902, open);
  expect(open).toHaveBeenCalledTimes(900 + 1_801);
  expect(kept).toHaveBeenCalledTimes(101);
});

test('with few checks left, the next look for decided ones is at a thousand again', () => {
  const withdrawals = new Withdrawals();
  const check = vi.fn<() => WithdrawalState>(() => 'kept');
  for (const sequence of numbers(1_001)) withdrawals.add(sequence, check);
  expect(check).toHaveBeenCalledTimes(1_001);
  for (const sequence of numbers(1_000)) withdrawals.add(sequence, check);
  expect(check).toHaveBeenCalledTimes(1_001);
});
