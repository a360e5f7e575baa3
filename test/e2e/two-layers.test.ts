import { expect, test } from 'vitest';
import { runScript } from '../support/run-as-user.js';
import { useOpenAiServer } from '../support/use-openai-server.js';
import { useServer } from '../support/use-server.js';

test('a call that LangChain and the OpenAI instrumentation both trace is recorded once', async () => {
  const server = await useServer();
  const openai = await useOpenAiServer();
  const source = `
    const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
    const { registerInstrumentations } = require('@opentelemetry/instrumentation');
    const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
    const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
    const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');
    const { TrubricsCallbackHandler } = require('opentelemetry-exporter-trubrics/langchain');
    const processor = new TrubricsSpanProcessor();
    const other = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({ spanProcessors: [processor, new SimpleSpanProcessor(other)] });
    provider.register();
    registerInstrumentations({ instrumentations: [new OpenAIInstrumentation({ captureMessageContent: true })] });
    const { ChatOpenAI } = require('@langchain/openai');
    (async () => {
      const callbacks = [new TrubricsCallbackHandler()];
      await Promise.all(['one', 'two', 'three'].map((question) =>
        new ChatOpenAI({ model: 'gpt-4o-mini' }).invoke(question, { callbacks, metadata: { user_id: question } })));
      await provider.forceFlush();
      const spans = other.getFinishedSpans().filter((span) => span.attributes['gen_ai.operation.name'] === 'chat');
      console.log(spans.length, processor.stats().records);
    })();
  `;
  const { stdout, stderr } = await runScript(source, {
    as: 'cjs',
    env: { TRUBRICS_HOST: server.ingestionUrl, OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'k' },
  });
  expect([stdout.trim(), stderr]).toEqual(['6 3', '']);
  const users = server.records().map((record) => [record.userId, record.kind === 'prompt' && record.prompt]);
  expect(users.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
    ['one', 'one'],
    ['three', 'three'],
    ['two', 'two'],
  ]);
});
