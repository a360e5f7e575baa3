import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

// In a process that loads LangChain.js, Sentry does not trace the SDKs of providers.
const QUESTIONS = { openai: 'OpenAI?', langchain: 'LangChain?' };
const ENDS = ['flush', 'close'];

const linesOf = ({ output }) =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** Sentry gives a processor 500 ms, which a busy machine may not have: then Sentry rejects, or a warning names what is left. */
function assertDeliveredOrSaid(run) {
  const [{ result, delivered }] = linesOf(run);
  const isSaid = /TrubricsWarning: A flush of the tracer provider ended/.test(run.output) || result !== true;
  assert.ok(delivered === 1 || isSaid, run.output);
  assert.equal(linesOf(run).at(-1).delivered, 1, run.output);
}

for (const [library, question] of Object.entries(QUESTIONS))
  for (const end of ENDS)
    test(`beside Sentry, a call of ${library} is one record; Sentry.${end}() delivers it and its spans, or says so`, async () => {
      const run = await runBeside(['test/apps/sentry-10.cjs', library, end], { LIVES_ON: 'true' });
      assertAnswered(run, [question]);
      assertArrived(run, ['app request', 'gen_ai.', question]);
      assertDeliveredOrSaid(run);
    });

for (const end of ENDS)
  test(`Sentry.${end}() ends while Trubrics is slow and says so, and the record is delivered afterwards`, async () => {
    // Longer than the 500 ms that Sentry gives a processor.
    const slow = createServer((request, response) => {
      request.resume().on('end', () => setTimeout(() => response.end('{}'), 1_500));
    });
    await new Promise((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const run = await runBeside(['test/apps/sentry-10.cjs', 'langchain', end], {
      TRUBRICS_HOST: `http://127.0.0.1:${slow.address().port}`,
      LIVES_ON: 'true',
    });
    slow.close();
    assert.equal(run.code, 0, run.output);
    assertDeliveredOrSaid(run);
  });
