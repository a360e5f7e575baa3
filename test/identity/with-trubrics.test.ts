import { context, propagation } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { identityOf, withTrubrics, type Identity } from '../../src/identity/with-trubrics.js';
import { useContextManager } from '../support/use-context-manager.js';

const current = () => identityOf(context.active());

useContextManager();

describe('withTrubrics', () => {
  test('withTrubrics() nests: inner values win, tags and properties add up', () => {
    withTrubrics({ userId: 'ada', threadId: 't', tags: ['web'], properties: { a: 1, b: 1 } }, () =>
      withTrubrics({ userId: 'grace', tags: ['vip'], properties: { b: 2 } }, () => {
        expect(current()).toEqual({
          userId: 'grace',
          threadId: 't',
          tags: ['web', 'vip'],
          properties: { a: 1, b: 2 },
        });
      }),
    );
    expect(current()).toBeUndefined();
  });

  test.each([
    ['false', { record: false }],
    ['0', { record: false }],
    ['', { record: false }],
    [' True ', undefined],
  ])('baggage that says trubrics.record=%j is the opt-out of the calling service', (value, expected) => {
    const baggage = propagation.createBaggage({ 'trubrics.record': { value } });
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      expect(current()).toEqual(expected);
      withTrubrics({ userId: 'ada' }, () => expect(current()).toMatchObject({ userId: 'ada', ...expected }));
      withTrubrics({ record: true }, () => expect(current()?.record).toBe(true));
    });
  });

  test('baggage without an opt-out gives no identity', () => {
    const baggage = propagation.createBaggage({ other: { value: 'false' } });
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      expect(current()).toBeUndefined();
      withTrubrics({ userId: 'ada' }, () => expect(current()?.record).toBeUndefined());
    });
  });

  test('withTrubrics() returns what the function returns and throws what it throws', () => {
    expect(withTrubrics({ userId: 'ada' }, () => 42)).toBe(42);
    expect(() =>
      withTrubrics({ userId: 'ada' }, () => {
        throw new RangeError('from the application');
      }),
    ).toThrow(RangeError);
  });

  test.each<[string, unknown, unknown]>([
    ['numbers as ids', { userId: 42, threadId: 7n }, { userId: '42', threadId: '7' }],
    ['nothing known', { userId: undefined, threadId: ' ' }, {}],
    ['tags that are no list', { userId: 'ada', tags: 'abc' }, { userId: 'ada' }],
    ['tags that are no texts', { tags: ['a', 5, null] }, { tags: ['a'] }],
    ['no identity', null, {}],
    ['a text', 'ada', {}],
  ])('withTrubrics() takes %s without throwing', (_title, given, expected) => {
    withTrubrics(given as Identity, () => expect(current()).toMatchObject(expected as object));
    withTrubrics({ tags: ['outer'] }, () =>
      withTrubrics(given as Identity, () => expect(current()?.tags?.[0]).toBe('outer')),
    );
  });

  test('withTrubrics() runs the function although reading the identity throws', () => {
    const hostile = {
      get userId(): string {
        throw new Error('no');
      },
    };
    expect(withTrubrics(hostile, () => 'ran')).toBe('ran');
  });
});
