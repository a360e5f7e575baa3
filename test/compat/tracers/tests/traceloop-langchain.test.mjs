import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

test('below its LangChain instrumentation our handler is not called, and each call is one record of its spans', async () => {
  const run = await runBeside(['test/apps/traceloop-langchain.cjs']);
  assertAnswered(run, ['Agent?', 'Chain?']);
  assertArrived(run, ['Agent?', 'Chain?', '@traceloop/instrumentation-langchain']);
  // If this is 2, the row of the matrix is out of date: upstream has mended it.
  assert.deepEqual(JSON.parse(run.output.trim().split('\n').at(-1)), { handled: 0 });
});
