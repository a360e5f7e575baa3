import { describe, expect, it } from 'vitest';
import { loadCaptures } from '../support/captures.js';
import { compatibilityTable } from './compatibility-table.js';

describe('compatibilityTable', () => {
  const rows = compatibilityTable().split('\n');

  it('has five cells in every row', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row.match(/ \| /g)).toHaveLength(4);
  });

  it('tells which cases were seen, and promises no more', () => {
    const genkit = rows.find((row) => row.startsWith('| Genkit'));
    expect(genkit).toContain('tool calls');
    expect(genkit).toMatch(/\| nothing missing in these \|$/);
  });

  it('names every version that was captured', () => {
    const versions = loadCaptures().flatMap((capture) => capture.version ?? []);
    for (const version of versions) expect(rows.join('\n')).toContain(version);
  });

  it('tells what a library does not record', () => {
    const openAi = rows.find((row) => row.startsWith('| Langfuse, OpenAI'));
    expect(openAi).toContain('| requested model (not always), finish reason (not always) |');
    const azure = rows.find((row) => row.startsWith('| Azure'));
    expect(azure).toMatch(/\| cached tokens, user, thread \|$/);
  });

  it('reads content from log records where there is none on spans', () => {
    const row = rows.find((each) => each.startsWith('| Elastic'));
    expect(row).toContain('| prompt, answer');
    expect(row).toContain('(messages from log records)');
  });
});
