import type { RecordLines } from '../../engines/record-store.js';
import { costOf, type CostCounts } from '../../model/cost.js';
import {
  evaluationOf,
  FeedbackIndex,
  feedbackOf,
  feedbackTarget,
  isFeedback,
  type Evaluation,
} from '../../model/feedback.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { guardedText } from './spreadsheet-text.js';

export type ExportFormat = 'jsonl' | 'csv';

/** Returns the feedback on records, in order of arrival. */
export type FeedbackSource = (ids: readonly string[]) => Promise<readonly StoredRecord[]>;

/** `feedback` is the feedback on the record, or the record itself if it is feedback. */
type ValueOf = (record: StoredRecord, feedback: readonly StoredRecord[]) => unknown;

const COLUMNS: readonly (readonly [name: string, valueOf: ValueOf])[] = [
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
  ['cost', (record) => costIn(record)?.cost],
  ['priced_calls', (record) => costIn(record)?.pricedCalls],
  ['unpriced_calls', (record) => costIn(record)?.unpricedCalls],
  ['error_type', (record) => record.properties['error_type']],
  ['feedback_on', (record) => feedbackTarget(record)],
  ['feedback', (_record, feedback) => joined(feedback.map(feedbackOf))],
  ['feedback_score', (_record, feedback) => joined(properties(thumbs(feedback), 'score', 'value', 'rating'))],
  ['feedback_label', (_record, feedback) => joined(properties(thumbs(feedback), 'label'))],
  ['feedback_comment', (_record, feedback) => joined(properties(thumbs(feedback), 'comment', 'explanation'))],
  ['evaluations', (_record, feedback) => joined(evaluations(feedback).map(evaluationText))],
  [
    'evaluation_explanation',
    (_record, feedback) => joined(evaluations(feedback).map(({ explanation }) => explanation)),
  ],
  ['properties', (record) => record.properties],
];

/** Characters per chunk of a download: small enough not to block ingestion noticeably. */
const CHUNK_LENGTH = 64 * 1024;

/** Records whose feedback is read at once: each time, an engine may have to look at all of its records. */
const FEEDBACK_BATCH = 1000;
/** Excel 2007 and later: a longer cell spills over into the next rows. */
const MAX_CELL_LENGTH = 32_767;
const CUT = '… (cut)';
/** Excel reads a file without it in the encoding of the machine, not as UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Formats records as JSON lines. */
export async function* exportJsonLines(
  chunks: AsyncIterable<readonly StoredRecord[]>,
): AsyncIterable<RecordLines> {
  let [text, length] = ['', 0];
  for await (const records of chunks)
    for (const record of records) {
      text += jsonLine(record);
      length++;
      if (text.length < CHUNK_LENGTH) continue;
      yield { length, bytes: Buffer.from(text) };
      [text, length] = ['', 0];
    }
  if (length > 0) yield { length, bytes: Buffer.from(text) };
}

/**
 * Formats records as CSV (RFC 4180) that Excel opens as it is: with a byte order mark, with the feedback on each record, without cells
 * that a spreadsheet takes for formulas, and with texts cut where a cell ends.
 */
export function exportCsv(
  chunks: AsyncIterable<readonly StoredRecord[]>,
  feedbackOn: FeedbackSource,
): AsyncGenerator<Uint8Array, void> {
  return inChunks(csvLines(chunks, feedbackOn));
}

async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  let text = '';
  for await (const line of lines) {
    text += line;
    if (text.length < CHUNK_LENGTH) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

async function* csvLines(
  chunks: AsyncIterable<readonly StoredRecord[]>,
  feedbackOn: FeedbackSource,
): AsyncIterable<string> {
  yield BYTE_ORDER_MARK + csvLine(COLUMNS.map(([name]) => name));
  for await (const records of inBatches(chunks, FEEDBACK_BATCH)) {
    const index = new FeedbackIndex();
    index.add(await feedbackOn(records.map(({ id }) => id)));
    for (const record of records) {
      const feedback = isFeedback(record) ? [record] : index.forRecord(record.id);
      yield csvLine(COLUMNS.map(([, valueOf]) => valueOf(record, feedback)));
    }
  }
}

async function* inBatches<T>(chunks: AsyncIterable<readonly T[]>, size: number): AsyncIterable<readonly T[]> {
  let batch: T[] = [];
  for await (const chunk of chunks) {
    batch.push(...chunk);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Returns what a record cost as it counts in sums, so that the columns add up; undefined without a call. A cost without a priced call is unknown. */
function costIn(record: StoredRecord): (Omit<CostCounts, 'cost'> & { readonly cost?: number }) | undefined {
  const { cost, pricedCalls, unpricedCalls } = costOf(record);
  if (pricedCalls + unpricedCalls === 0) return undefined;
  return { pricedCalls, unpricedCalls, ...(pricedCalls > 0 && { cost }) };
}

function thumbs(feedback: readonly StoredRecord[]): readonly StoredRecord[] {
  return feedback.filter((record) => evaluationOf(record) === undefined);
}

function evaluations(feedback: readonly StoredRecord[]): readonly Evaluation[] {
  return feedback.flatMap((record) => evaluationOf(record) ?? []);
}

/** Returns an evaluation as `faithfulness 0.1 unfaithful`. */
function evaluationText({ name, score, label }: Evaluation): string {
  return [name, score, label].filter((part) => part !== undefined).join(' ');
}

/** Returns the first of some properties that each record has. */
function properties(records: readonly StoredRecord[], ...names: readonly string[]): unknown[] {
  return records.map((record) =>
    names.map((name) => record.properties[name]).find((value) => value !== undefined),
  );
}

/** Returns what several events say in one cell, in order of arrival; one that says nothing is left out. */
function joined(values: readonly unknown[]): unknown {
  const given = values.filter((value) => value !== undefined && value !== null && value !== '');
  return given.length > 1 ? given.map(textOf).join('; ') : given[0];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
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
  const safe = cut(guardedText(textOf(value)));
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function cut(text: string): string {
  if (text.length <= MAX_CELL_LENGTH) return text;
  const end = MAX_CELL_LENGTH - CUT.length;
  // Never splits a surrogate pair.
  const last = text.charCodeAt(end - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end) + CUT;
}
