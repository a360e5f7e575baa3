import { expect, test } from 'vitest';
import { isPromptRecord } from '../../../src/records/privacy/is-prompt-record.js';

const RECORD = {
  id: 'i',
  userId: 'u',
  prompt: '',
  generation: '',
  assistantId: 'm',
  timestamp: '2026-01-01T00:00:00.000Z',
  latency: 1,
  tags: [],
  properties: {},
};

test('a record with every field that destinations need is one', () => {
  expect(isPromptRecord(RECORD)).toBe(true);
  expect(isPromptRecord({ ...RECORD, threadId: 't' })).toBe(true);
});

test.each(Object.keys(RECORD))('a record without "%s", or with one of another type, is none', (field) => {
  expect(isPromptRecord({ ...RECORD, [field]: undefined })).toBe(false);
  expect(isPromptRecord({ ...RECORD, [field]: null })).toBe(false);
  expect(isPromptRecord({ ...RECORD, [field]: Symbol('other') })).toBe(false);
});

test('a record without a user is none, nor is anything that is no object', () => {
  expect(isPromptRecord({ ...RECORD, userId: '' })).toBe(false);
  for (const value of [undefined, null, 'text', 1, []]) expect(isPromptRecord(value)).toBe(false);
});
