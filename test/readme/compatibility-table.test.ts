import { expect, test } from 'vitest';
import { loadCaptures } from '../support/captures.js';
import { compatibilityTable } from './compatibility-table.js';

const rows = compatibilityTable().split('\n');

test('the compatibility table has five cells in every row', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row.match(/ \| /g)).toHaveLength(4);
});

test('the compatibility table names the cases that were captured and promises no more', () => {
  const genkit = rows.find((row) => row.startsWith('| Genkit'));
  expect(genkit).toContain('tool calls');
  expect(genkit).toMatch(/\| nothing missing in these \|$/);
});

test('the compatibility table names every version that was captured', () => {
  const versions = loadCaptures().flatMap((capture) => capture.version ?? []);
  for (const version of versions) expect(rows.join('\n')).toContain(version);
});

test('the compatibility table names what a library does not record', () => {
  const openAi = rows.find((row) => row.startsWith('| Langfuse, OpenAI'));
  expect(openAi).toContain('| requested model (not always), finish reason (not always) |');
  const azure = rows.find((row) => row.startsWith('| Azure'));
  expect(azure).toMatch(/\| cached tokens, user, thread \|$/);
});

test('the compatibility table counts content of log records as read', () => {
  const row = rows.find((each) => each.startsWith('| Elastic'));
  expect(row).toContain('| prompt, answer');
  expect(row).toContain('(messages from log records)');
});
