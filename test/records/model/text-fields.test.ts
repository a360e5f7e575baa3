import { expect, test } from 'vitest';
import { PrivacyFilter } from '../../../src/pipeline/privacy-filter.js';
import { TEXT_FIELDS, type PromptRecord } from '../../../src/records/model/prompt-record.js';
import { isPromptRecord } from '../../../src/records/privacy/is-prompt-record.js';
import { redactPersonalData } from '../../../src/records/privacy/redaction/redact-personal-data.js';

const base: PromptRecord = {
  id: 'trace-span',
  userId: 'user-1',
  threadId: 'thread-1',
  prompt: '',
  generation: '',
  assistantId: 'gpt-4o',
  timestamp: '2026-01-02T03:04:05.000Z',
  latency: 1,
  tags: [],
  properties: {},
};

test('the text fields of a record are prompt and generation', () => {
  expect(TEXT_FIELDS).toEqual(['prompt', 'generation']);
});

test.each(TEXT_FIELDS)('the text field %s is redacted, cut, and demanded of what redact returns', (field) => {
  const record = { ...base, [field]: `ada@example.com ${'x'.repeat(50)}` };
  const redacted = redactPersonalData(record);
  expect(redacted[field]).toMatch(/^\[email\] x+$/);
  const filter = new PrivacyFilter({ samplingRatio: 1, maxTextLength: 10, maxPropertyLength: 1_000 });
  const filtered = filter.apply(record, 'user-1');
  expect(filtered).toMatchObject({ kept: true, value: { properties: { truncated: true } } });
  expect(filtered.kept ? filtered.value[field].length : 0).toBe(10);
  expect(isPromptRecord(record)).toBe(true);
  expect(isPromptRecord({ ...record, [field]: undefined })).toBe(false);
});
