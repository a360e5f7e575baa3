import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { onTestFinished, describe, expect, test } from 'vitest';
import { TrubricsClient, type TrubricsOptions } from '../../src/index.js';
import { TrubricsCallbackHandler } from '../../src/langchain/index.js';
import { trubricsHandler } from '../../src/standalone/index.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useProvider } from '../support/use-provider.js';

useContextManager();

const model = new FakeListChatModel({ responses: ['a'] });
const chain = RunnableLambda.from((text: string) => text).pipe(model);

function setUp(options: TrubricsOptions = {}) {
  const { provider, processor, destination } = useProvider(options);
  const handler = new TrubricsCallbackHandler({ tracerProvider: provider });
  return { processor, destination, config: { runId: crypto.randomUUID(), callbacks: [handler] } };
}

describe('feedback on a LangChain run', () => {
  test.each(['call', 'turn'] as const)(
    'the record is found by the id of the root run, granularity: %s',
    async (granularity) => {
      const { processor, destination, config } = setUp({ granularity });

      await chain.invoke('hi', config);
      processor.trackFeedback({ runId: config.runId, score: '👍' });
      await processor.forceFlush();

      const [record] = destination.records;
      expect(record?.prompt).toBe('hi');
      expect(destination.events).toMatchObject([
        { event: 'Feedback', properties: { record_id: record?.id, score: 1 } },
      ]);
    },
  );

  test('the record is found by its property run_id', async () => {
    const { processor, destination, config } = setUp();

    await chain.invoke('hi', config);
    await processor.forceFlush();
    const [record] = destination.records;
    const runId = JSON.stringify(record?.properties.run_id).slice(1, -1);
    processor.trackFeedback({ runId, score: '👎' });
    await processor.forceFlush();

    expect(runId).not.toBe(config.runId);
    expect(destination.events[0]?.properties.record_id).toBe(record?.id);
  });

  test('feedback through a client is linked to the record of a processor', async () => {
    const { processor, destination, config } = setUp();
    const ofClient = memoryDestination();
    const client = new TrubricsClient({ destination: ofClient, flushAt: 1 });
    onTestFinished(() => client.shutdown());

    client.trackFeedback({ runId: config.runId, userId: 'ada', comment: 'before the answer' });
    await model.invoke('hi', config);
    client.trackFeedback({ runId: config.runId, userId: 'ada', score: true });
    await processor.forceFlush();
    await client.flush();

    const recordId = destination.records[0]?.id;
    expect(ofClient.events.map(({ properties }) => properties.record_id)).toEqual([recordId, recordId]);
  });

  test('feedback through a handler alone is linked to its record', async () => {
    const destination = memoryDestination();
    const handler = trubricsHandler({ destination });
    const runId = crypto.randomUUID();

    await chain.invoke('hi', { runId, callbacks: [handler] });
    handler.trackFeedback({ runId, score: '👍' });
    await handler.shutdown();

    expect(destination.events[0]?.properties.record_id).toBe(destination.records[0]?.id);
  });

  test('feedback on an id that is used again is linked to the latest record', async () => {
    const { processor, destination, config } = setUp();

    for (const text of ['one', 'two']) await model.invoke(text, config);
    await processor.forceFlush();
    processor.trackFeedback({ runId: config.runId, score: '👍' });
    await processor.forceFlush();

    const latest = destination.records.find(({ prompt }) => prompt === 'two');
    expect(destination.events[0]?.properties.record_id).toBe(latest?.id);
  });

  test('feedback on an unknown run is counted as invalid at shutdown, unless it names a conversation', async () => {
    const { processor, destination } = setUp();

    processor.trackFeedback({ runId: 'unknown', score: '👍' });
    processor.trackFeedback({ runId: 'unknown', threadId: 't-1', score: '👍' });
    await processor.shutdown();

    expect(processor.stats().skipped).toEqual({ invalid_event: 1 });
    expect(destination.events).toMatchObject([{ threadId: 't-1' }]);
  });
});
