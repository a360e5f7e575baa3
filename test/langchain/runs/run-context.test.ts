import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { ChatOpenAI } from '@langchain/openai';
import { context, type ContextManager, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  TrubricsCallbackHandler,
  type TrubricsCallbackHandlerOptions,
} from '../../../src/langchain/index.js';
import { type OpenAiServer, startOpenAiServer } from '../../support/openai-server.js';
import { parentId, tracing } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());

function setUp(options: TrubricsCallbackHandlerOptions = {}) {
  const otel = tracing();
  const handler = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, ...options });
  // Starts a span per request, as an instrumentation of fetch does.
  const tracedFetch: typeof fetch = (input, init) => {
    const span = otel.tracer.startSpan('POST');
    return fetch(input, init).finally(() => span.end());
  };
  const model = new ChatOpenAI({
    apiKey: 'test',
    model: 'm',
    configuration: { baseURL: server.url, fetch: tracedFetch },
  });
  return { otel, handler, model };
}

interface Config {
  readonly callbacks: TrubricsCallbackHandler[];
}

const CALLS: Record<string, (model: ChatOpenAI, config: Config) => Promise<void>> = {
  async invoke(model, config) {
    await model.invoke('hi', config);
  },
  async chain(model, config) {
    await RunnableLambda.from((x: string) => x)
      .pipe(model)
      .invoke('hi', config);
  },
  async stream(model, config) {
    for await (const chunk of await model.stream('hi', config)) expect(chunk).toBeDefined();
  },
};

describe('active span of a model run', () => {
  test.each(Object.entries(CALLS))(
    'the HTTP span of %s() is a child of the model span',
    async (_how, call) => {
      const { otel, handler, model } = setUp();

      await call(model, { callbacks: [handler] });

      expect(parentId(otel.span('POST'))).toBe(otel.span('chat').spanContext().spanId);
    },
  );

  test('each of twenty concurrent calls has its own HTTP span', async () => {
    const { otel, handler, model } = setUp();

    await Promise.all(
      Array.from({ length: 20 }, (_, i) => model.invoke(`hi ${i}`, { callbacks: [handler] })),
    );

    const chats = otel.spans.filter(({ name }) => name.startsWith('chat'));
    const requests = otel.spans.filter(({ name }) => name === 'POST');
    expect(new Set(requests.map(parentId))).toEqual(new Set(chats.map((span) => span.spanContext().spanId)));
  });

  test('the caller keeps its own context after a model call', async () => {
    const { otel, handler, model } = setUp();
    const request = otel.tracer.startSpan('request');

    await context.with(trace.setSpan(context.active(), request), async () => {
      await model.invoke('one', { callbacks: [handler] });
      expect(trace.getActiveSpan()).toBe(request);
      for await (const chunk of await model.stream('two', { callbacks: [handler] })) {
        expect(chunk).toBeDefined();
        expect(trace.getActiveSpan()).toBe(request);
      }
      await Promise.all([1, 2].map((i) => model.invoke(`${i}`, { callbacks: [handler] })));
      expect(trace.getActiveSpan()).toBe(request);
    });
    request.end();

    for (const span of otel.spans.filter(({ name }) => name.startsWith('chat'))) {
      expect(parentId(span)).toBe(request.spanContext().spanId);
    }
  });

  test('the prompts of one generate() are siblings, and their requests no child of either', async () => {
    const { otel, handler, model } = setUp();
    const request = otel.tracer.startSpan('request');

    await context.with(trace.setSpan(context.active(), request), () =>
      model.generate([[['human', 'a'] as never], [['human', 'b'] as never]], { callbacks: [handler] }),
    );

    expect(otel.spans).toHaveLength(4);
    for (const span of otel.spans) expect(parentId(span)).toBe(request.spanContext().spanId);
  });

  test('activate: false does not change the context of the model call', async () => {
    const { otel, handler, model } = setUp({ activate: false });

    await model.invoke('hi', { callbacks: [handler] });

    expect(parentId(otel.span('POST'))).toBeUndefined();
  });

  test('a context manager that was never used is entered only from the second run on', async () => {
    const { otel, handler, model } = setUp();
    const registered = (context as unknown as { _getContextManager(): ContextManager })._getContextManager();
    context.disable();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());

    await model.invoke('first', { callbacks: [handler] });
    await model.invoke('second', { callbacks: [handler] });
    context.disable();
    context.setGlobalContextManager(registered);

    const requests = otel.spans.filter(({ name }) => name === 'POST').map(parentId);
    const [, second] = otel.spans.filter(({ name }) => name.startsWith('chat'));
    expect(requests).toEqual([undefined, second?.spanContext().spanId]);
  });

  test('without a context manager with AsyncLocalStorage the call is still traced', async () => {
    const { otel, handler } = setUp();
    const registered = (context as unknown as { _getContextManager(): ContextManager })._getContextManager();
    context.disable();

    await new FakeListChatModel({ responses: ['a'] }).invoke('hi', { callbacks: [handler] });
    context.setGlobalContextManager(registered);

    expect(otel.spans).toHaveLength(1);
  });
});
