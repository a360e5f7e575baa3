import type { ThreadList, ThreadOrder, ThreadSummary } from '../../../model/lists.js';
import { withEllipsis } from '../../../model/preview.js';
import type { RecordQuery } from '../../../query/record-query.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { isoTime, SEEN_MS, TOTALS, toTotals, type TotalsRow } from './totals.js';
import { seenSince, type SeenSince } from './seen-since.js';
import { isSelective, whereClause } from './where-clause.js';

/** Characters of a conversation's first prompt: one or two lines of the list. */
const PREVIEW_LENGTH = 200;
/** Conversations that are ranked for a list. Ranking all of them takes memory and time in proportion to the table. */
export const MAX_RANKED = 10_000;
/** Days of the first window, and how many times as long the next one is at least and at most. */
const FIRST_DAYS = 2;
const MIN_GROWTH = 3;
const MAX_GROWTH = 32;
/** Windows that are tried before all of time is read. */
const WINDOWS = 3;

interface RankedRow {
  readonly thread: string;
  readonly total: string;
}

interface ThreadRow extends TotalsRow {
  readonly thread: string;
  readonly first: string;
  readonly last: string;
  readonly first_prompt: string;
  /** First place in the order of arrival by name. */
  readonly users: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, string>>;
}

const ORDERS: Readonly<Record<ThreadOrder, string>> = {
  latest: `max(${SEEN_MS}) DESC`,
  earliest: `min(${SEEN_MS})`,
  prompts: "countIf(kind = 'prompt') DESC",
  tokens: 'sum(total_tokens) DESC',
  cost: 'sum(nano_dollars) DESC',
  errors: 'sum(is_error) DESC',
};

/**
 * Returns the conversations that occur in the records that match, at most `limit`. If there are more than `MAX_RANKED`, those of the latest days are
 * ranked.
 */
export async function listThreads(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  limit: number,
  order: ThreadOrder,
): Promise<ThreadList> {
  const now = Date.now();
  const { ranked, since } = await rank(client, project, query, { limit, order, now });
  const byThread = new Map(
    (await details(client, project, query, ranked, now)).map((row) => [row.thread, row]),
  );
  return {
    threads: ranked.flatMap(({ thread }) => {
      const row = byThread.get(thread);
      return row ? [summarise(row)] : [];
    }),
    total: Number(ranked[0]?.total ?? 0),
    ...(since !== undefined && { rankedSince: new Date(since).toISOString() }),
  };
}

interface Ranking {
  readonly limit: number;
  readonly order: ThreadOrder;
  readonly now: number;
}

/** Reads windows that end now, each longer than the one before, until one has enough conversations. */
async function rank(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  { limit, order, now }: Ranking,
): Promise<{ readonly ranked: readonly RankedRow[]; readonly since?: number }> {
  const where = whereClause(project, query, now);
  const read = ({ sql, parameters }: SeenSince): Promise<readonly RankedRow[]> =>
    client.query<RankedRow>(
      `SELECT thread, count() OVER () AS total FROM records FINAL
WHERE ${where.sql} AND ${sql} AND thread != ''
GROUP BY thread
ORDER BY ${ORDERS[order]}, max(${SEEN_MS}) DESC, thread
LIMIT {limit:UInt32}`,
      { parameters: { ...where.parameters, ...parameters, limit } },
    );
  let days = FIRST_DAYS;
  for (let window = isSelective(query) ? WINDOWS : 0; window < WINDOWS; window++) {
    const since = now - days * 86_400_000;
    const ranked = await read(seenSince(since));
    const total = Number(ranked[0]?.total ?? 0);
    if (total >= MAX_RANKED) return { ranked, since };
    days *= Math.min(MAX_GROWTH, Math.max(MIN_GROWTH, (1.5 * MAX_RANKED) / Math.max(total, 1)));
  }
  return { ranked: await read({ sql: '1', parameters: {} }) };
}

/** Reads the numbers of all records that match, and the texts, of the conversations of the page alone. */
function details(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  ranked: readonly RankedRow[],
  now: number,
): Promise<readonly ThreadRow[]> {
  if (ranked.length === 0) return Promise.resolve([]);
  const threads = ranked.map(({ thread }) => thread);
  const { sql, parameters } = whereClause(project, { ...query, threads }, now);
  return client.query<ThreadRow>(
    `SELECT thread, ${TOTALS},
  min(${SEEN_MS}) AS first, max(${SEEN_MS}) AS last,
  argMinIf(prompt, (${SEEN_MS}, seq), kind = 'prompt') AS first_prompt,
  minMap(map(user, seq)) AS users,
  minMapIf(map(toString(model), seq), kind = 'prompt' AND model != '') AS models
FROM records FINAL
WHERE ${sql}
GROUP BY thread`,
    { parameters },
  );
}

function summarise(row: ThreadRow): ThreadSummary {
  return {
    threadId: row.thread,
    ...toTotals(row),
    users: byFirst(row.users),
    models: byFirst(row.models),
    firstPrompt: withEllipsis(row.first_prompt, PREVIEW_LENGTH),
    firstSeen: isoTime(row.first),
    lastSeen: isoTime(row.last),
  };
}

/** Returns names in the order of their first occurrence. */
function byFirst(places: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(places)
    .sort(([, a], [, b]) => Number(a) - Number(b))
    .map(([name]) => name);
}
