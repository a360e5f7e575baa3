import { FakeListChatModel } from '@langchain/core/utils/testing';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { onTestFinished, describe, expect, test, vi } from 'vitest';
import * as first from '../../../src/langchain/index.js';
import { trubricsHandler } from '../../../src/standalone/index.js';
import { memoryDestination } from '../../support/memory-destination.js';
import { firstText, parentId, tracing } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

/** Loads a second copy of the modules, as a process does that imports and requires this package. */
async function secondCopy() {
  vi.resetModules();
  const langchain = await import('../../../src/langchain/index.js');
  const standalone = await import('../../../src/standalone/index.js');
  expect(langchain.TrubricsCallbackHandler).not.toBe(first.TrubricsCallbackHandler);
  return { langchain, standalone };
}

function useGlobalProvider() {
  const otel = tracing();
  trace.setGlobalTracerProvider(otel.tracerProvider);
  onTestFinished(() => trace.disable());
  return otel;
}

describe('two copies of this package in one process', () => {
  const places = {
    'one on the model, one on the call': (a: object, b: object) => [[a], [b]],
    'both on the call': (a: object, b: object) => [[], [a, b]],
    'both on the call, the other one first': (a: object, b: object) => [[], [b, a]],
  };
  test.each(Object.keys(places) as (keyof typeof places)[])(
    'handlers of both on one call give one span: %s',
    async (place) => {
      const otel = useGlobalProvider();
      const { langchain } = await secondCopy();
      const [onModel, onCall] = places[place](
        new first.TrubricsCallbackHandler(),
        new langchain.TrubricsCallbackHandler(),
      ) as first.TrubricsCallbackHandler[][];
      const model = new FakeListChatModel({
        responses: ['the answer'],
        ...(onModel && { callbacks: onModel }),
      });

      await model.invoke('hi', onCall && { callbacks: onCall });
      for await (const _ of await model.stream('hi', onCall && { callbacks: onCall }));

      expect(otel.spans.map((span) => firstText(span))).toEqual(['the answer', 'the answer']);
      expect(otel.spans.map(parentId)).toEqual([undefined, undefined]);
    },
  );

  test('a handler of one copy and the process-wide mode of the other give one span', async () => {
    const otel = useGlobalProvider();
    const { langchain } = await secondCopy();
    const undo = first.instrumentLangChain();
    const undoSecond = langchain.instrumentLangChain();
    await Promise.all([undo.ready, undoSecond.ready]);
    try {
      await new FakeListChatModel({
        responses: ['a'],
        callbacks: [new langchain.TrubricsCallbackHandler()],
      }).invoke('hi');
      await new FakeListChatModel({ responses: ['a'] }).invoke('hi');
    } finally {
      undoSecond();
      undo();
    }

    expect(otel.spans).toHaveLength(2);
  });

  test('a stream that one copy started is ended as abandoned by shutdown() of that copy', async () => {
    const otel = useGlobalProvider();
    const { langchain } = await secondCopy();
    const handler = new langchain.TrubricsCallbackHandler();
    const model = new FakeListChatModel({ responses: ['abc'] });

    for await (const _ of await model.stream('hi', {
      callbacks: [handler, new first.TrubricsCallbackHandler()],
    }))
      break;
    await handler.shutdown();

    expect(otel.spans.map(({ attributes }) => attributes['trubrics.abandoned'])).toEqual([true]);
  });

  test('standalone handlers of both with equal options give one record', async () => {
    const destination = memoryDestination();
    const { standalone } = await secondCopy();
    const options = { destination, userId: () => 'ada' };
    const handlers = [trubricsHandler(options), standalone.trubricsHandler(options)];

    await new FakeListChatModel({ responses: ['a'] }).invoke('hi', { callbacks: handlers });
    for (const handler of handlers) await handler.shutdown();

    expect(destination.records.map(({ prompt, userId }) => [prompt, userId])).toEqual([['hi', 'ada']]);
  });
});

test('a provider without a span processor is told of once, and one that has one is not', async () => {
  const warnings: string[] = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
  onTestFinished(() => void vi.restoreAllMocks());
  const model = new FakeListChatModel({ responses: ['a'] });
  const empty = new BasicTracerProvider();
  for (const tracerProvider of [tracing().tracerProvider, empty, tracing().tracerProvider, empty])
    await model.invoke('hi', { callbacks: [new first.TrubricsCallbackHandler({ tracerProvider })] });
  expect(warnings).toEqual([expect.stringContaining('the tracer provider has no span processor')]);
});
