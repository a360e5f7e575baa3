import type { RecordQuery } from '../../../query/record-query.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { fromRow, RECORD_COLUMNS, type RecordColumns } from './record-row.js';
import { whereClause } from './where-clause.js';

const DAY_MICROS = 86_400_000_000;

/** Records of one chunk. */
const CHUNK = 500;

/**
 * Yields records in order of arrival, one day of arrivals after the other: sorting all of them at once takes memory in proportion to the
 * table.
 */
export async function* exportRecords(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
): AsyncIterable<readonly StoredRecord[]> {
  const { sql, parameters } = whereClause(project, query, Date.now());
  // Without FINAL: a day that has only superseded rows is read in vain, and no day is left out.
  const days = await client.query<{ day: number }>(
    `SELECT DISTINCT toUInt32(intDiv(seq, ${DAY_MICROS})) AS day FROM records
WHERE project = {project:String} ORDER BY day`,
    { parameters: { project } },
  );
  for (const { day } of days) {
    let chunk: StoredRecord[] = [];
    for await (const rows of client.stream<RecordColumns>(
      `SELECT ${RECORD_COLUMNS} FROM records FINAL
WHERE ${sql} AND seq >= {from:UInt64} AND seq < {to:UInt64}
ORDER BY seq, id`,
      { parameters: { ...parameters, from: day * DAY_MICROS, to: (day + 1) * DAY_MICROS } },
    ))
      for (const row of rows) {
        chunk.push(fromRow(row));
        if (chunk.length < CHUNK) continue;
        yield chunk;
        chunk = [];
      }
    if (chunk.length > 0) yield chunk;
  }
}
