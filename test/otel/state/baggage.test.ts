import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrubricsOptions } from '../../../src/config/options.js';
import { identityOfBaggage } from '../../../src/otel/state/baggage.js';
import { withTrubrics } from '../../../src/identity/with-trubrics.js';
import { chat } from '../../support/trace-sketch.js';
import { useProvider } from '../../support/use-provider.js';

beforeAll(() => {
  // Context manager and propagators as every Node application has them.
  new NodeTracerProvider().register();
});
afterAll(() => {
  context.disable();
  propagation.disable();
  trace.disable();
});

/** Returns the headers that a called service would receive. */
function headersSent(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

describe('baggage', () => {
  const received = propagation.setBaggage(
    ROOT_CONTEXT,
    propagation.createBaggage({
      'user.id': { value: 'ada' },
      'session.id': { value: 'trip' },
      'app.user': { value: 'grace' },
      tenant: { value: 'acme' },
    }),
  );

  test.each<[string, TrubricsOptions, object]>([
    ['nobody without a list', {}, { userId: 'anonymous' }],
    [
      'usual names on a list',
      { baggageKeys: ['user.id', 'session.id'] },
      { userId: 'ada', threadId: 'trip' },
    ],
    [
      'what is not on the list is not read',
      { baggageKeys: ['session.id'] },
      { userId: 'anonymous', threadId: 'trip' },
    ],
    ['names of your own', { baggageKeys: { userId: 'app.user' } }, { userId: 'grace' }],
    [
      'others as properties',
      { baggageKeys: ['tenant'] },
      { userId: 'anonymous', properties: { tenant: 'acme' } },
    ],
  ])('baggage gives user and thread of a call by its allow-list: %s', async (_case, options, record) => {
    const { processor, destination, tracer } = useProvider(options);
    context.with(received, () => chat(tracer, { prompt: 'q', answer: 'a' }));
    await processor.forceFlush();
    expect(destination.records).toMatchObject([record]);
    const { tenant } = (record as { properties?: Record<string, unknown> }).properties ?? {};
    expect(destination.records[0]?.properties.tenant).toBe(tenant);
  });

  test('the user in baggage comes after the span and after withTrubrics', async () => {
    const { processor, destination, tracer } = useProvider({ baggageKeys: ['user.id', 'session.id'] });
    context.with(received, () => {
      chat(tracer, { prompt: 'q', answer: 'a', attributes: { 'user.id': 'span' } });
      withTrubrics({ userId: 'from-context' }, () => chat(tracer, { prompt: 'q', answer: 'a' }));
    });
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      { userId: 'span', threadId: 'trip' },
      { userId: 'from-context', threadId: 'trip' },
    ]);
  });

  test('withTrubrics writes baggage for called services only with propagate', () => {
    withTrubrics({ userId: 'ada', threadId: 'trip' }, () => expect(headersSent()).toEqual({}));
    withTrubrics({ userId: 'ada', threadId: 'trip', propagate: true }, () => {
      expect(headersSent()).toEqual({ baggage: 'user.id=ada,session.id=trip' });
      withTrubrics({ threadId: 'other' }, () =>
        expect(headersSent()).toEqual({ baggage: 'user.id=ada,session.id=other' }),
      );
      withTrubrics({ propagate: false, userId: 'grace' }, () =>
        expect(headersSent()).toEqual({ baggage: 'user.id=ada,session.id=trip' }),
      );
    });
    withTrubrics({ userId: 'ada', threadId: 'trip', propagate: ['threadId'] }, () =>
      expect(headersSent()).toEqual({ baggage: 'session.id=trip' }),
    );
  });

  test('a called service reads user and thread from the baggage that withTrubrics wrote', async () => {
    const { processor, destination, tracer } = useProvider({ baggageKeys: ['user.id', 'session.id'] });
    const headers = withTrubrics(
      { userId: 'ada@example.com', threadId: 'trip 1', propagate: true },
      headersSent,
    );
    context.with(propagation.extract(ROOT_CONTEXT, headers), () =>
      chat(tracer, { prompt: 'q', answer: 'a' }),
    );
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ userId: 'ada@example.com', threadId: 'trip 1' }]);
  });
});

describe('the identity of baggage', () => {
  const contextOf = (entries: Record<string, string>) =>
    propagation.setBaggage(
      ROOT_CONTEXT,
      propagation.createBaggage(
        Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
      ),
    );

  test('is nothing without a value of an allowed key', () => {
    expect(identityOfBaggage(ROOT_CONTEXT, ['user.id'])).toBeUndefined();
    expect(identityOfBaggage(contextOf({ 'user.id': '' }), ['user.id', 'tenant'])).toBeUndefined();
    expect(identityOfBaggage(contextOf({ other: 'x' }), { userId: 'user' })).toBeUndefined();
  });

  test('has no property for a key without a value, nor for one that is the user or the thread', () => {
    const ctx = contextOf({ 'user.id': 'ada', 'session.id': 'trip', tenant: 'acme', empty: '' });
    const keys = ['user.id', 'session.id', 'tenant', 'empty', 'missing'];
    expect(identityOfBaggage(ctx, keys)).toEqual({
      userId: 'ada',
      threadId: 'trip',
      properties: { tenant: 'acme' },
    });
  });

  test('has at most a thousand characters of a value, because any caller can set it', () => {
    const ctx = contextOf({ user: 'u'.repeat(1_000), thread: 't'.repeat(1_001) });
    expect(identityOfBaggage(ctx, { userId: 'user', threadId: 'thread' })).toEqual({
      userId: 'u'.repeat(1_000),
      threadId: 't'.repeat(1_000),
    });
  });
});
