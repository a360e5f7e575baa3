import { test } from 'node:test';
import { assertAnswered, assertArrived, runBeside } from './support/run-beside.mjs';

test('beside @vercel/otel each call is one record, and its spans arrive', async () => {
  const run = await runBeside(['test/apps/vercel-otel.cjs'], (backend) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: backend,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  }));
  assertAnswered(run, ['OpenAI?', 'LangChain?']);
  assertArrived(run, ['app request', 'OpenAI?', 'LangChain?']);
});
