import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

test('beside OpenInference each call is one record, and its spans arrive', async () => {
  const run = await runBeside(['test/apps/openinference.cjs']);
  assertAnswered(run, ['OpenAI?', 'LangChain?']);
  assertArrived(run, ['app request', 'OpenAI?', 'LangChain?', 'openinference-instrumentation-openai']);
});
