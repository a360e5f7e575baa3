import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { context } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TrubricsClient, withTrubrics, type TrubricsOptions } from '../../src/index.js';
import { OPTIONS } from '../../src/config/options.js';
import { useDiag } from '../support/use-diag.js';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js';
import { thrownBy } from '../support/thrown-by.js';

let server: ScriptedServer;
let clients: TrubricsClient[] = [];
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  for (const client of clients) await client.shutdown();
  clients = [];
  await server.close();
  context.disable();
});

function open(options: TrubricsOptions = {}): TrubricsClient {
  const client = new TrubricsClient({ host: server.url, flushTimeoutMs: 1_000, ...options });
  clients.push(client);
  return client;
}

describe('TrubricsClient', () => {
  test('a client sends a fractional latency and an empty generation, which the official SDK refuses', async () => {
    const client = open({ tags: ['app'], properties: { region: 'eu' }, project: 'shop' });
    const timestamp = new Date('2026-11-22T10:00:00.5Z');
    const { id } = client.trackPrompt({
      userId: 'ada',
      threadId: 'thread-1',
      prompt: 'What is it?',
      generation: '',
      assistantId: 'gpt-4o-mini',
      latency: 1.25,
      timestamp,
      tags: ['web', 'app'],
      properties: { plan: 'free' },
    });
    await client.flush();
    expect(server.stored).toEqual([
      {
        user_id: 'ada',
        prompt: 'What is it?',
        generation: '',
        assistant_id: 'gpt-4o-mini',
        thread_id: 'thread-1',
        timestamp: timestamp.toISOString(),
        latency: 1.25,
        prompt_event_name: 'Prompt',
        generation_event_name: 'Generation',
        properties: {
          project: 'shop',
          region: 'eu',
          plan: 'free',
          tags: ['app', 'web'],
          $thread_id: 'thread-1',
          $event_id: id,
        },
      },
    ]);
    expect(client.stats()).toMatchObject({ records: 1, destinations: [{ delivered: 1 }] });
  });

  test('a client links feedback to a record that it tracked, and to a span', async () => {
    const client = open();
    const { id } = client.trackPrompt({ prompt: 'a', generation: 'b' });
    client.trackFeedback({ recordId: id, userId: 'ada', score: '👍', comment: 'good', component: 'chat' });
    client.trackFeedback({ spanContext: { traceId: 't'.repeat(32), spanId: 's'.repeat(16) }, score: -1 });
    await client.flush();
    const feedback = server.stored.filter(({ event }) => event === 'Feedback');
    expect(feedback).toMatchObject([
      { user_id: 'ada', properties: { score: 1, comment: 'good', component: 'chat', record_id: id } },
      { properties: { score: -1, record_id: `${'t'.repeat(32)}-${'s'.repeat(16)}` } },
    ]);
  });

  test('a client takes missing user, thread, tags and properties from withTrubrics()', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const client = open({ defaultUserId: 'nobody' });
    withTrubrics({ userId: 'ada', threadId: 't', tags: ['x'], properties: { a: 1 } }, () => {
      client.trackPrompt({ prompt: 'p', generation: 'g' });
      client.track({ event: 'Sign up', userId: 'bob' });
    });
    withTrubrics({ record: false }, () => client.trackPrompt({ prompt: 'p', generation: 'g' }));
    client.track({ event: 'Other' });
    await client.flush();
    expect(server.stored).toHaveLength(3);
    expect(server.stored).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          user_id: 'ada',
          thread_id: 't',
          properties: expect.objectContaining({ a: 1, tags: ['x'] }) as unknown,
        }),
        expect.objectContaining({ user_id: 'bob', event: 'Sign up' }),
        expect.objectContaining({ user_id: 'nobody', event: 'Other' }),
      ]),
    );
    expect(client.stats().skipped).toEqual({ opted_out: 1 });
  });

  test('redact() sees a prompt of a client before it is queued', async () => {
    const client = open({ redact: (record) => ({ ...record, prompt: record.prompt.replace('4711', '…') }) });
    client.trackPrompt({ prompt: 'My PIN is 4711', generation: 'Do not tell.' });
    await client.flush();
    expect(server.stored).toMatchObject([{ prompt: 'My PIN is …' }]);
  });

  test('a prompt is dropped when redact() returns a promise, and its rejection does no harm', async () => {
    useDiag();
    const redact = async () => Promise.reject(new Error('no such service'));
    const client = open({ redact: redact as never });
    client.trackPrompt({ prompt: 'My PIN is 4711', generation: 'Do not tell.' });
    await client.flush();
    // An unhandled rejection would have failed the whole run by now.
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.stats()).toMatchObject({ records: 0, dropped: { redaction_failed: 1 } });
  });

  test.each([
    undefined,
    null,
    'text',
    {},
    { prompt: '' },
    { prompt: 5, generation: 'x' },
    { event: 7 },
    new Proxy({}, { get: throwUp, ownKeys: throwUp }),
  ])('a client counts the invalid input %# and throws nothing', async (input) => {
    useDiag();
    const client = open();
    client.trackPrompt(input as never);
    client.track(input as never);
    client.trackFeedback(input as never);
    await client.flush();
    expect(client.stats()).toMatchObject({ records: 0, events: 0, skipped: { invalid_event: 3 } });
  });

  test(
    'a client never throws and always sends something that can be parsed, for any input',
    { timeout: 60_000 },
    async () => {
      useDiag();
      const client = open({ maxQueueRecords: 100_000 });
      const anything = fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withNullPrototype: true,
        withSparseArray: true,
        withTypedArray: true,
      });
      const hostile = fc.oneof(
        anything,
        fc.constant(UNTOUCHABLE),
        fc.string({ unit: 'binary' }),
        fc.constant(cyclic()),
      );
      const input = fc.dictionary(fc.constantFrom(...INPUT_NAMES), hostile);
      fc.assert(
        fc.property(fc.oneof(input, hostile), (value) => {
          const given = arm(value);
          client.trackPrompt(given as never);
          client.track(given as never);
          client.trackFeedback(given as never);
        }),
        { numRuns: 2_000 },
      );
      await client.flush();
      const { records, events, skipped, destinations } = client.stats();
      expect(records + events + (skipped.invalid_event ?? 0)).toBe(6_000);
      expect(destinations).toMatchObject([{ accepted: records + events, delivered: records + events }]);
      expect(server.stored).toHaveLength(records + events);
    },
  );

  test('the constructor of a client throws nothing but a TypeError for wrong options', () => {
    const names = Object.keys(OPTIONS);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.anything()), (options) => {
        const error = thrownBy(() => void new TrubricsClient({ apiKey: 'k', ...options }).shutdown());
        expect(error === undefined || error instanceof TypeError).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('a disabled client does nothing and needs no key', async () => {
    const client = new TrubricsClient({ disabled: true });
    client.trackPrompt({ prompt: 'a', generation: 'b' });
    client.track({ event: 'e' });
    await client.flush();
    await client.shutdown();
    expect(client.stats().records).toBe(0);
  });

  test.each([
    [{ email: 'a@b.c', host: undefined }, /Option "password" is missing.*TRUBRICS_PASSWORD/],
    [
      { email: 'a@b.c', password: 'p', host: undefined },
      /Option "firebaseApiKey" is missing.*TRUBRICS_FIREBASE_API_KEY/,
    ],
  ])('a client with %j alone uses the first platform, and names what is missing', (options, message) => {
    expect(() => new TrubricsClient(options as unknown as TrubricsOptions)).toThrow(message);
  });
});

function throwUp(): never {
  throw new Error('do not touch');
}

const INPUT_NAMES = [
  'prompt',
  'generation',
  'userId',
  'threadId',
  'assistantId',
  'timestamp',
  'latency',
  'tags',
  'properties',
  'id',
  'event',
  'recordId',
  'spanContext',
  'score',
  'label',
  'comment',
  'component',
];

/** Stands for an object that throws whatever is done with it: fast-check itself could not hold one. */
const UNTOUCHABLE = 'UNTOUCHABLE';
const untouchable = new Proxy({}, { get: throwUp, ownKeys: throwUp, has: throwUp, getPrototypeOf: throwUp });

function arm(value: unknown): unknown {
  if (value === UNTOUCHABLE) return untouchable;
  if (typeof value !== 'object' || value === null || !INPUT_NAMES.some((name) => name in value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      inner === UNTOUCHABLE ? untouchable : (inner as unknown),
    ]),
  );
}

function cyclic(): object {
  const object: Record<string, unknown> = { big: 10n, fn: throwUp, symbol: Symbol('s') };
  object['self'] = object;
  return object;
}
