import { test } from 'node:test';
import { assertApplication } from './support/run-application.mjs';

test('an ES module loads every entry, and each component makes a record', () =>
  assertApplication('application.mjs'));
