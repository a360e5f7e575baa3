import { expect, test } from 'vitest';
import { printedRecords } from '../support/printed-records.js';
import { runNode } from '../support/run-as-user.js';

test('the example standalone-llm records two prompts', async () => {
  const { code, stdout, stderr } = await runNode(['examples/standalone-llm.mjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(printedRecords(stdout)).toMatchObject([{ prompt: 'Tell me a joke' }, { prompt: 'Write me a poem' }]);
});

test('the example standalone-chat records the user, tags and metadata of the guide', async () => {
  const { code, stdout, stderr } = await runNode(['examples/standalone-chat.mjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(printedRecords(stdout)).toMatchObject([
    {
      userId: 'user-id-1234',
      prompt: 'Tell me a joke',
      tags: ['langchain', 'chat model'],
      properties: { some_metadata: { hello: [1, 2] } },
    },
  ]);
});

test('the example langchain-llm records two prompts', async () => {
  const { code, stdout, stderr } = await runNode(['examples/langchain-llm.mjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(printedRecords(stdout)).toMatchObject([{ prompt: 'Tell me a joke' }, { prompt: 'Write me a poem' }]);
});

test('the example langchain-chat records the user of the handler, then that of the call', async () => {
  const { code, stdout, stderr } = await runNode(['examples/langchain-chat.mjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(printedRecords(stdout)).toMatchObject([
    {
      userId: 'user-id-1234',
      prompt: 'Tell me a joke',
      tags: ['langchain', 'chat model'],
      properties: { hello: [1, 2] },
    },
    { userId: 'ada', threadId: 'geography', generation: 'Rome.' },
  ]);
});

test('the example existing-tracing leaves the other backend alone and finds the user of the request', async () => {
  const { code, stdout, stderr } = await runNode(['examples/existing-tracing.mjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('The other back end received: chat gpt-4o-mini, POST /chat');
  expect(printedRecords(stdout)).toMatchObject([{ userId: 'grace', prompt: 'What is OpenTelemetry?' }]);
});

test('the example exporter-only delivers through a BatchSpanProcessor', async () => {
  const { code, stdout, stderr } = await runNode(['examples/exporter-only.mjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(printedRecords(stdout)).toMatchObject([
    { userId: 'ada', threadId: 'geography', generation: 'Paris.' },
  ]);
});

test('the example log-records completes the spans of the OpenAI instrumentation with its log records', async () => {
  const { code, stdout, stderr } = await runNode(['examples/log-records.cjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(printedRecords(stdout)).toMatchObject([
    {
      userId: 'ada',
      threadId: 'geography',
      prompt: 'What is the capital of Italy?',
      generation: 'Rome.',
      properties: { input_tokens: 15 },
    },
  ]);
});

test('the demo ends by itself with a summary when it is not on a terminal', async () => {
  const { code, stdout, stderr } = await runNode(['examples/demo.mjs']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/Local Trubrics: http:\/\/127\.0\.0\.1:\d+/);
  expect(stdout).toMatch(/5 prompts and 1 error from 4 users, \d+ tokens\. 8 of 8 delivered\./);
  expect(stdout).toContain('linus  LLM error: MODEL_RATE_LIMIT');
  expect(stdout).toContain('grace  Feedback: -1 Two lines are no poem.');
});
