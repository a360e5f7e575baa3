import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

const variables = (backend) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: backend,
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
});

test('beside the instrumentations of OpenTelemetry each call is one record, and their spans arrive', async () => {
  const run = await runBeside(['test/apps/auto-instrumentations.cjs'], variables);
  assertAnswered(run, ['OpenAI?', 'LangChain?']);
  assertArrived(run, [
    'app request',
    '@opentelemetry/instrumentation-openai',
    '@opentelemetry/instrumentation-undici',
  ]);
});

test('the entries ./register of both packages work in one process', async () => {
  const ours = 'opentelemetry-exporter-trubrics/register';
  const theirs = '@opentelemetry/auto-instrumentations-node/register';
  const args = ['--require', theirs, '--require', ours, 'test/apps/langchain.cjs'];
  const run = await runBeside(args, (backend) => ({ ...variables(backend), OTEL_TRACES_EXPORTER: 'otlp' }));
  assertAnswered(run, ['LangChain?']);
  assertArrived(run, ['opentelemetry-exporter-trubrics', '@opentelemetry/instrumentation-openai']);
});
