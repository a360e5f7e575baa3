import { FakeListChatModel } from '@langchain/core/utils/testing';
import { expect, test } from 'vitest';
import { areRunSpansShared } from '../../../src/common/spans/run-spans.js';
import { trubricsHandler } from '../../../src/standalone/index.js';
import { memoryDestination } from '../../support/memory-destination.js';
import { useHandler } from '../../support/use-handler.js';

// One test, because the state belongs to the process: vitest gives each file one of its own.
test('spans of runs are shared from the first handler of ./standalone on, and cost nothing before', async () => {
  const destination = memoryDestination();
  const { handler, otel } = useHandler();
  const model = new FakeListChatModel({ responses: ['Paris.'] });
  await model.invoke('Capital of France?', { callbacks: [handler] });
  expect(areRunSpansShared()).toBe(false);

  const standalone = trubricsHandler({ destination, tracerProvider: otel.tracerProvider });
  expect(areRunSpansShared()).toBe(true);
  await model.invoke('Capital of France?', { callbacks: [handler, standalone] });
  await standalone.shutdown();
  expect(destination.records).toHaveLength(1);
  expect(otel.spans).toHaveLength(2);
});
