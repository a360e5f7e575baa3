import { describe, expect, it } from 'vitest';
import { runNode } from '../support/run-as-user.js';

/** The records that an example prints at its end. */
function printedRecords(stdout: string): Record<string, unknown>[] {
  return JSON.parse(stdout.slice(stdout.search(/^\[\n {2}\{/m))) as Record<string, unknown>[];
}

describe('examples', () => {
  it('langchain-llm records two prompts', async () => {
    const { code, stdout, stderr } = await runNode(['examples/langchain-llm.mjs']);
    expect([code, stderr]).toEqual([0, '']);
    expect(printedRecords(stdout)).toMatchObject([
      { prompt: 'Tell me a joke' },
      { prompt: 'Write me a poem' },
    ]);
  });

  it('langchain-chat records the user of the handler, then that of the call', async () => {
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

  it('existing-tracing leaves the other back end as it is and finds the user of the request', async () => {
    const { code, stdout, stderr } = await runNode(['examples/existing-tracing.mjs']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('The other back end received: chat gpt-4o-mini, POST /chat');
    expect(printedRecords(stdout)).toMatchObject([{ userId: 'grace', prompt: 'What is OpenTelemetry?' }]);
  });

  it('exporter-only delivers through a BatchSpanProcessor', async () => {
    const { code, stdout, stderr } = await runNode(['examples/exporter-only.mjs']);
    expect([code, stderr]).toEqual([0, '']);
    expect(printedRecords(stdout)).toMatchObject([
      { userId: 'ada', threadId: 'geography', generation: 'Paris.' },
    ]);
  });

  it('log-records completes the spans of the real OpenAI instrumentation with its log records', async () => {
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

  it('the demo ends by itself with a summary when it is not on a terminal', async () => {
    const { code, stdout, stderr } = await runNode(['examples/demo.mjs']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/Local Trubrics: http:\/\/127\.0\.0\.1:\d+/);
    expect(stdout).toMatch(/5 prompts and 1 error from 4 users, \d+ tokens\. 6 of 6 delivered\./);
    expect(stdout).toContain('linus  LLM error: MODEL_RATE_LIMIT');
  });
});
