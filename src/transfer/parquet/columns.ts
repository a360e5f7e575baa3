import type { BasicType } from 'hyparquet-writer';
import { asNumber, asRecord, asText, type UnknownRecord } from '../../common/unknown-values.js';

/** A column of the file. Every column has one type in every file, and may be null in any row. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: BasicType;
  /** Returns the value of one JSON line; undefined for null. */
  readonly valueOf: (line: UnknownRecord) => unknown;
}

const text = (name: string, field: string): ParquetColumn => ({
  name,
  type: 'STRING',
  // Texts of records can be empty.
  valueOf: (line) => (typeof line[field] === 'string' ? line[field] : undefined),
});
const json = (name: string, field: string): ParquetColumn => ({
  name,
  type: 'STRING',
  valueOf: (line) => (line[field] === undefined ? undefined : JSON.stringify(line[field])),
});
const time = (name: string, field: string): ParquetColumn => ({
  name,
  type: 'TIMESTAMP',
  valueOf: (line) => {
    const ms = Date.parse(asText(line[field]) ?? '');
    return Number.isNaN(ms) ? undefined : new Date(ms);
  },
});
/** A number that every record may have among its properties. */
const property = (name: string): ParquetColumn => ({
  name,
  type: 'DOUBLE',
  valueOf: ({ properties }) => asNumber(asRecord(properties)[name]),
});

/** Columns of an export. Texts that hold JSON are columns of strings, which every reader has. */
export const RECORD_COLUMNS: readonly ParquetColumn[] = [
  {
    name: 'seq',
    type: 'INT64',
    valueOf: ({ seq }) => (Number.isSafeInteger(seq) ? BigInt(seq as number) : undefined),
  },
  text('id', 'id'),
  text('kind', 'kind'),
  time('timestamp', 'timestamp'),
  time('received_at', 'receivedAt'),
  text('user_id', 'userId'),
  text('thread_id', 'threadId'),
  text('event', 'event'),
  text('prompt', 'prompt'),
  text('generation', 'generation'),
  text('assistant_id', 'assistantId'),
  text('prompt_event_name', 'promptEventName'),
  text('generation_event_name', 'generationEventName'),
  text('origin', 'origin'),
  { name: 'latency', type: 'DOUBLE', valueOf: ({ latency }) => asNumber(latency) },
  property('input_tokens'),
  property('output_tokens'),
  property('total_tokens'),
  property('cost'),
  json('tags', 'tags'),
  json('forwarded_to', 'forwardedTo'),
  json('properties', 'properties'),
];

/** In front of them in an export of changes: `put`, `remove` (of `id` alone) or `reset`. */
export const CHANGE_COLUMN: ParquetColumn = {
  name: 'change',
  type: 'STRING',
  valueOf: ({ change }) => change ?? 'put',
};

/** Returns the rows of one JSON line: a line of an export of changes can remove several records. */
export function rowsOf(line: UnknownRecord): readonly UnknownRecord[] {
  if (Array.isArray(line['removed'])) return line['removed'].map((id) => ({ change: 'remove', id }));
  return line['reset'] === true && !('id' in line) ? [{ change: 'reset' }] : [line];
}
