import type { StoreEntry } from '../engines/record-store.js';
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

/** Characters of one chunk of a download, so that a large one does not hold up the ingestion. */
const CHUNK_LENGTH = 64 * 1024;

/** The records as a file: one JSON object a line, or CSV (RFC 4180) that no spreadsheet takes for formulas. */
export function* exportRecords(entries: Iterable<StoreEntry>, format: ExportFormat): Iterable<string> {
  let chunk = format === 'csv' ? csvLine(COLUMNS.map(([name]) => name)) : '';
  for (const { record } of entries) {
    chunk +=
      format === 'csv'
        ? csvLine(COLUMNS.map(([, valueOf]) => valueOf(record)))
        : `${JSON.stringify(record)}\n`;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Spreadsheets run what starts with one of these; full-width forms are taken for them in some locales.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
