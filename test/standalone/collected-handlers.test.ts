import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { beforeEach, expect, test, vi } from 'vitest';
import { trubricsHandler, type TrubricsHandlerOptions } from '../../src/standalone/index.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useContextManager } from '../support/use-context-manager.js';

useContextManager();

const HANDLERS = 50;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Destination = ReturnType<typeof memoryDestination>;

const meterProvider = new MeterProvider();

beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined));

/** Asks with a new handler, as an application does that makes one for each request. The function of the request refers to the handler. */
async function answerRequest(options: TrubricsHandlerOptions, leaveStream = false): Promise<WeakRef<object>> {
  const model = new FakeListChatModel({ responses: ['Paris.'] });
  const handler = trubricsHandler({
    ...options,
    onDrop: () => void handler.flush(),
  });
  const config = { callbacks: [handler] };
  if (!leaveStream) await model.invoke('Capital of France?', config);
  else for await (const _ of await model.stream('Capital of France?', config)) break;
  return new WeakRef(handler);
}

/** Collects garbage until `isDone`. Weak references that were read are cleared in another task at the earliest. */
async function collectUntil(isDone: () => boolean): Promise<void> {
  await vi.waitFor(
    () => {
      collectGarbage();
      expect(isDone()).toBe(true);
    },
    { timeout: 20_000, interval: 100 },
  );
}

test.each<[what: string, fresh: () => TrubricsHandlerOptions]>([
  ['a function', () => ({ userId: () => 'ada' })],
  ['an instance', () => ({ destination: memoryDestination() })],
  ['metrics', () => ({ meterProvider })],
])(
  'a handler that is made for each request with %s of its own is released',
  async (_what, fresh) => {
    const shared = memoryDestination();
    const references: WeakRef<object>[] = [];
    for (let request = 0; request < HANDLERS; request += 1)
      references.push(await answerRequest({ destination: shared, flushIntervalMs: 10, ...fresh() }));
    const alive = (): number => references.filter((reference) => reference.deref() !== undefined).length;

    // The context of the last call, and the last registry that was looked up, are kept.
    await collectUntil(() => alive() <= 2);

    expect(references).toHaveLength(HANDLERS);
  },
  30_000,
);

test('a handler that is collected sends what it has recorded, also a stream that nobody read to the end', async () => {
  const destination: Destination = memoryDestination();
  for (let request = 0; request < HANDLERS; request += 1)
    await answerRequest(
      { destination, userId: () => `user ${request}`, flushIntervalMs: 200, maxRunAgeMs: 200 },
      request % 2 === 1,
    );

  await collectUntil(() => destination.records.length === HANDLERS);

  expect(new Set(destination.records.map(({ userId }) => userId)).size).toBe(HANDLERS);
});

test('a handler that is collected leaves the delivery to another one with the same options', async () => {
  const destination = memoryDestination();
  const kept = trubricsHandler({ destination });
  const collected = (() => new WeakRef(trubricsHandler({ destination })))();

  await collectUntil(() => collected.deref() === undefined);
  await new FakeListChatModel({ responses: ['Paris.'] }).invoke('Still there?', { callbacks: [kept] });
  await kept.shutdown();

  expect(destination.records.map(({ prompt }) => prompt)).toEqual(['Still there?']);
});
