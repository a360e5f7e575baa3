import type { StoredRecord } from '../../../model/stored-record.js';
import type { RecordQuery } from '../../../query/record-query.js';
import type { RecordLines } from '../../record-store.js';
import { JsonBuffer } from '../contents/json-buffer.js';
import { selectRows } from '../select-rows.js';
import type { RecordTable } from '../table/record-table.js';

/** Records of one chunk. */
const CHUNK_RECORDS = 100;
/** Bytes of one chunk of JSON lines: small enough not to block ingestion noticeably. */
const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Yields the records that match, in order of arrival. Those removed while a slow reader iterates are left out. */
export function* matchingRecords(table: RecordTable, query: RecordQuery): Iterable<StoredRecord> {
  for (const row of matchingRows(table, query)) {
    const record = table.record(row);
    if (record) yield record;
  }
}

/** Yields the records that match, in chunks. */
export function* exportRecords(table: RecordTable, query: RecordQuery): Iterable<readonly StoredRecord[]> {
  let chunk: StoredRecord[] = [];
  for (const record of matchingRecords(table, query)) {
    chunk.push(record);
    if (chunk.length < CHUNK_RECORDS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Yields the records that match as JSON lines, in chunks. */
export function* exportLines(table: RecordTable, query: RecordQuery): Iterable<RecordLines> {
  const lines = new JsonBuffer();
  let length = 0;
  for (const row of matchingRows(table, query)) {
    if (!table.writeJson(row, lines)) continue;
    lines.addByte(NEWLINE);
    length++;
    if (lines.length < CHUNK_BYTES) continue;
    yield { length, bytes: Uint8Array.from(lines.bytes) };
    lines.clear();
    length = 0;
  }
  if (length > 0) yield { length, bytes: Uint8Array.from(lines.bytes) };
}

/** Yields rows that match. By the time it is read, a row may be empty. */
function* matchingRows(table: RecordTable, query: RecordQuery): Iterable<number> {
  const rows = selectRows(table, query, Date.now());
  // By sequence number: rows move when the table closes up while a slow reader iterates.
  const shift = table.firstSeq - table.first;
  for (const row of rows) yield table.rowOf(row + shift);
}
