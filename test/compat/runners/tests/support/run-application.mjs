import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXPECTED } from '../apps/every-entry.cjs';

/** Root of the install. */
export const folder = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program with Node.js, and compares the records that it prints. */
export function assertApplication(name) {
  const { stdout, stderr } = run(['test/apps/' + name]);
  assert.deepEqual(JSON.parse(stdout || 'null'), EXPECTED, stderr);
}

/** Runs Node.js in the install, without the variables by which a test runner notices that it is one of several. */
export function run(args) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env, timeout: 180_000 });
}
