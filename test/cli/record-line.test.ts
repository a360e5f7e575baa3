import { expect, test } from 'vitest';
import { recordLine, rejectionLine } from '../../src/cli/dev/record-line.js';
import type { StoredPrompt } from '../../src/server/index.js';

const RECORD: StoredPrompt = {
  seq: 1,
  kind: 'prompt',
  id: 'x',
  userId: 'ada',
  prompt: 'Tell me a joke',
  generation: 'g',
  assistantId: 'gpt-4o',
  latency: 1.24,
  timestamp: '2026-01-02T03:04:05.000Z',
  receivedAt: '2026-01-02T03:04:05.000Z',
  tags: [],
  properties: {},
};

test('a record is one line with user, model, latency and first words', () => {
  expect(recordLine(RECORD)).toMatch(/^\d\d:\d\d:05 {2}ada +gpt-4o +1\.2 s {2}Tell me a joke$/);
});

test('a line fits the terminal', () => {
  const line = recordLine({ ...RECORD, prompt: 'long '.repeat(100) }, 80);
  expect(line.length).toBeLessThan(80);
  expect(line).toMatch(/…$/);
});

test('what strangers wrote can neither move the cursor nor break the line', () => {
  const nasty = '\u001B[2J\u001B]0;title\u0007red\r\nnext\u0085line\u202Ebidi';
  const line = recordLine({ ...RECORD, prompt: nasty, userId: nasty, assistantId: nasty }, 500);
  // oxlint-disable-next-line no-control-regex
  expect(line).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E]/);
  const rejection = { id: 1, at: RECORD.timestamp, path: `/x${nasty}`, status: 422, detail: nasty };
  // oxlint-disable-next-line no-control-regex
  expect(rejectionLine(rejection, false)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E]/);
});
