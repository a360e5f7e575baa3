import type { AIMessage } from '@langchain/core/messages';
import { StringPromptValue } from '@langchain/core/prompt_values';
import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel, FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { TrubricsSpanProcessor } from '../../src/index.js';
import { TrubricsCallbackHandler } from '../../src/langchain/index.js';
import { trubricsHandler } from '../../src/standalone/index.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useDiag } from '../support/use-diag.js';
import { useServer } from '../support/use-server.js';

useContextManager();
afterEach(() => trace.disable());

type Destination = ReturnType<typeof memoryDestination>;
type Handlers = readonly (TrubricsCallbackHandler & { flush?: () => Promise<void> })[];

/** Handlers of one call, as users combine them. Each has options of its own. */
const COMBINATIONS: Readonly<Record<string, (destination: Destination) => Handlers>> = {
  'two of ./standalone': (destination) => [
    trubricsHandler({ destination, properties: { a: 1 } }),
    trubricsHandler({ destination, properties: { b: 2 }, maxTextLength: 500 }),
  ],
  './langchain, then ./standalone': (destination) => [
    new TrubricsCallbackHandler(),
    trubricsHandler({ destination }),
  ],
  './standalone, then ./langchain': (destination) => [
    trubricsHandler({ destination }),
    new TrubricsCallbackHandler({ tags: ['mine'] }),
  ],
  'three of both': (destination) => [
    trubricsHandler({ destination, userId: () => 'ada' }),
    new TrubricsCallbackHandler(),
    trubricsHandler({ destination, userId: () => 'bob' }),
  ],
};

/** Calls of an application. Each returns the number of records that it has to give. */
const APPLICATIONS: Readonly<Record<string, (callbacks: object[]) => Promise<number>>> = {
  'one call': async (callbacks) => {
    await model().invoke('hi', { callbacks });
    return 1;
  },
  'the handlers on the model and on the call': async (callbacks) => {
    const [onModel, ...onCall] = callbacks;
    await new FakeListChatModel({ responses: ['Paris.'], ...(onModel && { callbacks: [onModel] }) }).invoke(
      'hi',
      {
        callbacks: onCall,
      },
    );
    return 1;
  },
  'a stream': async (callbacks) => {
    for await (const _ of await model().stream('hi', { callbacks }));
    return 1;
  },
  'a batch': async (callbacks) => {
    await model().batch(['one', 'two', 'three'], { callbacks });
    return 3;
  },
  'several prompts in one generate()': async (callbacks) => {
    const prompts = ['one', 'two'].map((text) => new StringPromptValue(text));
    await model().generatePrompt(prompts, { callbacks });
    return 2;
  },
  'concurrent calls with one runId': async (callbacks) => {
    const config = { callbacks, runId: crypto.randomUUID() };
    await Promise.all(['one', 'two', 'three'].map((question) => model().invoke(question, config)));
    return 3;
  },
  'nested chains': async (callbacks) => {
    const inner = RunnableLambda.from((text: string) => `${text}?`).pipe(model());
    const outer = RunnableLambda.from((text: string) => text.trim())
      .pipe(inner)
      .pipe((message: AIMessage) => message.text)
      .pipe(model());
    await outer.invoke(' hi ', { callbacks });
    return 2;
  },
};

function model() {
  return new FakeListChatModel({ responses: ['Paris.'], sleep: 2 });
}

/** Registers a provider. With `ownDestination` it has a span processor of ours, which sends there. */
function registerProvider(ownDestination?: Destination) {
  const exporter = new InMemorySpanExporter();
  const processor = ownDestination && new TrubricsSpanProcessor({ destination: ownDestination });
  const spanProcessors = [new SimpleSpanProcessor(exporter), ...(processor ? [processor] : [])];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  return { exporter, flush: () => processor?.flush() };
}

async function finish(handlers: Handlers): Promise<void> {
  for (const handler of handlers) await handler.shutdown();
}

describe.each(Object.keys(COMBINATIONS))('handlers of one call: %s', (combination) => {
  const makeHandlers = (destination: Destination): Handlers => COMBINATIONS[combination]?.(destination) ?? [];

  test.each(Object.keys(APPLICATIONS))(
    'beside a processor of the application, it alone records, each call once: %s',
    async (application) => {
      const [own, others] = [memoryDestination(), memoryDestination()];
      const { exporter, flush } = registerProvider(own);
      const lines = useDiag();
      const handlers = makeHandlers(others);

      const expected = await APPLICATIONS[application]?.([...handlers]);
      await finish(handlers);
      await flush();

      expect(others.records).toEqual([]);
      expect(own.records.map(({ generation }) => generation)).toEqual(Array(expected).fill('Paris.'));
      const runs = exporter.getFinishedSpans().map(({ attributes }) => attributes['trubrics.run.id']);
      expect(runs).toHaveLength(
        new Set(exporter.getFinishedSpans().map((span) => span.spanContext().spanId)).size,
      );
      expect(lines.filter(({ level, text }) => level !== 'debug' && /ended Span/i.test(text))).toEqual([]);
    },
  );

  test.each(Object.keys(APPLICATIONS))(
    'at a provider without our processor, each call is one record: %s',
    async (application) => {
      const destination = memoryDestination();
      const { exporter } = registerProvider();
      const handlers = makeHandlers(destination);

      const expected = await APPLICATIONS[application]?.([...handlers]);
      await finish(handlers);

      expect(destination.records.map(({ generation }) => generation)).toEqual(Array(expected).fill('Paris.'));
      const chats = exporter.getFinishedSpans().filter(({ name }) => name.startsWith('chat'));
      expect(chats).toHaveLength(expected ?? 0);
    },
  );

  test.each(Object.keys(APPLICATIONS))(
    'without a provider, each call is one record: %s',
    async (application) => {
      const destination = memoryDestination();
      const handlers = makeHandlers(destination);

      const expected = await APPLICATIONS[application]?.([...handlers]);
      await finish(handlers);

      expect(destination.records.map(({ generation }) => generation)).toEqual(Array(expected).fill('Paris.'));
    },
  );

  test('a call that fails is one event', async () => {
    const own = memoryDestination();
    const { flush } = registerProvider(own);
    const handlers = makeHandlers(memoryDestination());
    const failing = new FakeStreamingChatModel({ responses: [], thrownErrorString: 'no quota' });

    await expect(failing.invoke('hi', { callbacks: [...handlers] })).rejects.toThrow('no quota');
    await finish(handlers);
    await flush();

    expect(own.records).toEqual([]);
    expect(own.events.map(({ event }) => event)).toEqual(['LLM error']);
  });
});

test('handlers with different destinations send a call to each of them, under one id', async () => {
  const [first, second] = [memoryDestination(), memoryDestination()];
  registerProvider();
  const handlers = [trubricsHandler({ destination: first }), trubricsHandler({ destination: second })];

  await model().invoke('hi', { callbacks: handlers });
  await finish(handlers);

  expect(first.records).toMatchObject([{ generation: 'Paris.' }]);
  expect(second.records).toMatchObject([{ generation: 'Paris.', id: first.records[0]?.id }]);
});

test('handlers with different options and one server send one record', async () => {
  const server = await useServer();
  registerProvider();
  const options = { host: server.ingestionUrl, flushOnExit: false };
  const handlers = [
    trubricsHandler({ ...options, project: 'a' }),
    trubricsHandler({ ...options, granularity: 'turn' }),
  ];

  await model().invoke('hi', { callbacks: handlers });
  await finish(handlers);

  expect(server.records()).toHaveLength(1);
});

test('handlers that see different parts of a chain give one span for each run, in one tree', async () => {
  const own = memoryDestination();
  const { exporter, flush } = registerProvider(own);
  const onModel = trubricsHandler({ destination: memoryDestination() });
  const inner = new FakeListChatModel({ responses: ['Paris.'], callbacks: [onModel] });
  const chain = RunnableLambda.from((text: string) => text).pipe(inner);
  onTestFinished(() => onModel.shutdown());

  await chain.invoke('hi', { callbacks: [new TrubricsCallbackHandler()] });
  await flush();

  expect(own.records).toHaveLength(1);
  const spans = exporter.getFinishedSpans();
  const parents = spans.map(({ parentSpanContext }) => parentSpanContext?.spanId);
  const chat = spans.find(({ name }) => name.startsWith('chat'));
  expect(chat?.parentSpanContext).toBeDefined();
  expect(parents.filter((id) => id === undefined)).toHaveLength(1);
});
