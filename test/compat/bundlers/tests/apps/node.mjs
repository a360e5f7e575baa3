// An application for Node.js, to be bundled with all that it imports: node BUNDLE HOST
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { TrubricsClient, TrubricsSpanExporter, TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { fileSpool } from 'opentelemetry-exporter-trubrics/node';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

async function main(host) {
  const options = { host, flushOnExit: false };
  const ask = (prompt, handler) =>
    new FakeListChatModel({ responses: ['Rome.'] }).invoke(prompt, {
      callbacks: [handler],
      metadata: { user_id: 'ada' },
    });
  for (const [name, processor] of [
    ['processor', new TrubricsSpanProcessor(options)],
    ['exporter', new BatchSpanProcessor(new TrubricsSpanExporter(options))],
  ]) {
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [processor] });
    await ask(name, new TrubricsCallbackHandler({ tracerProvider }));
    await tracerProvider.shutdown();
  }
  const handler = trubricsHandler(options);
  await ask('standalone', handler);
  await handler.shutdown();
  const client = new TrubricsClient({ ...options, spool: fileSpool({ dir: process.argv[3] }) });
  client.trackPrompt({ prompt: 'client', generation: 'Rome.', userId: 'ada', assistantId: 'm' });
  await client.shutdown();
}

void main(process.argv[2]);
