import { test } from 'node:test';
import { assertApplication } from './support/run-application.mjs';

test('a CommonJS module loads every entry, and each component makes a record', () =>
  assertApplication('application.cjs'));
