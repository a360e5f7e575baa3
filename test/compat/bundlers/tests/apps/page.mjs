// A page, to be bundled with all that it imports. It sends to the server that it comes from.
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { TrubricsClient, TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

// `.test` is this machine, see support/check-bundle.mjs.
const options = { host: `${location.origin}/api/ingestion`, apiKey: 'public', allowInsecure: true };
const ask = (prompt, handler) =>
  new FakeListChatModel({ responses: ['Rome.'] }).invoke(prompt, {
    callbacks: [handler],
    metadata: { user_id: 'ada' },
  });

/** Asks through each component. Resolves when everything is delivered. */
export async function askAll() {
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new TrubricsSpanProcessor(options)] });
  await ask('processor', new TrubricsCallbackHandler({ tracerProvider }));
  await tracerProvider.forceFlush();
  const handler = trubricsHandler(options);
  await ask('standalone', handler);
  await handler.flush();
  const client = new TrubricsClient(options);
  client.trackPrompt({ prompt: 'client', generation: 'Rome.', userId: 'ada', assistantId: 'm' });
  await client.flush();
}

/** Asks, and leaves the record in the queue. */
export async function askAndLeave() {
  await ask('left', trubricsHandler({ ...options, tags: ['left'] }));
}

Object.assign(globalThis, { askAll, askAndLeave });
