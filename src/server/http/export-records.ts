import type { StoredRecord } from '../model/stored-record.js';

export type ExportFormat = 'jsonl' | 'csv';

const COLUMNS: readonly [name: string, valueOf: (record: StoredRecord) => unknown][] = [
  ['id', (record) => record.id],
  ['kind', (record) => record.kind],
  ['timestamp', (record) => record.timestamp],
  ['received_at', (record) => record.receivedAt],
  ['user_id', (record) => record.userId],
  ['thread_id', (record) => record.threadId],
  ['event', (record) => (record.kind === 'event' ? record.event : undefined)],
  ['assistant_id', (record) => (record.kind === 'prompt' ? record.assistantId : undefined)],
  ['latency', (record) => (record.kind === 'prompt' ? record.latency : undefined)],
  ['prompt', (record) => (record.kind === 'prompt' ? record.prompt : undefined)],
  ['generation', (record) => (record.kind === 'prompt' ? record.generation : undefined)],
  ['tags', (record) => record.tags.join(', ')],
  ['input_tokens', (record) => record.properties['input_tokens']],
  ['output_tokens', (record) => record.properties['output_tokens']],
  ['total_tokens', (record) => record.properties['total_tokens']],
  ['error_type', (record) => record.properties['error_type']],
  ['properties', (record) => record.properties],
];

/** Characters per chunk of a download: small enough not to block ingestion noticeably. */
const CHUNK_LENGTH = 64 * 1024;

/** Formats records as a file: one JSON object a line, or CSV (RFC 4180) without cells that a spreadsheet takes for formulas. */
export async function* exportRecords(
  chunks: AsyncIterable<readonly StoredRecord[]>,
  format: ExportFormat,
): AsyncGenerator<string, void> {
  let text = format === 'csv' ? csvLine(COLUMNS.map(([name]) => name)) : '';
  for await (const records of chunks)
    for (const record of records) {
      text += format === 'csv' ? csvLine(COLUMNS.map(([, valueOf]) => valueOf(record))) : jsonLine(record);
      if (text.length < CHUNK_LENGTH) continue;
      yield text;
      text = '';
    }
  yield text;
}

function jsonLine(record: StoredRecord): string {
  return `${JSON.stringify(record)}\n`;
}

function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Spreadsheets execute cells that start with one of these, in some locales also the full-width forms.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
