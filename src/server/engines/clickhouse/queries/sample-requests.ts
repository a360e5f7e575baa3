import { fromNanoDollars } from '../../../model/cost.js';
import { MAX_SAMPLED_TEXT, type RequestSample } from '../../../model/request-sample.js';
import type { RecordQuery } from '../../../query/record-query.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { ASKED_TEXT } from './asked-text.js';
import { whereClause } from './where-clause.js';

interface SampleRow {
  readonly id: string;
  readonly user: string;
  readonly thread: string;
  readonly text: string;
  readonly is_error: number;
  readonly nano_dollars: string;
  readonly priced_calls: number;
  readonly unpriced_calls: number;
}

/** Chooses requests by a hash of their id. Their texts are cut by the database. */
export async function sampleRequests(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  limit: number,
): Promise<RequestSample> {
  const { sql, parameters } = whereClause(project, query, Date.now());
  const requests = `FROM records FINAL WHERE ${sql} AND (kind = 'prompt' OR is_error = 1)`;
  const [rows, counts] = await Promise.all([
    client.query<SampleRow>(
      `SELECT id, user, thread, substringUTF8(${ASKED_TEXT}, 1, ${MAX_SAMPLED_TEXT}) AS text, is_error, nano_dollars, priced_calls, unpriced_calls
${requests} ORDER BY murmurHash3_32(id), id LIMIT {limit:UInt32}`,
      { parameters: { ...parameters, limit } },
    ),
    client.query<{ readonly total: string }>(`SELECT count() AS total ${requests}`, { parameters }),
  ]);
  return { requests: rows.map(toRequest), total: Number(counts[0]?.total ?? 0) };
}

function toRequest(row: SampleRow): RequestSample['requests'][number] {
  return {
    id: row.id,
    userId: row.user,
    ...(row.thread !== '' && { threadId: row.thread }),
    text: row.text.slice(0, MAX_SAMPLED_TEXT),
    isError: row.is_error === 1,
    cost: fromNanoDollars(Number(row.nano_dollars)),
    pricedCalls: row.priced_calls,
    unpricedCalls: row.unpriced_calls,
  };
}
