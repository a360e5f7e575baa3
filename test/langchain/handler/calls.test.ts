import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { context, ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { answerTo, type OpenAiServer, startOpenAiServer } from '../../support/openai-server.js';
import { json, statusOf } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useHandler } from '../../support/use-handler.js';
import { openAiModel } from '../../support/openai-model.js';

useContextManager();

let server: OpenAiServer;
let slow: OpenAiServer;
beforeAll(async () => {
  [server, slow] = await Promise.all([startOpenAiServer(), startOpenAiServer({ delayMs: 200 })]);
});
afterAll(() => Promise.all([server.close(), slow.close()]));

function model(fields: Record<string, unknown> = {}, from = server) {
  return openAiModel(from, fields);
}

const answerOf = (span: Parameters<typeof json>[0]) =>
  (json(span, 'gen_ai.output.messages') as { parts: unknown[] }[])[0]?.parts;

afterEach(() => vi.useRealTimers());

describe('streamEvents', () => {
  test.each(['v1', 'v2'] as const)(
    'streamEvents() %s of a model gives one span, marked as a stream',
    async (version) => {
      const { otel, handler } = useHandler();

      for await (const _ of model().streamEvents('hi', { version, callbacks: [handler] }));

      const span = otel.span('chat');
      expect(answerOf(span)).toEqual([{ type: 'text', content: answerTo('hi') }]);
      expect(span.attributes['gen_ai.request.stream']).toBe(true);
      expect(span.attributes['gen_ai.usage.output_tokens']).toBe(5);
    },
  );

  test.each(['v1', 'v2'] as const)(
    'streamEvents() %s of a chain gives one span for each run',
    async (version) => {
      const { otel, handler } = useHandler();
      const chain = RunnableLambda.from((text: string) => text).pipe(model());

      for await (const _ of chain.streamEvents('hi', { version, callbacks: [handler] }));

      expect(otel.spans.map(({ name }) => name).toSorted()).toEqual([
        'chat gpt-4o-mini',
        'invoke_workflow RunnableLambda',
        'invoke_workflow RunnableSequence',
      ]);
    },
  );

  test('streamEvents() v2 left by break ends its span', async () => {
    const { otel, handler } = useHandler();

    for await (const { event } of model({}, slow).streamEvents('one two three', {
      version: 'v2',
      callbacks: [handler],
    })) {
      if (event === 'on_chat_model_stream') break;
    }
    await expect.poll(() => otel.spans.length).toBe(1);
  });
});

describe('timeouts and aborts', () => {
  test.each([
    ['of the call', {}, { timeout: 20 }],
    ['of the model', { timeout: 20 }, {}],
  ])('a timeout %s is recorded as an error', async (_whose, fields, config) => {
    const { otel, handler } = useHandler();

    await expect(model(fields, slow).invoke('hi', { ...config, callbacks: [handler] })).rejects.toThrow();
    await expect.poll(() => otel.spans.length).toBe(1);

    expect(statusOf(otel.span('chat'))).toBe(SpanStatusCode.ERROR);
    expect(String(otel.span('chat').attributes['error.type'])).toMatch(/Timeout|Abort|TIMEOUT|ABORT/);
  });

  test('a call with a signal that is aborted already is recorded as an error', async () => {
    const { otel, handler } = useHandler();

    const call = model().invoke('hi', { signal: AbortSignal.abort(), callbacks: [handler] });
    await expect(call).rejects.toThrow();
    await handler.shutdown();

    expect(otel.spans.map(statusOf)).toEqual([SpanStatusCode.ERROR]);
  });

  test('an abort during invoke() is recorded as an abort', async () => {
    const { otel, handler } = useHandler();
    const controller = new AbortController();

    const call = model({}, slow).invoke('hi', { signal: controller.signal, callbacks: [handler] });
    setTimeout(() => controller.abort(), 20);
    await expect(call).rejects.toThrow();
    await expect.poll(() => otel.spans.length).toBe(1);

    expect(otel.span('chat').attributes['error.type']).toMatch(/Abort|ABORT/);
  });

  test('a model that does not react to an abort is ended after ten seconds', () => {
    vi.useFakeTimers();
    const { otel, handler } = useHandler();
    const controller = new AbortController();

    handler.handleChatModelStart({}, [[]], 'run', undefined, { options: { signal: controller.signal } });
    controller.abort();
    vi.advanceTimersByTime(5_000);
    expect(otel.spans).toHaveLength(0);
    vi.advanceTimersByTime(10_000);

    expect(otel.span('chat').attributes['trubrics.abandoned']).toBe(true);
  });

  test('a chain aborted while its reader is busy ends with its steps', async () => {
    const { otel, handler } = useHandler();
    const controller = new AbortController();
    const chain = RunnableLambda.from((text: string) => text).pipe(
      new FakeListChatModel({ responses: ['abcdef'] }),
    );

    let chunks = 0;
    const reading = (async () => {
      for await (const _ of await chain.stream('hi', { signal: controller.signal, callbacks: [handler] })) {
        if (++chunks < 2) continue;
        controller.abort();
        break;
      }
    })();
    await reading.catch(() => {});
    await expect.poll(() => otel.spans.length).toBe(3);

    expect(otel.spans.map(({ name }) => name)).toContain('invoke_workflow RunnableSequence');
  });
});

describe('many at once', () => {
  test('prompts, answers and errors of a batch are not mixed up', async () => {
    const { otel, handler } = useHandler();
    const chain = RunnableLambda.from(async (text: string, config) => {
      if (text === 'bad') throw new RangeError('bad');
      return model().invoke(text, config);
    });

    const results = await chain.batch(
      ['a', 'bad', 'b'],
      { callbacks: [handler] },
      { returnExceptions: true },
    );

    expect(results[1]).toBeInstanceOf(RangeError);
    const chats = otel.spans.filter(({ name }) => name.startsWith('chat'));
    expect(chats.map(answerOf)).toEqual(
      expect.arrayContaining(['a', 'b'].map((text) => [{ type: 'text', content: answerTo(text) }])),
    );
    const failed = otel.spans.filter((span) => statusOf(span) === SpanStatusCode.ERROR);
    expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual(['RangeError']);
  });
});

describe('content blocks', () => {
  test.each(['invoke', 'stream'] as const)(
    '%s() with outputVersion "v1" records the same answer',
    async (how) => {
      const { otel, handler } = useHandler();
      const v1 = model({ outputVersion: 'v1' });

      const config = { callbacks: [handler] };
      const contents: unknown[] = [];
      if (how === 'invoke') contents.push((await v1.invoke('hi', config)).content);
      else for await (const { content } of await v1.stream('hi', config)) contents.push(content);
      expect(contents.length).toBeGreaterThan(0);
      expect(contents.every(Array.isArray)).toBe(true);

      expect(answerOf(otel.span('chat'))).toEqual([{ type: 'text', content: answerTo('hi') }]);
      expect(otel.span('chat').attributes).toMatchObject({
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 10,
      });
    },
  );

  test('a tool call with outputVersion "v1" is recorded once', async () => {
    const { otel, handler } = useHandler();
    const tools = [{ type: 'function', function: { name: 'search', parameters: { type: 'object' } } }];

    await model({ outputVersion: 'v1' }).invoke('use search', { tools, callbacks: [handler] });

    expect(answerOf(otel.span('chat'))).toEqual([
      { type: 'tool_call', id: 'call_1', name: 'search', arguments: { input: 'use search' } },
    ]);
  });
});

describe('soak', () => {
  test('100,000 runs, a third of them abandoned, do not grow the heap', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let ended = 0;
    let abandoned = 0;
    const nothing = () => Promise.resolve();
    const counter: SpanProcessor = {
      onStart: () => {},
      onEnd: ({ attributes }) => {
        ended += 1;
        if (attributes['trubrics.abandoned'] === true) abandoned += 1;
      },
      forceFlush: nothing,
      shutdown: nothing,
    };
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [counter] });
    const handler = new TrubricsCallbackHandler({ tracerProvider, maxOpenRuns: 1_000 });
    const text = 'x'.repeat(500);
    const run = (i: number) => {
      const chain = `chain-${i}`;
      handler.handleChainStart({}, {}, chain, undefined, [], { user_id: `u-${i}` });
      handler.handleChatModelStart({}, [[{ type: 'human', content: text }]], `model-${i}`, chain);
      handler.handleLLMNewToken(text, { completion: 0 }, `model-${i}`);
      if (i % 3 === 0) return;
      handler.handleLLMEnd({ generations: [[{ text }]] }, `model-${i}`);
      handler.handleChainEnd({}, chain);
    };
    const heapAfter = (from: number, to: number) => {
      // Each run begins in a context of its own, as requests do.
      for (let i = from; i < to; i += 1) context.with(ROOT_CONTEXT, () => run(i));
      collect();
      return process.memoryUsage().heapUsed;
    };

    const early = heapAfter(0, 10_000);
    const late = heapAfter(10_000, 50_000);

    expect((late - early) / 1e6).toBeLessThan(3);
    expect(ended).toBeGreaterThanOrEqual(100_000 - 1_000);
    void handler.shutdown();
    // Chain and model of every third run are abandoned.
    expect([ended, abandoned]).toEqual([100_000, Math.ceil(50_000 / 3) * 2]);
    // It takes seconds; the timeout is for a machine under load.
  }, 120_000);
});
