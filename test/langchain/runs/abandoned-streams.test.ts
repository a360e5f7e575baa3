import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { answerTo } from '../../support/openai-server.js';
import { statusOf, firstText } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useHandler } from '../../support/use-handler.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';
import { openAiModel } from '../../support/openai-model.js';

useContextManager();

describe('streams', () => {
  test('a stream that is read to its end has answer, usage and time to first chunk', async () => {
    const { otel, handler } = useHandler();
    const model = openAiModel(await useOpenAiServer({ delayMs: 3 }));

    for await (const chunk of await model.stream('hi there', { callbacks: [handler] }))
      expect(chunk).toBeDefined();

    const span = otel.span('chat');
    expect(firstText(span)).toBe(answerTo('hi there'));
    expect(span.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.output_tokens': 5,
    });
    const first = Number(span.attributes['gen_ai.response.time_to_first_chunk']);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(span.duration[0] + span.duration[1] / 1e9);
    expect(span.attributes).not.toHaveProperty('trubrics.abandoned');
  });

  test('a stream left by break is ended by shutdown() with the text that had arrived', async () => {
    const { otel, handler } = useHandler();
    const model = new FakeListChatModel({ responses: ['abcdef'] });
    const received: string[] = [];

    for await (const chunk of await model.stream('hi', { callbacks: [handler] })) {
      received.push(chunk.text);
      if (received.length === 3) break;
    }
    expect(otel.spans).toHaveLength(0);
    await handler.shutdown();

    const span = otel.span('chat');
    expect(received.join('')).toBe('abc');
    // The last chunk may be missing, because a model yields a chunk before it reports it.
    expect(firstText(span)).toMatch(/^abc?$/);
    expect(span.attributes).toMatchObject({ 'trubrics.abandoned': true, 'gen_ai.request.stream': true });
    expect(statusOf(span)).toBe(SpanStatusCode.UNSET);
  });

  test.each<[string, (stream: ReadableStream<unknown> & AsyncIterable<unknown>) => Promise<void>]>([
    ['a throw in the loop', (stream) => expect(throwIn(stream)).rejects.toThrow('enough')],
    ['reader.cancel()', cancel],
    ['no reader', () => Promise.resolve()],
  ])('shutdown() ends the chain above a stream with %s', async (_name, leave) => {
    const { otel, handler } = useHandler();
    const chain = RunnableLambda.from((text: string) => text).pipe(
      new FakeListChatModel({ responses: ['abcdef'] }),
    );

    await leave(await chain.stream('hi', { callbacks: [handler] }));
    await new Promise((resolve) => setTimeout(resolve));
    await handler.shutdown();

    expect(otel.span('invoke_workflow RunnableSequence').attributes['trubrics.abandoned']).toBe(true);
  });

  test('an abort in the loop body ends the span with the text that had arrived', async () => {
    const { otel, handler } = useHandler();
    const model = new FakeListChatModel({ responses: ['abcdef'] });
    const controller = new AbortController();

    try {
      for await (const chunk of await model.stream('hi', {
        callbacks: [handler],
        signal: controller.signal,
      })) {
        if (chunk.text === 'c') {
          controller.abort();
          break;
        }
      }
    } catch {
      // Only some versions of Node throw here.
    }
    await expect.poll(() => otel.spans.length).toBe(1);

    expect(firstText(otel.span('chat'))).toMatch(/^abc?$/);
    expect(otel.span('chat').attributes['trubrics.abandoned']).toBe(true);
  });

  test('an abort that LangChain reports is an error with the text that had arrived', async () => {
    const { otel, handler } = useHandler();
    const model = openAiModel(await useOpenAiServer({ delayMs: 20 }));
    const controller = new AbortController();
    const stream = await model.stream('one two three four', {
      callbacks: [handler],
      signal: controller.signal,
    });

    setTimeout(() => controller.abort(), 110);
    await expect(drain(stream)).rejects.toThrow();

    const span = otel.span('chat');
    expect(statusOf(span)).toBe(SpanStatusCode.ERROR);
    expect(span.attributes['error.type']).toMatch(/Abort/);
    expect(span.attributes).not.toHaveProperty('trubrics.abandoned');
    expect(answerTo('one two three four')).toContain(firstText(span));
  });

  test('many calls with one signal add one listener, which is removed after the last', async () => {
    const { handler } = useHandler();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };

    for (let i = 0; i < 30; i += 1) {
      handler.handleChatModelStart({}, [[]], `run-${i}`, undefined, { options: { signal } });
    }
    expect(listeners).toBe(1);
    for (let i = 0; i < 30; i += 1) handler.handleLLMEnd({ generations: [] }, `run-${i}`);

    expect(listeners).toBe(0);
  });
});

async function throwIn(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) throw new Error('enough');
}

async function cancel(stream: ReadableStream<unknown>): Promise<void> {
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of stream) expect(chunk).toBeDefined();
}
