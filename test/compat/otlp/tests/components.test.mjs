// Span processor, span exporter and log record processor of this package in the SDK of one version.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import * as resources from '@opentelemetry/resources';
import {
  TrubricsLogRecordProcessor,
  TrubricsSpanExporter,
  TrubricsSpanProcessor,
  withTrubrics,
} from 'opentelemetry-exporter-trubrics';
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { exportWith, LoggerProvider, Provider } from './support/sdk.mjs';

let server;
const cleanups = [];
beforeEach(async () => {
  server = await startServer({ port: 0 });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(async () => {
  context.disable();
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
  await server.close();
});

const message = (role, content) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
const chat = (question) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.input.messages': message('user', question),
  'gen_ai.output.messages': message('assistant', `Answer to: ${question}`),
});
const options = () => ({ host: server.ingestionUrl, flushOnExit: false });
const summary = ({ userId, threadId, prompt, generation }) => ({ userId, threadId, prompt, generation });
const answered = (question, identity) => ({
  threadId: undefined,
  ...identity,
  prompt: question,
  generation: `Answer to: ${question}`,
});

function provide(spanProcessors, config = {}) {
  const provider = new Provider({ spanProcessors, ...config });
  cleanups.push(() => provider.shutdown());
  return provider;
}

/** Makes a request with a user, and below it a call that two libraries traced. */
function makeCall(provider, question) {
  const [app, framework, sdk] = ['app', 'framework', 'sdk'].map((name) => provider.getTracer(name));
  const root = app.startSpan('POST /chat', { attributes: { 'user.id': 'ada', 'session.id': 'thread-1' } });
  const below = (span) => trace.setSpan(ROOT_CONTEXT, span);
  const outer = framework.startSpan('chat', { attributes: chat(question) }, below(root));
  sdk.startSpan('chat gpt-4o', { attributes: chat(question) }, below(outer)).end();
  outer.end();
  root.end();
}

test('the processor makes one record of a call that two libraries traced', async () => {
  const processor = new TrubricsSpanProcessor(options());
  const provider = provide([processor]);

  makeCall(provider, 'One?');
  await provider.forceFlush();

  assert.deepEqual(server.records().map(summary), [
    answered('One?', { userId: 'ada', threadId: 'thread-1' }),
  ]);
  assert.equal(processor.stats().destinations[0].delivered, 1);
});

for (const name of ['SimpleSpanProcessor', 'BatchSpanProcessor'])
  test(`the exporter behind a ${name} makes one record of a call, at the latest when the provider shuts down`, async () => {
    const provider = provide([exportWith(name, new TrubricsSpanExporter(options()))]);

    makeCall(provider, 'One?');
    await provider.shutdown();

    assert.deepEqual(
      server.records().map(({ prompt, generation }) => ({ prompt, generation })),
      [{ prompt: 'One?', generation: 'Answer to: One?' }],
    );
  });

test('a shutdown of the provider delivers what waits, and nothing after it fails', async () => {
  const processor = new TrubricsSpanProcessor(options());
  const provider = provide([processor]);
  makeCall(provider, 'Late?');

  await provider.shutdown();

  assert.equal(server.records().length, 1);
  makeCall(provider, 'Too late?');
  await processor.forceFlush();
  assert.equal(server.records().length, 1);
});

test('identities of concurrent requests come from the context', async () => {
  const provider = provide([new TrubricsSpanProcessor(options())]);
  const tracer = provider.getTracer('app');
  const ask = (userId) =>
    withTrubrics({ userId, threadId: `of ${userId}` }, async () => {
      const span = tracer.startSpan('chat', { attributes: chat(`I am ${userId}`) });
      await new Promise(setImmediate);
      span.end();
    });

  await Promise.all(['ada', 'bob'].map(ask));
  await provider.forceFlush();

  assert.deepEqual(
    server
      .records()
      .map(summary)
      .sort((a, b) => (a.userId < b.userId ? -1 : 1)),
    ['ada', 'bob'].map((userId) => answered(`I am ${userId}`, { userId, threadId: `of ${userId}` })),
  );
});

test('in turns, the calls of an agent are one record', async () => {
  const provider = provide([new TrubricsSpanProcessor({ ...options(), granularity: 'turn' })]);
  const tracer = provider.getTracer('app');
  const root = tracer.startSpan('agent', {
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'user.id': 'ada' },
  });
  for (const _ of [1, 2])
    tracer.startSpan('chat', { attributes: chat('Twice?') }, trace.setSpan(ROOT_CONTEXT, root)).end();
  root.end();
  await provider.forceFlush();

  assert.deepEqual(server.records().map(summary), [answered('Twice?', { userId: 'ada' })]);
});

test('the resource of the provider gives the name of the service', async () => {
  const attributes = { 'service.name': 'shop', 'deployment.environment.name': 'test' };
  const resource = resources.resourceFromAttributes?.(attributes) ?? new resources.Resource(attributes);
  const provider = provide([new TrubricsSpanProcessor(options())], { resource });

  makeCall(provider, 'Where?');
  await provider.forceFlush();

  const [{ properties }] = server.records();
  assert.deepEqual([properties.service_name, properties.environment], ['shop', 'test']);
});

test('a call whose messages are log records is one record with them', async () => {
  const processor = new TrubricsSpanProcessor(options());
  const provider = provide([processor]);
  const logProcessor = new TrubricsLogRecordProcessor(processor);
  const loggers = new LoggerProvider({ processors: [logProcessor] });
  loggers.addLogRecordProcessor?.(logProcessor);
  const logger = loggers.getLogger('openai');

  const { 'gen_ai.input.messages': _in, 'gen_ai.output.messages': _out, ...attributes } = chat('Logged?');
  const span = provider
    .getTracer('openai')
    .startSpan('chat', { attributes: { ...attributes, 'user.id': 'ada' } });
  const emit = (eventName, body) =>
    logger.emit({
      eventName,
      body,
      context: trace.setSpan(ROOT_CONTEXT, span),
      // SDK 1.x has no names of events: instrumentations write them as an attribute.
      attributes: { 'event.name': eventName },
    });
  emit('gen_ai.user.message', { content: 'Logged?' });
  emit('gen_ai.choice', { index: 0, message: { role: 'assistant', content: 'Answer to: Logged?' } });
  span.end();
  await loggers.forceFlush();
  await provider.forceFlush();

  assert.deepEqual(server.records().map(summary), [answered('Logged?', { userId: 'ada' })]);
});

test('no request of ours becomes a span, and no span of ours a record', async () => {
  const spans = [];
  const collector = {
    onStart: (span) => spans.push(span.name),
    onEnd: () => undefined,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = provide([collector, new TrubricsSpanProcessor(options())]);
  trace.setGlobalTracerProvider(provider);
  cleanups.push(() => trace.disable());
  const actualFetch = globalThis.fetch;
  globalThis.fetch = (...args) => {
    trace.getTracer('http').startSpan('our request').end();
    return actualFetch(...args);
  };
  cleanups.push(() => (globalThis.fetch = actualFetch));

  makeCall(provider, 'Quiet?');
  await provider.forceFlush();

  assert.equal(server.records().length, 1);
  assert.deepEqual(
    spans.filter((name) => name === 'our request'),
    [],
  );
});
