import { RunnableLambda } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { FakeListChatModel, FakeRetriever } from '@langchain/core/utils/testing';
import { describe, expect, test } from 'vitest';
import { withTrubrics } from '../../../src/identity/with-trubrics.js';
import { instrumentLangChain, TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { type OpenAiServer, answerTo } from '../../support/openai-server.js';
import { openAiModel } from '../../support/openai-model.js';
import { firstText, json, parentId, tracing } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useDiag } from '../../support/use-diag.js';
import { useHandler } from '../../support/use-handler.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';
import { eventually } from '../../support/eventually.js';

useContextManager();

const ID = '0199c0de-0000-7000-8000-000000000001';
const QUESTIONS = ['one', 'two', 'three'];

type Spans = ReturnType<typeof tracing>;

/** Question and answer of each chat span, in the order of the questions. */
function chats(otel: Spans): string[] {
  return otel.spans
    .filter(({ name }) => name.startsWith('chat'))
    .map((span) => `${questionOf(span)} -> ${firstText(span)}`)
    .toSorted();
}

function questionOf(span: Spans['spans'][number]): string {
  const [message] = json(span, 'gen_ai.input.messages') as { parts: { content: string }[] }[];
  return message?.parts[0]?.content ?? '';
}

function pairs(questions: readonly string[]): string[] {
  return questions.map((question) => `${question} -> ${answerTo(question)}`).toSorted();
}

interface SharedConfig {
  readonly runId: string;
  readonly callbacks: TrubricsCallbackHandler[];
}

/** Ways in which an application gives several calls one run id. */
const CALLS: Record<
  string,
  (server: OpenAiServer, config: SharedConfig) => (text: string) => Promise<unknown>
> = {
  'a config shared by calls of a model': (server, config) => (text) =>
    openAiModel(server).invoke(text, config),
  'a config shared by streams of a model': (server, config) => async (text) => {
    for await (const _ of await openAiModel(server).stream(text, config));
  },
  'a model with withConfig()': (server, { runId, callbacks }) => {
    const bound = openAiModel(server).withConfig({ runId });
    return (text) => bound.invoke(text, { callbacks });
  },
  'a config shared by calls of a chain': (server, config) => {
    const chain = RunnableLambda.from((text: string) => text).pipe(openAiModel(server));
    return (text) => chain.invoke(text, config);
  },
  'a chain whose model gets the config of the chain': (server, config) => {
    const chain = RunnableLambda.from((text: string) => openAiModel(server).invoke(text, config));
    return (text) => chain.invoke(text, config);
  },
};

describe('a run id that is used again', () => {
  const order = ['one after the other', 'at the same time'] as const;
  test.each(
    Object.entries(CALLS).flatMap(([name, setUp]) => order.map((when) => [name, when, setUp] as const)),
  )('each call has its own span: %s, %s', async (_name, when, setUp) => {
    const { otel, handler } = useHandler();
    const call = setUp(await useOpenAiServer({ delayMs: 2 }), { runId: ID, callbacks: [handler] });

    if (when === 'at the same time') await Promise.all(QUESTIONS.map((text) => call(text)));
    else for (const text of QUESTIONS) await call(text);

    expect(chats(otel)).toEqual(pairs(QUESTIONS));
  });

  test('concurrent chains with one id keep user, parent and trace apart by their metadata', async () => {
    const { otel, handler } = useHandler();
    const server = await useOpenAiServer({ delayMs: 2 });
    const chain = RunnableLambda.from((text: string) => text).pipe(openAiModel(server));

    await Promise.all(
      QUESTIONS.map((text) =>
        chain.invoke(text, { runId: ID, callbacks: [handler], metadata: { user_id: text } }),
      ),
    );

    expect(chats(otel)).toEqual(pairs(QUESTIONS));
    for (const span of otel.spans.filter(({ name }) => name.startsWith('chat'))) {
      const parent = otel.spans.find((other) => other.spanContext().spanId === parentId(span));
      expect(span.attributes['user.id']).toBe(questionOf(span));
      expect(parent?.attributes['user.id']).toBe(questionOf(span));
    }
  });

  test('concurrent chains with one id are told apart by withTrubrics()', async () => {
    const { otel, handler } = useHandler();
    const chain = RunnableLambda.from((text: string) => text).pipe(
      openAiModel(await useOpenAiServer({ delayMs: 2 })),
    );

    await Promise.all(
      QUESTIONS.map((text) =>
        withTrubrics({ userId: text }, () => chain.invoke(text, { runId: ID, callbacks: [handler] })),
      ),
    );

    for (const span of otel.spans.filter(({ name }) => name.startsWith('chat'))) {
      const parent = otel.spans.find((other) => other.spanContext().spanId === parentId(span));
      expect(parent?.attributes['user.id']).toBe(questionOf(span));
    }
  });

  test('children of concurrent chains that nothing tells apart have no parent, and one warning says so', async () => {
    const diag = useDiag();
    const { otel, handler } = useHandler();
    const chain = RunnableLambda.from((text: string) => text).pipe(
      openAiModel(await useOpenAiServer({ delayMs: 2 })),
    );

    await Promise.all(['one', 'two'].map((text) => chain.invoke(text, { runId: ID, callbacks: [handler] })));

    expect(chats(otel)).toEqual(pairs(['one', 'two']));
    const traces = otel.spans
      .filter(({ name }) => name.startsWith('chat'))
      .map((s) => s.spanContext().traceId);
    expect(new Set(traces).size).toBe(2);
    expect(diag.filter(({ text }) => text.includes('has the id of an earlier run'))).toHaveLength(1);
    expect(diag.filter(({ text }) => text.includes('cannot be told apart'))).toHaveLength(1);
  });

  test('concurrent calls with one id are kept apart in the process-wide mode', async () => {
    const otel = tracing();
    const undo = instrumentLangChain({ tracerProvider: otel.tracerProvider });
    await undo.ready;
    const server = await useOpenAiServer({ delayMs: 2 });
    const chain = RunnableLambda.from((text: string) => openAiModel(server).invoke(text));
    try {
      await Promise.all(
        QUESTIONS.map(async (text) => {
          await openAiModel(server).invoke(`model ${text}`, { runId: ID });
          await chain.invoke(text, { runId: ID, metadata: { user_id: text } });
        }),
      );
    } finally {
      undo();
    }

    expect(chats(otel)).toEqual(pairs([...QUESTIONS, ...QUESTIONS.map((text) => `model ${text}`)]));
  });

  test('tools and retrievers with one id have a span each', async () => {
    const { otel, handler } = useHandler();
    const search = tool((q: string) => `found ${q}`, { name: 'search', description: 'Searches.' });
    const config = { runId: ID, callbacks: [handler] };

    await Promise.all(['a', 'b'].map((q) => search.invoke(q, config)));
    await Promise.all(['a', 'b'].map((q) => new FakeRetriever().invoke(q, config)));

    const results = otel.spans.map(({ attributes }) => attributes['gen_ai.tool.call.result']);
    expect(new Set(results)).toEqual(new Set(['found a', 'found b', undefined]));
    const queries = otel.spans.map(({ attributes }) => attributes['gen_ai.retrieval.query.text']);
    expect(new Set(queries)).toEqual(new Set(['a', 'b', undefined]));
  });

  test('a run with the id of an abandoned stream does not get its tokens or its end', async () => {
    const { otel, handler } = useHandler();
    const slow = new FakeListChatModel({ responses: ['abcdef'], sleep: 5 });
    const config = { runId: ID, callbacks: [handler] };

    for await (const _ of await slow.stream('left', config)) break;
    await new FakeListChatModel({ responses: ['answer'] }).invoke('asked', config);
    await handler.shutdown();

    const [asked, left] = otel.spans;
    expect(asked && firstText(asked)).toBe('answer');
    expect(left?.attributes['trubrics.abandoned']).toBe(true);
    expect(otel.spans).toHaveLength(2);
  });

  test.each([
    ['two handlers on one provider', true],
    ['two handlers on one provider, one of them in the background', false],
  ])('each of two calls with one id has one span: %s', async (_name, awaited) => {
    const { otel, handler } = useHandler();
    const second = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider });
    second.awaitHandlers = awaited;
    const model = new FakeListChatModel({ responses: ['a'], callbacks: [handler] });

    for (const text of ['one', 'two']) await model.invoke(text, { runId: ID, callbacks: [handler, second] });
    // The queue of handlers in the background reports each run again, after its end.
    await eventually(() => expect(otel.spans.length).toBeGreaterThanOrEqual(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await handler.shutdown();
    await second.shutdown();

    expect(chats(otel)).toEqual(['one -> a', 'two -> a']);
    expect(otel.spans).toHaveLength(2);
  });
});
