import { expect, test } from 'vitest';
import { createTermTest } from '../../../src/server/query/match-term.js';

test('a term of five letters is found at the beginning of a word, a shorter one as a whole word', () => {
  const found = (term: string, texts: readonly string[]): readonly string[] =>
    texts.filter(createTermTest(term));
  expect(found('order', ['an order', 'ordered', 'order', '(order)', 'border', 'reorder', 'or der'])).toEqual([
    'an order',
    'ordered',
    'order',
    '(order)',
  ]);
  expect(found('plan', ['my plan.', 'plans', 'airplan', 'a plane, no: a plan', 'plan_b'])).toEqual([
    'my plan.',
    'a plane, no: a plan',
    'plan_b',
  ]);
  expect(found('vat', ['vat', 'private vat', 'private', 'vat2'])).toEqual(['vat', 'private vat']);
});

test('a term in a script without spaces is found anywhere', () => {
  expect(createTermTest('返金')('注文の返金について')).toBe(true);
  expect(createTermTest('คืนเงิน')('ขอคืนเงินครับ')).toBe(true);
  expect(createTermTest('환불')('환불 요청')).toBe(true);
  expect(createTermTest('环境')('测试环境的问题')).toBe(true);
});

test('accents and characters of two code units are parts of words', () => {
  expect(createTermTest('tern')('ae\u0301tern')).toBe(false);
  expect(createTermTest('gift')('𝒜gift')).toBe(false);
  expect(createTermTest('gift')('gift𝒜')).toBe(false);
  expect(createTermTest('gift')('👍gift👍')).toBe(true);
});
