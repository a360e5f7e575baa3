import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { CallbackManager } from '@langchain/core/callbacks/manager';
import * as managerModule from '@langchain/core/callbacks/manager';
import { HumanMessage } from '@langchain/core/messages';
import { BaseRetriever } from '@langchain/core/retrievers';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { Runnable, RunnableLambda } from '@langchain/core/runnables';
import { StructuredTool, tool } from '@langchain/core/tools';
import { FakeListChatModel, FakeStreamingLLM } from '@langchain/core/utils/testing';
import { ChatOpenAI } from '@langchain/openai';
import { context, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  instrumentLangChain,
  type InstrumentLangChainOptions,
  TrubricsCallbackHandler,
} from '../../../src/langchain/index.js';
import { type OpenAiServer, startOpenAiServer } from '../../support/openai-server.js';
import { parentId, tracing } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

let openAi: OpenAiServer;
beforeAll(async () => {
  openAi = await startOpenAiServer();
});
afterAll(() => openAi.close());

async function useInstrumentation(options: InstrumentLangChainOptions = {}) {
  const otel = tracing();
  const undo = instrumentLangChain({ tracerProvider: otel.tracerProvider, ...options });
  onTestFinished(undo);
  await undo.ready;
  return { otel, undo };
}

function chatModel({ tracer }: ReturnType<typeof tracing>): ChatOpenAI {
  const tracedFetch: typeof fetch = (input, init) => {
    const span = tracer.startSpan('POST');
    return fetch(input, init).finally(() => span.end());
  };
  return new ChatOpenAI({
    apiKey: 'test',
    model: 'm',
    configuration: { baseURL: openAi.url, fetch: tracedFetch },
  });
}

const idOf = (span: { spanContext(): { spanId: string } }) => span.spanContext().spanId;

describe('traced calls', () => {
  test('a call without a handler is traced with tags, metadata and options', async () => {
    const { otel } = await useInstrumentation({ tags: ['production'] });

    await new FakeListChatModel({ responses: ['a'] }).invoke('hi', {
      tags: ['mine'],
      metadata: { user_id: 'u-1' },
    });

    expect(otel.span('chat').attributes).toMatchObject({
      'trubrics.tags': ['langchain', 'production', 'mine'],
      'user.id': 'u-1',
    });
  });

  test('calls of the CommonJS copy of LangChain are traced', async () => {
    const { otel } = await useInstrumentation();
    const require = createRequire(import.meta.url);
    const { FakeListChatModel: Required } = require('@langchain/core/utils/testing') as {
      FakeListChatModel: typeof FakeListChatModel;
    };
    expect(Required).not.toBe(FakeListChatModel);

    await new Required({ responses: ['a'] }).invoke('hi');

    expect(otel.spans).toHaveLength(1);
  });

  test('calls in a server created before have the span of their request as parent', async () => {
    const model = new FakeListChatModel({ responses: ['a'] });
    const server = createServer((request, response) => {
      const http = trace.getTracer('http').startSpan(String(request.url));
      void context.with(trace.setSpan(context.active(), http), async () => {
        await model.invoke(String(request.url));
        http.end();
        response.end();
      });
    });
    const url = await listen(server);
    const { otel } = await useInstrumentation();
    trace.setGlobalTracerProvider(otel.tracerProvider);

    await Promise.all(Array.from({ length: 20 }, (_, i) => fetch(`${url}/${i}`)));
    server.close();
    trace.disable();

    const requests = new Map(
      otel.spans.filter(({ name }) => name.startsWith('/')).map((s) => [s.name, idOf(s)]),
    );
    const chats = otel.spans.filter(({ name }) => name.startsWith('chat'));
    expect(chats).toHaveLength(20);
    for (const chat of chats) {
      const path = /"content":"(\/\d+)"/.exec(String(chat.attributes['gen_ai.input.messages']))?.[1];
      expect(parentId(chat)).toBe(requests.get(String(path)));
    }
  });

  test('handlers, managers and arrays of the caller are not changed and still work', async () => {
    const { otel } = await useInstrumentation();
    const seen: string[] = [];
    const own = BaseCallbackHandler.fromMethods({ handleChatModelStart: () => void seen.push('own') });
    const callbacks = [own];
    const manager = CallbackManager.fromHandlers({ handleLLMEnd: () => void seen.push('manager') });
    const model = new FakeListChatModel({ responses: ['a'] });

    await model.invoke('hi', { callbacks });
    await model.invoke('hi', { callbacks: manager });

    expect(callbacks).toEqual([own]);
    expect(manager.handlers).toHaveLength(1);
    expect(seen).toHaveLength(2);
    expect(otel.spans).toHaveLength(2);
  });

  test('a call with a handler of its own is not traced twice', async () => {
    const { otel } = await useInstrumentation({ userId: 'process' });
    const handler = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, userId: 'call' });

    await new FakeListChatModel({ responses: ['a'] }).invoke('hi', { callbacks: [handler] });

    expect(otel.span('chat').attributes['user.id']).toBe('call');
  });

  test('user and conversation are read from configurable, and metadata has priority', async () => {
    const { otel } = await useInstrumentation();
    const chain = RunnableLambda.from((x: string) => x).pipe(new FakeListChatModel({ responses: ['a'] }));
    const configurable = { user_id: 'u-1', thread_id: 't-1', api_key: 'secret' };

    await chain.invoke('hi', { configurable });
    await chain.invoke('hi', { configurable, metadata: { user_id: 'u-2' } });

    expect(otel.spans.map(({ attributes }) => attributes['session.id'])).toEqual(Array(6).fill('t-1'));
    expect(otel.spans.map(({ attributes }) => attributes['user.id'])).toEqual([
      ...Array<string>(3).fill('u-1'),
      ...Array<string>(3).fill('u-2'),
    ]);
    expect(JSON.stringify(otel.spans.map(({ attributes }) => attributes))).not.toContain('secret');
  });
});

describe('repeated calls and undo', () => {
  test('a second instrumentLangChain() and its undo have no effect', async () => {
    const { otel } = await useInstrumentation();
    const second = instrumentLangChain({ tracerProvider: otel.tracerProvider, userId: 'second' });
    const model = new FakeListChatModel({ responses: ['a'] });

    await model.invoke('hi');
    second();
    await model.invoke('hi');

    expect(otel.spans).toHaveLength(2);
    expect(otel.spans.map(({ attributes }) => attributes['user.id'])).toEqual([undefined, undefined]);
  });

  test('undo restores all methods and ends tracing', async () => {
    const prototypes = [
      CallbackManager,
      Object.getPrototypeOf(FakeListChatModel.prototype),
      ChatOpenAI.prototype,
    ];
    const before = prototypes.map((owner: object) => Object.getOwnPropertyDescriptors(owner));
    const { otel, undo } = await useInstrumentation();
    const model = chatModel(otel);
    await model.invoke('hi');

    undo();
    await model.invoke('hi');

    expect(prototypes.map((owner: object) => Object.getOwnPropertyDescriptors(owner))).toEqual(before);
    expect(otel.spans.filter(({ name }) => name.startsWith('chat'))).toHaveLength(1);
  });

  test('undo before ready prevents the instrumentation', async () => {
    const otel = tracing();
    const undo = instrumentLangChain({ tracerProvider: otel.tracerProvider });
    undo();
    await undo.ready;

    await new FakeListChatModel({ responses: ['a'] }).invoke('hi');

    expect(otel.spans).toHaveLength(0);
  });

  test('undo keeps the patch that another library applied in the meantime', async () => {
    const { otel, undo } = await useInstrumentation();
    const manager = CallbackManager as unknown as { _configureSync: (...args: unknown[]) => unknown };
    const ours = manager._configureSync;
    let calls = 0;
    const theirs = function (this: unknown, ...args: unknown[]): unknown {
      calls += 1;
      return ours.apply(this, args);
    };
    manager._configureSync = theirs;

    undo();
    await new FakeListChatModel({ responses: ['a'] }).invoke('hi');

    expect(manager._configureSync).toBe(theirs);
    expect(calls).toBe(1);
    expect(otel.spans).toHaveLength(0);
  });

  test('modules passed as an option are instrumented at once', async () => {
    const otel = tracing();
    onTestFinished(instrumentLangChain({ tracerProvider: otel.tracerProvider, modules: [managerModule] }));

    await new FakeListChatModel({ responses: ['a'] }).invoke('hi');

    expect(otel.spans).toHaveLength(1);
  });

  test('a model that refuses to be inspected is called and traced as usual', async () => {
    const { otel } = await useInstrumentation();
    const fail = () => {
      throw new Error('trap');
    };
    const refusing = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, key) => {
          if (key === 'lg_is_pregel') fail();
          const value: unknown = Reflect.get(object, key, object);
          return typeof value === 'function' ? (value.bind(object) as unknown) : value;
        },
        getPrototypeOf: fail,
      });
    const model = refusing(new FakeListChatModel({ responses: ['a'] }));
    const invoked = await BaseChatModel.prototype.invoke.call(model, 'hi');
    const chunks: unknown[] = [];
    for await (const chunk of await Runnable.prototype.stream.call(model, 'hi')) chunks.push(chunk);

    expect(invoked.text).toBe('a');
    expect(chunks).toHaveLength(1);
    expect(otel.spans).toHaveLength(2);
  });

  test('a wrong option of instrumentLangChain() throws a TypeError', () => {
    expect(() => instrumentLangChain({ modules: 'core' as never })).toThrow(
      /"modules" must be an array of modules, not "core"/,
    );
    expect(() => instrumentLangChain({ userId: 7 as never })).toThrow(
      /"userId" must be a non-empty string, not 7/,
    );
  });
});

describe('active spans', () => {
  test.each(['invoke', 'stream', 'generate', 'chain'])(
    'the HTTP spans of %s are children of the model span',
    async (how) => {
      const { otel } = await useInstrumentation();
      const model = chatModel(otel);

      if (how === 'invoke') await model.invoke('hi');
      else if (how === 'generate') await model.generate([[new HumanMessage('a')], [new HumanMessage('b')]]);
      else if (how === 'chain')
        for await (const _ of await RunnableLambda.from((x: string) => x)
          .pipe(model)
          .stream('hi'));
      else for await (const _ of await model.stream('hi'));

      const chats = otel.spans.filter(({ name }) => name.startsWith('chat')).map(idOf);
      const requests = otel.spans.filter(({ name }) => name === 'POST').map(parentId);
      expect(requests.length).toBeGreaterThan(0);
      expect(new Set(requests)).toEqual(new Set(chats));
    },
  );

  test('own spans are children of the tool, lambda or retriever that starts them', async () => {
    const { otel } = await useInstrumentation();
    const work = (name: string) => otel.tracer.startSpan(name, {}, context.active()).end();
    const plain = tool(() => (work('in tool()'), ''), { name: 'plain', description: 'd' });
    const chain = RunnableLambda.from(async () => {
      work('in lambda');
      await plain.invoke('x');
      await new OwnTool(() => work('in a class')).invoke({});
      await new OwnRetriever(() => work('in a retriever')).invoke('x');
    });

    await chain.invoke('x');

    const under = (name: string) => otel.spans.find((span) => idOf(span) === parentId(otel.span(name)))?.name;
    expect(under('in lambda')).toBe('invoke_workflow RunnableLambda');
    expect(under('in tool()')).toBe('execute_tool plain');
    expect(under('in a class')).toBe('execute_tool OwnTool');
    expect(under('in a retriever')).toBe('retrieval OwnRetriever');
    expect(under('execute_tool plain')).toBe('invoke_workflow RunnableLambda');
  });

  test('an own span between two runs stays between them in the trace', async () => {
    const { otel } = await useInstrumentation();
    const model = new FakeListChatModel({ responses: ['ab'] });
    const chain = RunnableLambda.from(async () => {
      const mine = otel.tracer.startSpan('mine');
      await context.with(trace.setSpan(context.active(), mine), async () => {
        for await (const _ of await model.stream('hi'));
      });
      mine.end();
    });

    await chain.invoke('x');

    expect(parentId(otel.span('chat'))).toBe(idOf(otel.span('mine')));
    expect(parentId(otel.span('mine'))).toBe(idOf(otel.span('invoke_workflow')));
  });

  test('the caller of an instrumented call keeps its own context', async () => {
    const { otel } = await useInstrumentation();
    const model = chatModel(otel);
    const request = otel.tracer.startSpan('request');

    await context.with(trace.setSpan(context.active(), request), async () => {
      await model.invoke('hi');
      expect(trace.getActiveSpan()).toBe(request);
      for await (const _ of await model.stream('hi')) expect(trace.getActiveSpan()).toBe(request);
      await RunnableLambda.from(() => '').invoke('x');
      expect(trace.getActiveSpan()).toBe(request);
    });
  });

  test('activate: false traces a call without changing the context', async () => {
    const { otel } = await useInstrumentation({ activate: false });

    await chatModel(otel).invoke('hi');

    expect(parentId(otel.span('POST'))).toBeUndefined();
  });
});

describe('streams left by their reader', () => {
  const model = () => new FakeListChatModel({ responses: ['abcdef'] });
  const answer = (otel: ReturnType<typeof tracing>) =>
    /"content":"(.*?)"/.exec(String(otel.span('chat').attributes['gen_ai.output.messages']))?.[1];

  test.each<[string, (stream: ReadableStream<unknown> & AsyncIterable<unknown>) => Promise<void>]>([
    [
      'break',
      async (stream) => {
        let chunks = 0;
        for await (const _ of stream) if (++chunks === 3) break;
      },
    ],
    [
      'a throw in the loop',
      async (stream) => {
        let chunks = 0;
        const loop = async () => {
          for await (const _ of stream) if (++chunks === 3) throw new Error('enough');
        };
        await expect(loop()).rejects.toThrow('enough');
      },
    ],
    [
      'reader.cancel()',
      async (stream) => {
        const reader = stream.getReader();
        for (let chunks = 0; chunks < 3; chunks += 1) await reader.read();
        await reader.cancel();
      },
    ],
  ])('a stream left by %s ends its span with the text so far', async (_name, leave) => {
    const { otel } = await useInstrumentation();

    await leave(await model().stream('hi'));
    await expect.poll(() => otel.spans.length).toBe(1);

    expect(answer(otel)).toMatch(/^abc/);
    expect(otel.span('chat').attributes).toMatchObject({
      'trubrics.abandoned': true,
      'gen_ai.request.stream': true,
    });
    expect(otel.span('chat').status.code).toBe(0);
  });

  test('the sequence and steps around a model end with its stream', async () => {
    const { otel } = await useInstrumentation();
    const chain = RunnableLambda.from((x: string) => x)
      .pipe(model())
      .pipe(RunnableLambda.from((message) => message));

    for await (const _ of await chain.stream('hi')) break;
    await expect.poll(() => otel.spans.map(({ name }) => name)).toContain('invoke_workflow RunnableSequence');

    const root = otel.span('invoke_workflow RunnableSequence');
    expect(root.attributes['trubrics.abandoned']).toBe(true);
    expect(otel.spans).toHaveLength(4);
    expect(new Set(otel.spans.map(parentId))).toEqual(new Set([undefined, idOf(root)]));
  });

  test('a lambda that leaves a stream ends normally', async () => {
    const { otel } = await useInstrumentation();
    const lambda = RunnableLambda.from(async (text: string) => {
      for await (const _ of await model().stream(text)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return 'done';
    });

    await lambda.invoke('hi');

    expect(otel.span('invoke_workflow').attributes).not.toHaveProperty('trubrics.abandoned');
    expect(otel.span('chat').attributes['trubrics.abandoned']).toBe(true);
  });

  test('a stream of a text completion that is left ends its span', async () => {
    const { otel } = await useInstrumentation();

    for await (const _ of await new FakeStreamingLLM({ responses: ['abc'], sleep: 0 }).stream('hi')) break;
    await expect.poll(() => otel.spans.length).toBe(1);

    expect(otel.span('text_completion').attributes['trubrics.abandoned']).toBe(true);
  });

  test('a stream that is never read is ended by shutdown()', async () => {
    const { otel, undo } = await useInstrumentation();

    await model().stream('hi');
    await undo.shutdown();

    expect(otel.span('chat').attributes['trubrics.abandoned']).toBe(true);
  });

  test('a stream that is read to its end or fails is not marked as abandoned', async () => {
    const { otel } = await useInstrumentation();

    for await (const _ of await model().stream('hi'));
    const failing = new FakeListChatModel({ responses: ['abc'], sleep: 5 });
    const reading = (async () => {
      for await (const _ of await failing.stream('hi', { timeout: 8 }));
    })();
    await expect(reading).rejects.toThrow();
    await expect.poll(() => otel.spans.length).toBe(2);

    expect(otel.spans[0]?.attributes).not.toHaveProperty('trubrics.abandoned');
    expect(otel.spans[1]?.status.code).toBe(2);
  });
});

class OwnTool extends StructuredTool {
  override name = 'own';
  override description = 'd';
  schema = { type: 'object', properties: {} } as const;
  readonly work: () => void;
  constructor(work: () => void) {
    super();
    this.work = work;
  }
  protected override _call(): Promise<string> {
    this.work();
    return Promise.resolve('');
  }
}

class OwnRetriever extends BaseRetriever {
  lc_namespace = ['test'];
  readonly work: () => void;
  constructor(work: () => void) {
    super();
    this.work = work;
  }
  override _getRelevantDocuments(): Promise<[]> {
    this.work();
    return Promise.resolve([]);
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
