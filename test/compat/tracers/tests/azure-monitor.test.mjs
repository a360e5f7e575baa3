import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

test('beside Azure Monitor each call is one record, and its spans arrive', async () => {
  const run = await runBeside(['test/apps/azure-monitor.cjs'], { APPLICATION_INSIGHTS_NO_STATSBEAT: 'true' });
  assertAnswered(run, ['OpenAI?', 'LangChain?']);
  assertArrived(run, ['app request', 'OpenAI?', 'LangChain?']);
});
