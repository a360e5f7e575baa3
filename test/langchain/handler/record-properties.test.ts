import { InMemoryCache } from '@langchain/core/caches';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { describe, expect, test } from 'vitest';
import { TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { openAiModel } from '../../support/openai-model.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';
import { useProvider } from '../../support/use-provider.js';

useContextManager();

const ID = '0199c0de-0000-7000-8000-000000000001';
const config = { metadata: { user_id: 'ada' } };

function setUp(options?: Parameters<typeof useProvider>[0]) {
  const { provider, processor, destination } = useProvider(options);
  const handler = new TrubricsCallbackHandler({ tracerProvider: provider });
  const end = async () => {
    await handler.shutdown();
    await processor.forceFlush();
    return destination;
  };
  return { handler, processor, end };
}

describe('properties of the record of a LangChain call', () => {
  test('the record has the id of the run', async () => {
    const { handler, end } = setUp();

    await new FakeListChatModel({ responses: ['a'] }).invoke('hi', {
      ...config,
      callbacks: [handler],
      runId: ID,
    });

    expect((await end()).records[0]?.properties.run_id).toBe(ID);
  });

  test('only the record of an answer from the cache has cached: true', async () => {
    const { handler, end } = setUp();
    const model = openAiModel(await useOpenAiServer(), { cache: new InMemoryCache() });

    for (let i = 0; i < 2; i += 1) await model.invoke('hi', { ...config, callbacks: [handler] });

    const { records } = await end();
    expect(records.map(({ properties }) => properties.cached)).toEqual([undefined, true]);
  });

  test('response format and choice of tools are recorded in short', async () => {
    const { handler, end } = setUp();
    const tools = [{ type: 'function', function: { name: 'search', parameters: { type: 'object' } } }];

    await openAiModel(await useOpenAiServer()).invoke('hi', {
      ...config,
      callbacks: [handler],
      response_format: { type: 'json_object' },
      tools,
      tool_choice: { type: 'function', function: { name: 'search' } },
    });

    expect((await end()).records[0]?.properties).toMatchObject({
      response_format: 'json_object',
      tool_choice: 'search',
    });
  });

  test('a call that is aborted before its first text is an error, not an empty answer', async () => {
    const { handler, end } = setUp();
    const model = openAiModel(await useOpenAiServer({ delayMs: 50 }));
    const controller = new AbortController();

    try {
      const stream = await model.stream('stop', {
        ...config,
        callbacks: [handler],
        signal: controller.signal,
      });
      for await (const _ of stream) controller.abort();
    } catch {
      // Only some versions of Node throw here.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));

    const { records, events } = await end();
    expect(records).toEqual([]);
    expect(events).toMatchObject([
      { event: 'LLM error', properties: { prompt: 'stop', aborted: true, error_type: 'AbortError' } },
    ]);
    expect(events[0]?.properties).not.toHaveProperty('generation');
  });

  test('a call in flight when the handler is shut down has aborted: true', async () => {
    const { handler, end } = setUp();
    const model = new FakeListChatModel({ responses: ['the answer'], sleep: 60 });

    const call = model.invoke('in flight', { ...config, callbacks: [handler] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { records, events } = await end();

    expect((await call).text).toBe('the answer');
    expect(events).toEqual([]);
    expect(records).toMatchObject([{ prompt: 'in flight', generation: '', properties: { aborted: true } }]);
  });

  test('a call that LangChain reports as aborted has aborted: true', async () => {
    const { handler, end } = setUp({ errors: 'record' });
    const controller = new AbortController();
    const model = openAiModel(await useOpenAiServer({ delayMs: 100 }));

    const call = model.invoke('hi', { ...config, callbacks: [handler], signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(call).rejects.toThrow();

    expect((await end()).records).toMatchObject([{ generation: '', properties: { aborted: true } }]);
  });

  test('a stream left after some text is a record with that text and aborted: true', async () => {
    const { handler, end } = setUp();

    let count = 0;
    for await (const _ of await new FakeListChatModel({ responses: ['abcdef'] }).stream('hi', {
      ...config,
      callbacks: [handler],
    }))
      if (++count === 3) break;

    const { records, events } = await end();
    expect(events).toEqual([]);
    expect(records).toMatchObject([{ properties: { aborted: true } }]);
    expect(records[0]?.generation).toMatch(/^abc?$/);
  });

  test('a model that answers nothing at all is recorded with an empty answer, and is not aborted', async () => {
    const { handler, end } = setUp();

    await new FakeListChatModel({ responses: [''] }).invoke('hi', { ...config, callbacks: [handler] });

    const { records } = await end();
    expect(records).toMatchObject([{ generation: '' }]);
    expect(records[0]?.properties).not.toHaveProperty('aborted');
  });
});
