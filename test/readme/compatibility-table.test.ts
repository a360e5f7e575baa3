import { expect, test } from 'vitest';
import { DIALECTS } from '../../src/reading/dialects/dialect-list.js';
import { loadCaptures } from '../support/captures.js';
import { loadStrangers } from '../support/strangers.js';
import { compatibilityTable } from './compatibility-table.js';
import { UNCAPTURED } from './switches.js';

const rows = compatibilityTable().split('\n');

test('every row of the compatibility table has six cells, and none of them is empty', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows)
    expect(
      row
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim() !== ''),
    ).toEqual(Array.from({ length: 6 }, () => true));
});

test('the compatibility table has a row for every dialect that is read', () => {
  const named = DIALECTS.map(({ name }) => name).filter((name) => name !== 'gen_ai');
  const table = rows
    .join('\n')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  const words: Readonly<Record<string, string>> = { 'ai-sdk': 'vercelaisdk', traceloop: 'openllmetry' };
  expect(named.length).toBeGreaterThan(20);
  for (const name of named) expect(table).toContain(words[name] ?? name.replaceAll(/[^a-z]/g, ''));
});

test('every library that the compatibility table describes by its source has fixtures', () => {
  const known = new Set(loadStrangers().map(({ name }) => name));
  expect(UNCAPTURED.flatMap(({ fixtures }) => fixtures).filter((name) => !known.has(name))).toEqual([]);
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
