import { FakeListChatModel } from '@langchain/core/utils/testing';
import { context } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';
import { identityOf, withTrubrics } from '../../src/identity/with-trubrics.js';
import { trubricsHandler } from '../../src/standalone/index.js';
import { memoryDestination } from '../support/memory-destination.js';

const current = () => identityOf(context.active());

// No test here registers a context manager, as an application without an OpenTelemetry SDK.

test('withTrubrics() keeps user, conversation and opt-out across asynchronous work without a context manager', async () => {
  const seen = await Promise.all(
    ['ada', 'grace'].map((userId) =>
      withTrubrics({ userId, record: userId === 'ada' }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return withTrubrics({ threadId: `${userId}-1` }, async () => {
          await Promise.resolve();
          return current();
        });
      }),
    ),
  );
  expect(seen).toMatchObject([
    { userId: 'ada', threadId: 'ada-1', record: true },
    { userId: 'grace', threadId: 'grace-1', record: false },
  ]);
  expect(current()).toBeUndefined();
});

test('withTrubrics() returns and throws what its function does without a context manager', () => {
  expect(withTrubrics({ userId: 'ada' }, () => 42)).toBe(42);
  expect(() =>
    withTrubrics({ userId: 'ada' }, () => {
      throw new RangeError('from the application');
    }),
  ).toThrow(RangeError);
});

test('calls through a handler without an OpenTelemetry SDK belong to the user of their request, or to nobody who opted out', async () => {
  const destination = memoryDestination();
  const handler = trubricsHandler({ destination });
  onTestFinished(() => handler.shutdown());
  const ask = async (question: string) => {
    await new Promise((resolve) => setImmediate(resolve));
    await new FakeListChatModel({ responses: ['Yes.'] }).invoke(question, { callbacks: [handler] });
  };
  await Promise.all([
    withTrubrics({ userId: 'ada', threadId: 'trip' }, () => ask('By train?')),
    withTrubrics({ userId: 'grace', record: false }, () => ask('By plane?')),
  ]);
  await handler.flush();
  expect(destination.records).toMatchObject([{ userId: 'ada', threadId: 'trip', prompt: 'By train?' }]);
  expect(handler.stats().skipped).toEqual({ opted_out: 1 });
});
