import { expect, test } from 'vitest';
import { type PromptInput, toManualRecord } from '../../src/client/prompt-input.js';
import type { Identity } from '../../src/identity/with-trubrics.js';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const DEFAULTS = { tags: ['option', 'both'], properties: { team: 'option' }, maxTextLength: 10 };

const record = (input: Partial<PromptInput>, context?: Identity, defaults: object = {}) =>
  toManualRecord(
    { prompt: 'q', generation: 'a', ...input },
    context,
    { ...DEFAULTS, ...defaults },
    'made-up',
    NOW,
  );

test('a prompt alone gets the values of the options, and a new id', () => {
  expect(record({})).toEqual({
    id: 'made-up',
    userId: 'anonymous',
    prompt: 'q',
    generation: 'a',
    assistantId: 'unknown',
    timestamp: NOW.toISOString(),
    latency: 0,
    tags: ['option', 'both'],
    properties: { team: 'option' },
  });
  expect(record({ prompt: '' })).toBeUndefined();
  expect(record({ prompt: 5 as never })).toBeUndefined();
});

const CONTEXT: Identity = {
  userId: 'context',
  threadId: 'thread of context',
  tags: ['context', 'both'],
  properties: { team: 'context', city: 'Rome' },
};

test('the input wins over the context, and that over the options', () => {
  const input = {
    id: 'mine',
    userId: 'input',
    threadId: 'thread of input',
    assistantId: 'm',
    timestamp: '2025-12-31T00:00:00Z',
    latency: 1.5,
    tags: ['input'],
    properties: { city: 'Oslo' },
  };
  const options = { defaultUserId: 'default' };
  expect(record(input, CONTEXT, options)).toMatchObject({
    ...input,
    timestamp: '2025-12-31T00:00:00.000Z',
    tags: ['option', 'both', 'context', 'input'],
    properties: { team: 'context', city: 'Oslo' },
  });
  expect(record({}, CONTEXT, options)).toMatchObject({ userId: 'context', threadId: 'thread of context' });
  expect(record({}, undefined, options)).toMatchObject({ userId: 'default' });
  expect(record({}, undefined, options)).not.toHaveProperty('threadId');
});

test('empty texts count as none, and long ones are cut', () => {
  expect(record({ id: '', userId: '', assistantId: '', tags: [''] })).toMatchObject({
    id: 'made-up',
    userId: 'anonymous',
    assistantId: 'unknown',
    tags: ['option', 'both'],
  });
  const long = 'x'.repeat(2_000);
  const found = record({ prompt: long, generation: long, assistantId: long });
  expect([found?.prompt.length, found?.generation.length, found?.assistantId.length]).toEqual([
    10, 10, 1_000,
  ]);
});

test.each([-1, Number.NaN, Infinity, '1'])('a latency of %s counts as none', (latency) => {
  expect(record({ latency: latency as number })?.latency).toBe(0);
});
