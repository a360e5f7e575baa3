import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './support/run-application.mjs';

const JEST = ['node_modules/jest/bin/jest.js', '--config', 'test/jest/jest.config.cjs'];

function assertPasses(args) {
  const { status, stdout, stderr } = run(args);
  const output = `${stdout}${stderr}`;
  assert.match(output, /Tests: +1 passed, 1 total/);
  assert.equal(status, 0, output);
}

test('Jest runs a test in CommonJS, in which each component makes a record', () =>
  assertPasses([...JEST, 'application.jest.cjs']));

test('Jest runs a test that is an ES module, in which each component makes a record', () =>
  assertPasses(['--experimental-vm-modules', ...JEST, 'application.jest.mjs']));

test('Jest loads the parts for browsers in jsdom, and the handler makes a record', () =>
  assertPasses([...JEST, 'page.jest.cjs', '--env', 'jsdom']));
