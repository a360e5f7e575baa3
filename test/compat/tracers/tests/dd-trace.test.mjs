import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

test('dd-trace calls no span processor, so that nothing is recorded', async () => {
  const run = await runBeside(['test/apps/dd-trace.cjs', 'datadog']);
  assert.equal(run.code, 0, run.output);
  assertArrived(run, ['app request']);
  // If there is a record, the row of the matrix is out of date: upstream has mended it.
  assert.deepEqual(run.records, []);
});

for (const [way, title] of [
  ['own', 'a provider of the application'],
  ['standalone', 'the handler of ./standalone'],
])
  test(`beside dd-trace, a call is one record by ${title}, and its spans arrive`, async () => {
    const run = await runBeside(['test/apps/dd-trace.cjs', way]);
    assertAnswered(run, ['LangChain?']);
    assertArrived(run, ['langchain.request']);
  });
