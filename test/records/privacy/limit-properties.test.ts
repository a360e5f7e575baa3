import { expect, test } from 'vitest';
import type { PromptRecord } from '../../../src/records/model/prompt-record.js';
import { limitProperties } from '../../../src/records/privacy/limit-properties.js';

const RECORD: PromptRecord = {
  id: 'i'.repeat(20),
  userId: 'u'.repeat(20),
  prompt: 'p'.repeat(20),
  generation: 'g'.repeat(20),
  assistantId: 'm',
  timestamp: '2026-01-01T00:00:00.000Z',
  latency: 1,
  tags: [],
  properties: {},
};

test('every text in tags and properties is cut, at any depth, and nothing else', () => {
  const long = 'x'.repeat(20);
  const cut = 'x'.repeat(10);
  const tags = Array.from({ length: 12 }, () => long);
  const properties = { long, short: 'y', number: 1, list: [long, { deep: long }], none: null };
  expect(limitProperties({ ...RECORD, tags, properties }, 10)).toEqual({
    ...RECORD,
    tags: tags.map(() => cut),
    properties: { long: cut, short: 'y', number: 1, list: [cut, { deep: cut }], none: null },
  });
});

test('a character of two code units is not cut in two', () => {
  const properties = { text: `${'x'.repeat(9)}😀` };
  expect(limitProperties({ ...RECORD, properties }, 10).properties.text).toBe('x'.repeat(9));
});
