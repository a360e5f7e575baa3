import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

test('beside OpenLLMetry each call is one record, and its spans arrive', async () => {
  const run = await runBeside(['test/apps/traceloop.cjs']);
  assertAnswered(run, ['OpenAI?', 'LangChain?']);
  assertArrived(run, ['app request', 'OpenAI?', 'LangChain?', '@traceloop/instrumentation-openai']);
});
