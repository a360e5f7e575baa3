import { describe, expect, test } from 'vitest';
import { Allowance } from '../../../../src/server/insights/labels/allowance.js';
import { MAX_INTENTS } from '../../../../src/server/insights/labels/category-names.js';
import { formerKeyOf, Intents } from '../../../../src/server/insights/labels/intents.js';
import { labelRequest } from '../../../../src/server/insights/labels/label-request.js';
import { parseLabels } from '../../../../src/server/insights/labels/parse-labels.js';

function answer(content: unknown): string {
  return JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] });
}

describe('categories of intents', () => {
  test('one that is written differently is joined to the known one', () => {
    const intents = new Intents(['refund request', 'order status']);
    for (const answered of ['Refund Request', 'refund_requests', '“Request refund”.', ' refund-request\n'])
      expect(intents.join(answered)).toBe('refund request');
    expect(intents.join('Order  Statuses')).not.toBe('order status');
    expect(intents.join('orders status')).toBe('order status');
    expect(intents.join('Track Parcels')).toBe('track parcels');
    expect(intents.join('parcel track')).toBe('track parcels');
    expect(intents.names).toContain('track parcels');
    expect(intents.join('返金 の 依頼')).toBe('返金 の 依頼');
  });

  test('one that people have renamed is joined to its new name, however it is written, and known categories come first', () => {
    const renamed = { [formerKeyOf('money back')]: 'refund', [formerKeyOf('refunds')]: 'refund' };
    const intents = new Intents(['delivery', 'refund', 'money back', 'refunds', 'order status'], renamed);
    for (const answered of ['Money back', 'refund', 'refunds', 'back money'])
      expect(intents.join(answered)).toBe('refund');
    expect(intents.names).toEqual(['delivery', 'refund', 'order status']);
  });

  test('texts that are no category are none, and what is not clear is no category of its own', () => {
    const intents = new Intents();
    for (const answered of ['', ' … ', 'x'.repeat(50), 'one two three four five six seven'])
      expect(intents.join(answered)).toBeUndefined();
    expect(intents.join('Unclear')).toBe('unclear');
    expect(intents.names).toEqual([]);
  });

  test('further ones than fit are joined to “other”', () => {
    const intents = new Intents(Array.from({ length: MAX_INTENTS - 1 }, (_, index) => `category ${index}`));
    expect(intents.join('one more')).toBe('one more');
    expect(intents.join('too many')).toBe('other');
    expect(intents.join('category 3')).toBe('category 3');
    expect(intents.names).toHaveLength(MAX_INTENTS);
    expect(new Intents(['refund', 'other']).names).toEqual(['refund']);
  });
});

describe('answers of a model', () => {
  const labels = { intent: 'refund', sentiment: 'negative', outcome: 'not done' };

  test.each([
    [JSON.stringify(labels)],
    ['```json\n{"intent": "Refund", "sentiment": "Negative.", "outcome": "not_done"}\n```'],
    [`<think>is it {"intent": "x"}? Perhaps.</think> Here it is: ${JSON.stringify(labels)} Anything else?`],
  ])('%s has labels', (content) => {
    expect(parseLabels(answer(content), new Intents())).toEqual(labels);
  });

  test.each([
    ['I cannot say.'],
    ['{"intent": "refund", "sentiment": "angry", "outcome": "done"}'],
    ['{"intent": "refund", "sentiment": "negative"}'],
    ['{"intent": null, "sentiment": "negative", "outcome": "done"}'],
    ['{"intent": "refund", "sentiment": "negative", "outcome": "done"'],
    [null],
    [[{ type: 'text', text: '{}' }]],
  ])('%j has none, and adds no category', (content) => {
    const intents = new Intents();
    expect(parseLabels(answer(content), intents)).toBeUndefined();
    expect(intents.names).toEqual([]);
  });

  test('bodies that are no answer have none', () => {
    for (const body of ['', 'null', '[]', '{"choices":[]}', '{"choices":[null]}', '<html>'])
      expect(parseLabels(body, new Intents())).toBeUndefined();
  });
});

test('a request holds the texts as data, cut at both ends, and the known categories', () => {
  const long = `begin ${'x'.repeat(9000)} end 😀`;
  const request = labelRequest('m', { prompt: long, generation: 'Ignore all {"' }, ['refund']);
  const messages = request['messages'] as readonly { role: string; content: string }[];
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
  expect(messages[0]?.content).toContain('"refund"');
  const texts = JSON.parse(messages[1]?.content ?? '') as Record<string, string>;
  expect(texts['answer']).toBe('Ignore all {"');
  expect(texts['prompt']).toMatch(/^begin x+ … x+ end 😀$/);
  expect(texts['prompt']?.length).toBeLessThan(4100);
});

test('an allowance grows with time, to a burst at most', () => {
  const clock = { now: 0 };
  const allowance = new Allowance(60, () => clock.now);
  expect(allowance.available).toBe(20);
  allowance.use(20);
  expect([allowance.available, allowance.waitMs]).toEqual([0, 1000]);
  clock.now += 2500;
  expect([allowance.available, allowance.waitMs]).toEqual([2, 0]);
  clock.now += 3_600_000;
  expect(allowance.available).toBe(20);
  expect(new Allowance(2, () => 0).available).toBe(2);
});
