import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { locateCalls } from '../../src/reading/calls/deduplicate-calls.js';
import { loadCapturesOf } from '../support/captures.js';
import { answeringModel } from '../support/openai-server.js';

const PROGRAM = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
  registerInstrumentations({ instrumentations: [new OpenAIInstrumentation({ captureMessageContent: true })] });
  const { trace } = require('@opentelemetry/api');
  const { OpenAI } = require('openai');
  const span = trace.getTracer('program').startSpan('POST /chat', { attributes: { ratio: NaN } });
  await new OpenAI().chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
  span.end();
`;

test('the capture script records the spans of a real library as a fixture that tests can load', async () => {
  // Below the repository, so that the program finds the libraries.
  const folder = mkdtempSync(fileURLToPath(new URL('../../node_modules/.capture-test-', import.meta.url)));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'program.mjs');
  writeFileSync(program, PROGRAM);

  const args = ['scripts/capture-spans.mjs', 'openai-chat', program, folder];
  const { stdout } = await promisify(execFile)(process.execPath, args);

  expect(stdout).toContain('2 spans. Now fill in openai-chat.expected.json');
  const [capture] = loadCapturesOf(folder);
  expect(capture).toMatchObject({ library: 'openai-chat', llmSpanCount: 0, calls: [] });
  const spans = capture?.spans ?? [];
  expect(spans.map(({ name }) => name).toSorted()).toEqual(['POST /chat', 'chat gpt-4o-mini']);
  expect(spans.find(({ name }) => name === 'POST /chat')?.attributes.ratio).toBeNaN();
  expect(locateCalls(spans).map(({ call }) => call)).toMatchObject([
    { requestModel: 'gpt-4o-mini', responseModel: answeringModel('gpt-4o-mini') },
  ]);
});
