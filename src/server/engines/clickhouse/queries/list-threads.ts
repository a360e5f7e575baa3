import type { ThreadList, ThreadOrder } from '../../../model/lists.js';
import { cutText } from '../../../model/preview.js';
import type { RecordQuery } from '../../../query/record-query.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { groupValues, isoTime, SEEN_MS, TOTALS, toTotals, type TotalsRow } from './totals.js';
import { whereClause } from './where-clause.js';

/** Characters of a conversation's first prompt: one or two lines of the list. */
const PREVIEW_LENGTH = 200;

interface ThreadRow extends TotalsRow {
  readonly thread: string;
  readonly first: string;
  readonly last: string;
  readonly total: string;
}

const ORDERS: Readonly<Record<ThreadOrder, string>> = {
  latest: 'last DESC',
  earliest: 'first',
  prompts: 'prompts DESC',
  tokens: 'totalTokens DESC',
  errors: 'errors DESC',
};

/** Returns the conversations that occur in the records that match, at most `limit`. */
export async function listThreads(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  limit: number,
  order: ThreadOrder,
): Promise<ThreadList> {
  const { sql, parameters } = whereClause(project, query, Date.now());
  const rows = await client.query<ThreadRow>(
    `SELECT thread, ${TOTALS},
  min(${SEEN_MS}) AS first, max(${SEEN_MS}) AS last,
  count() OVER () AS total
FROM records FINAL
WHERE ${sql} AND thread != ''
GROUP BY thread
ORDER BY ${ORDERS[order]}, last DESC, min(seq)
LIMIT {limit:UInt32}`,
    { parameters: { ...parameters, limit } },
  );
  const listed = { parameters: { ...parameters, listed: rows.map(({ thread }) => thread) } };
  // Texts are read for the conversations of the page alone.
  const [users, models, prompts] = await Promise.all([
    client.query<{ thread: string; name: string }>(
      `SELECT thread, user AS name FROM records FINAL
WHERE ${sql} AND thread IN {listed:Array(String)}
GROUP BY thread, user ORDER BY min(seq)`,
      listed,
    ),
    client.query<{ thread: string; name: string }>(
      `SELECT thread, model AS name FROM records FINAL
WHERE ${sql} AND kind = 'prompt' AND model != '' AND thread IN {listed:Array(String)}
GROUP BY thread, model ORDER BY min(seq)`,
      listed,
    ),
    client.query<{ thread: string; first_prompt: string }>(
      `SELECT thread, argMin(prompt, (${SEEN_MS}, seq)) AS first_prompt FROM records FINAL
WHERE ${sql} AND kind = 'prompt' AND thread IN {listed:Array(String)}
GROUP BY thread`,
      listed,
    ),
  ]);
  const [usersOf, modelsOf] = [users, models].map((names) =>
    groupValues(
      names,
      ({ thread }) => thread,
      ({ name }) => name,
    ),
  );
  const promptOf = new Map(prompts.map((row) => [row.thread, row.first_prompt]));
  return {
    threads: rows.map((row) => ({
      threadId: row.thread,
      ...toTotals(row),
      users: usersOf?.get(row.thread) ?? [],
      models: modelsOf?.get(row.thread) ?? [],
      firstPrompt: cutText(promptOf.get(row.thread) ?? '', PREVIEW_LENGTH),
      firstSeen: isoTime(row.first),
      lastSeen: isoTime(row.last),
    })),
    total: Number(rows[0]?.total ?? 0),
  };
}
