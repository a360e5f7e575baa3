import { setTimeout as delay } from 'node:timers/promises';
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { OwnContextManager } from '../../src/registration/own-context-manager.js';

const KEY = createContextKey('test');
const ada = ROOT_CONTEXT.setValue(KEY, 'ada');
const grace = ROOT_CONTEXT.setValue(KEY, 'grace');

test('the context is active in a function and in what it awaits, and not outside', async () => {
  const manager = new OwnContextManager().enable();
  const seen = (): unknown => manager.active().getValue(KEY);
  const later = async (): Promise<unknown> => {
    await delay(1);
    return seen();
  };
  expect(await Promise.all([manager.with(ada, later), manager.with(grace, later), later()])).toEqual([
    'ada',
    'grace',
    undefined,
  ]);
});

test('a bound function runs in its context, with its own receiver and arguments', () => {
  const manager = new OwnContextManager().enable();
  function describe(this: { name: string }, what: string): string {
    return `${this.name} ${what} ${String(manager.active().getValue(KEY))}`;
  }
  const target = { name: 'target', describe: manager.bind(ada, describe) };
  expect(manager.with(grace, () => target.describe('of'))).toBe('target of ada');
  expect(manager.bind(ada, 'no function')).toBe('no function');
});

test('after disable() no context is active', () => {
  const manager = new OwnContextManager().enable();
  expect(
    manager.with(ada, () => {
      manager.disable();
      return manager.active();
    }),
  ).toBe(ROOT_CONTEXT);
});
