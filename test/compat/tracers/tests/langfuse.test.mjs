import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

test("beside Langfuse's processor each call is one record, and its spans arrive", async () => {
  const run = await runBeside(['test/apps/langfuse.cjs']);
  assertAnswered(run, ['OpenAI?', 'LangChain?']);
  assertArrived(run, ['OpenAI?', 'LangChain?']);
});
