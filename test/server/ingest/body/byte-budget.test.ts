import { expect, test } from 'vitest';
import { ByteBudget, MAX_BYTES_IN_FLIGHT } from '../../../../src/server/ingest/body/byte-budget.js';

test('bytes are taken until none are left, and can be taken again when they are given back', () => {
  const budget = new ByteBudget(10);
  expect([budget.take(4), budget.take(6), budget.used]).toEqual([true, true, 10]);
  expect([budget.take(1), budget.used]).toEqual([false, 10]);
  budget.giveBack(4);
  expect([budget.used, budget.take(5), budget.take(4), budget.used]).toEqual([6, false, true, 10]);
});

test('by default all requests together hold 64 megabytes', () => {
  expect(MAX_BYTES_IN_FLIGHT).toBe(67_108_864);
  expect([new ByteBudget().take(67_108_864), new ByteBudget().take(67_108_865)]).toEqual([true, false]);
});
