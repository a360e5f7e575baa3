import { expect, test } from 'vitest';
import { TrubricsClient, withTrubrics } from '../../src/index.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useContextManager } from '../support/use-context-manager.js';

useContextManager();

function useClient(options: TrubricsOptions = {}) {
  const destination = memoryDestination();
  return { destination, client: new TrubricsClient({ ...options, destination }) };
}

test('the id of a prompt is that of its record, also one that is given', async () => {
  const { client, destination } = useClient({ project: 'shop', properties: { region: 'eu' } });
  const ids = [
    client.trackPrompt({ prompt: 'q', generation: 'a' }),
    client.trackPrompt({ id: 'mine', prompt: 'q', generation: 'a' }),
  ];
  await client.flush();
  expect(ids.map(({ id }) => id)).toEqual(destination.records.map(({ id }) => id));
  expect(ids[1]?.id).toBe('mine');
  for (const { properties } of destination.records)
    expect(properties).toMatchObject({ project: 'shop', region: 'eu' });
});

test('an event and feedback belong to the user that they name, else that of the context, else the default', async () => {
  const { client, destination } = useClient({ defaultUserId: 'default' });
  const track = (ids: { userId?: string; threadId?: string }) => {
    client.track({ event: 'x', ...ids });
    client.trackFeedback({ recordId: 'r', score: 1, ...ids });
  };
  track({ userId: 'ada', threadId: 'own' });
  withTrubrics({ userId: 'context', threadId: 'around' }, () => {
    track({ userId: 'ada', threadId: 'own' });
    track({});
  });
  track({});
  await client.flush();
  const seen = destination.events.map(({ event, userId, threadId }) => [event, userId, threadId]);
  expect(seen).toEqual(
    [
      ['ada', 'own'],
      ['ada', 'own'],
      ['context', 'around'],
      ['default', undefined],
    ].flatMap((ids) => [
      ['x', ...ids],
      ['Feedback', ...ids],
    ]),
  );
});

test('nothing is sent inside of withTrubrics({ record: false }), and it is counted', async () => {
  const { client, destination } = useClient();
  withTrubrics({ record: false }, () => {
    client.trackPrompt({ prompt: 'q', generation: 'a' });
    client.track({ event: 'x', userId: 'u' });
    client.trackFeedback({ recordId: 'r', userId: 'u', score: 1 });
  });
  await client.flush();
  expect([destination.records, destination.events]).toEqual([[], []]);
  expect(client.stats().skipped).toEqual({ opted_out: 3 });
});

test('input that cannot be used, or fails while it is read, is counted, and gets an id', async () => {
  const { client, destination } = useClient();
  const broken = {
    get prompt(): string {
      throw new Error('no');
    },
    generation: 'a',
  };
  const { id } = client.trackPrompt(broken);
  expect(id).not.toBe('');
  client.trackPrompt(undefined as never);
  client.track(undefined as never);
  client.trackFeedback(null as never);
  await client.flush();
  expect([destination.records, destination.events]).toEqual([[], []]);
  expect(client.stats().skipped).toEqual({ invalid_event: 4 });
});

test('a flush and a shutdown end when the destination has answered, and feedback that waits is sent', async () => {
  let answer: () => void = () => {};
  const memory = memoryDestination();
  const destination: typeof memory = {
    ...memory,
    async send(...args) {
      await new Promise<void>((resolve) => (answer = resolve));
      return memory.send(...args);
    },
  };
  const client = new TrubricsClient({ destination });
  for (const end of ['flush', 'shutdown'] as const) {
    client.trackFeedback({ runId: 'never', threadId: 't', userId: 'u', score: 1 });
    client.track({ event: 'x', userId: 'u' });
    let isOver = false;
    const ended = client[end]().then(() => (isOver = true));
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    answer();
    await ended;
  }
  expect(destination.events.map(({ event }) => event).toSorted()).toEqual(['Feedback', 'Feedback', 'x', 'x']);
});

test('a promise for waitUntil ends when what was tracked is sent', async () => {
  const promises: Promise<unknown>[] = [];
  const { client, destination } = useClient({
    waitUntil: (promise: Promise<unknown>) => void promises.push(promise),
  });
  client.track({ event: 'x', userId: 'u' });
  await Promise.all(promises);
  expect(promises).toHaveLength(1);
  expect(destination.events).toHaveLength(1);
});
