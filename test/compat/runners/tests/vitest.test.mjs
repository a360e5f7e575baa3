import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './support/run-application.mjs';

test('Vitest runs a test in which each component makes a record', () => {
  const { status, stdout, stderr } = run([
    ...['node_modules/vitest/vitest.mjs', 'run', '--root', 'test/vitest'],
    ...['--config', 'vitest.config.mjs', 'application.vitest.mjs'],
  ]);
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, /1 passed/);
});
