import { FakeListChatModel } from '@langchain/core/utils/testing';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { TrubricsSpanExporter, withTrubrics } from '../../../src/index.js';
import { TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { memoryDestination } from '../../support/memory-destination.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

test('withTrubrics({ record: false }) around a LangChain run holds behind an exporter, which sees no context', async () => {
  const destination = memoryDestination();
  const exporter = new TrubricsSpanExporter({ destination });
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const callbacks = [new TrubricsCallbackHandler({ tracerProvider })];
  const model = new FakeListChatModel({ responses: ['hello'] });
  await withTrubrics({ record: false }, () => model.invoke('SECRET', { callbacks }));
  await withTrubrics({ userId: 'ada' }, () => model.invoke('hi', { callbacks }));
  await tracerProvider.shutdown();
  expect(destination.records.map(({ prompt }) => prompt)).toEqual(['hi']);
  expect(exporter.stats().skipped.opted_out).toBe(1);
});
