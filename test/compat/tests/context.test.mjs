import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { CallbackManager } from '@langchain/core/callbacks/manager';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { BaseRetriever } from '@langchain/core/retrievers';
import { RunnableLambda } from '@langchain/core/runnables';
import { StructuredTool, tool } from '@langchain/core/tools';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { ChatOpenAI } from '@langchain/openai';
import { context, trace } from '@opentelemetry/api';
import { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { withTrubrics } from 'opentelemetry-exporter-trubrics';
import { instrumentLangChain } from 'opentelemetry-exporter-trubrics/langchain';
import { z } from 'zod';
import { makeHandler } from './support/handler.mjs';
import { startOpenAiServer } from './support/openai-server.mjs';
import { idOf, json, tracing } from './support/tracing.mjs';

const require = createRequire(import.meta.url);
let otel;
let server;
let undo;
before(async () => {
  server = await startOpenAiServer();
});
after(() => server.close());
beforeEach(() => {
  otel = tracing();
});
afterEach(() => undo?.());

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const durationMs = ({ duration: [seconds, nanos] }) => seconds * 1e3 + nanos / 1e6;
const tracedFetch = (input, init) => {
  const span = otel.tracer.startSpan('POST');
  return fetch(input, init).finally(() => span.end());
};
const openAi = (Class = ChatOpenAI) =>
  new Class({ apiKey: 'test', model: 'm', configuration: { baseURL: server.url, fetch: tracedFetch } });
const instrument = async () => {
  undo = instrumentLangChain();
  await undo.ready;
};
const request = (name, work) => {
  const span = otel.tracer.startSpan(name);
  return context.with(trace.setSpan(context.active(), span), work).finally(() => span.end());
};

for (const mode of ['a handler in each call', 'the whole process']) {
  test(`200 requests at once beside a slow handler, ${mode}: parents, users and latencies are right`, async () => {
    const callbacks = [{ handleChatModelStart: () => sleep(3), handleChainStart: () => sleep(3) }];
    if (mode === 'the whole process') await instrument();
    else callbacks.push(makeHandler());
    const chain = ChatPromptTemplate.fromMessages([['human', '{q}']]).pipe(
      new FakeListChatModel({ responses: ['answer'], sleep: 5 }),
    );
    const tookMs = [];

    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        request(`GET /${i}`, () =>
          withTrubrics({ userId: `user-${i}` }, async () => {
            await sleep(i % 7);
            const begin = performance.now();
            await chain.invoke({ q: `q${i}` }, { callbacks });
            tookMs[i] = performance.now() - begin;
          }),
        ),
      ),
    );

    const chats = otel.all('chat');
    assert.equal(chats.length, 200);
    for (const chat of chats) {
      const number = /q(\d+)/.exec(json(chat, 'gen_ai.input.messages')[0].parts[0].content)[1];
      const root = otel.parentOf(chat);
      assert.equal(chat.attributes['user.id'], `user-${number}`);
      assert.equal(otel.parentOf(root).name, `GET /${number}`);
      // Not shorter than the model takes, and not longer than the caller waited: LangChain's queue would report the end later.
      assert.ok(durationMs(chat) >= 4, `${durationMs(chat)} ms`);
      assert.ok(durationMs(chat) <= durationMs(root) && durationMs(root) <= tookMs[number], `q${number}`);
    }
  });
}

test('400 of 400 spans are exported by a forceFlush() right after the last answer', async () => {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new NodeTracerProvider({
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1e6 })],
  });
  const callbacks = [
    { handleChatModelStart: () => sleep(3), handleLLMEnd: () => sleep(3) },
    makeHandler({ tracerProvider }),
  ];
  const model = new FakeListChatModel({ responses: ['answer'] });
  const ask = RunnableLambda.from((text, config) => model.invoke(text, { callbacks: config.callbacks }));

  await Promise.all(Array.from({ length: 200 }, (_, i) => ask.invoke(`q${i}`, { callbacks })));
  await tracerProvider.forceFlush();

  assert.equal(exporter.getFinishedSpans().length, 400);
  await tracerProvider.shutdown();
});

for (const mode of ['a handler in each call', 'the whole process']) {
  test(`${mode}: HTTP lies under the model that made it, for invoke, stream and batch`, async () => {
    const config = {};
    if (mode === 'the whole process') await instrument();
    else config.callbacks = [makeHandler()];
    // The first use of a context manager is not tracked.
    await request('warm up', async () => {});
    const model = openAi();

    await request('GET /', async () => {
      const before = trace.getActiveSpan();
      await model.invoke('hi', config);
      for await (const _ of await model.stream('hi', config)) assert.equal(trace.getActiveSpan(), before);
      await model.batch(['a', 'b', 'c'], config);
      await RunnableLambda.from((x) => x)
        .pipe(model)
        .invoke('hi', config);
      assert.equal(trace.getActiveSpan(), before);
    });

    const chats = new Set(otel.all('chat').map(idOf));
    assert.equal(chats.size, 6);
    assert.deepEqual(
      new Set(otel.all('POST').map((span) => span.parentSpanContext.spanId)),
      chats,
      otel.tree(),
    );
  });
}

test('the CommonJS copy of LangChain is instrumented, too', async () => {
  await instrument();
  const Required = require('@langchain/openai').ChatOpenAI;
  assert.notEqual(Required, ChatOpenAI);

  await openAi(Required).invoke('hi');

  assert.match(otel.parentOf(otel.one('POST')).name, /^chat/);
});

test('a server that was created before', async () => {
  const model = openAi();
  const http = createServer((incoming, response) => {
    void request(incoming.url, () => model.invoke(incoming.url)).then(() => response.end());
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  await instrument();

  await Promise.all(
    Array.from({ length: 20 }, (_, i) => fetch(`http://127.0.0.1:${http.address().port}/${i}`)),
  );
  http.close();

  const chats = otel.all('chat');
  assert.equal(chats.length, 20);
  for (const chat of chats) {
    assert.equal(json(chat, 'gen_ai.input.messages')[0].parts[0].content, otel.parentOf(chat).name);
  }
});

const leave = {
  break: async (stream) => {
    let chunks = 0;
    for await (const _ of stream) if (++chunks === 3) break;
  },
  'a throw in the loop': async (stream) => {
    let chunks = 0;
    await assert.rejects(async () => {
      for await (const _ of stream) if (++chunks === 3) throw new Error('enough');
    });
  },
  'reader.cancel()': async (stream) => {
    const reader = stream.getReader();
    for (let chunks = 0; chunks < 3; chunks += 1) await reader.read();
    await reader.cancel();
  },
};
for (const [how, left] of Object.entries(leave)) {
  test(`a stream that is left by ${how} ends its span with the text so far, and the chain above it`, async () => {
    await instrument();
    const model = new FakeListChatModel({ responses: ['abcdef'] });
    const chain = ChatPromptTemplate.fromMessages([['human', '{q}']]).pipe(model);

    await left(await model.stream('hi'));
    await sleep(40);
    const [alone] = otel.all('chat');
    otel.reset();
    await left(await chain.stream({ q: 'hi' }));
    await sleep(40);

    for (const span of [alone, otel.one('chat')]) {
      assert.equal(span.attributes['trubrics.abandoned'], true);
      assert.match(json(span, 'gen_ai.output.messages')[0].parts[0].content, /^abc/);
    }
    assert.equal(otel.one('invoke_workflow RunnableSequence').attributes['trubrics.abandoned'], true);
  });
}

test('spans of your own lie under the tool, the lambda and the retriever that made them', async () => {
  class OwnTool extends StructuredTool {
    name = 'own';
    description = 'd';
    schema = z.object({});
    async _call() {
      work('in a class');
      return '';
    }
  }
  class OwnRetriever extends BaseRetriever {
    lc_namespace = ['test'];
    async _getRelevantDocuments() {
      work('in a retriever');
      return [];
    }
  }
  const work = (name) => otel.tracer.startSpan(name).end();
  await instrument();
  const plain = tool(() => (work('in tool()'), ''), { name: 'plain', description: 'd' });
  const chain = RunnableLambda.from(async () => {
    work('in lambda');
    await plain.invoke('x');
    await new OwnTool().invoke({});
    await new OwnRetriever().invoke('x');
  });

  await chain.invoke('x');

  const under = (name) => otel.parentOf(otel.one(name)).name;
  assert.deepEqual(['in lambda', 'in tool()', 'in a class', 'in a retriever'].map(under), [
    'invoke_workflow RunnableLambda',
    'execute_tool plain',
    'execute_tool OwnTool',
    'retrieval OwnRetriever',
  ]);
  assert.equal(under('execute_tool plain'), 'invoke_workflow RunnableLambda');
});

test("instrumentLangChain(): the caller's handlers and managers stay as they are; a second call changes nothing", async () => {
  await instrument();
  const second = instrumentLangChain({ userId: 'second' });
  await second.ready;
  const seen = [];
  const callbacks = [{ handleChatModelStart: () => void seen.push('array'), awaitHandlers: true }];
  const manager = new CallbackManager();
  manager.addHandler(
    BaseCallbackHandler.fromMethods({ handleChatModelStart: () => void seen.push('manager') }),
  );
  manager.handlers[0].awaitHandlers = true;
  const before = { callbacks: [...callbacks], handlers: [...manager.handlers] };
  const model = new FakeListChatModel({ responses: ['a'] });

  await model.invoke('hi', { callbacks });
  await model.invoke('hi', { callbacks: manager });
  second();
  await model.invoke('hi');

  assert.deepEqual(seen, ['array', 'manager']);
  assert.deepEqual(callbacks, before.callbacks);
  assert.deepEqual(manager.handlers, before.handlers);
  assert.deepEqual(
    otel.all('chat').map(({ attributes }) => attributes['user.id']),
    [undefined, undefined, undefined],
  );
});

test('a stream that nobody reads is ended by shutdown(), with the chain above it', async () => {
  await instrument();
  const chain = ChatPromptTemplate.fromMessages([['human', '{q}']]).pipe(
    new FakeListChatModel({ responses: ['abcdef'] }),
  );

  await chain.stream({ q: 'hi' });
  await sleep(20);
  await undo.shutdown();

  assert.equal(otel.one('invoke_workflow RunnableSequence').attributes['trubrics.abandoned'], true);
});

test('undone, nothing is traced', async () => {
  await instrument();
  const model = openAi();
  await model.invoke('hi');
  undo();
  await model.invoke('hi');

  assert.equal(otel.all('chat').length, 1);
});

test('a handler on constructor and call, and two instances, are one span', async () => {
  const handler = makeHandler();
  const model = new FakeListChatModel({ responses: ['a'], callbacks: [handler] });

  await model.invoke('hi', { callbacks: [handler, makeHandler()] });

  assert.equal(otel.spans.length, 1);
});
