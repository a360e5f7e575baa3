import { Hono } from 'hono';
import type { RecordStore } from '../../engines/record-store.js';
import { cursorToJson } from '../../engines/cursor.js';
import type { Intake } from '../../ingest/intake.js';
import { costOf, fromNanoDollars, toNanoDollars } from '../../model/cost.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { readSegmentQuery } from '../../audience/read-query.js';
import { BadQueryError } from '../../query/parse-query.js';
import { answerError } from './answer-error.js';

/** Records of one request: it has to end soon, and the next one goes on. */
const BATCH = 500;

/** Sums over the records of one request. */
export interface RepricedSums {
  readonly cost: number;
  readonly pricedCalls: number;
  readonly unpricedCalls: number;
}

/** Answer of `POST /api/recompute`. */
export interface RecomputeAnswer {
  readonly records: number;
  /** Records whose cost has changed, or would. */
  readonly changed: number;
  readonly was: RepricedSums;
  readonly is: RepricedSums;
  /** Value of `before` for the next request; `null` after the last. */
  readonly before: number | string | null;
}

/**
 * `POST /recompute`, below `/api`: computes the cost of stored records at the prices of now, batch by batch, the latest arrival first. `scope` =
 * `gaps` (those with unpriced calls) or `all`; a cost that was sent stays. With `dry=true`, nothing is stored. Takes the filters of
 * {@link readSegmentQuery}; internal traffic is included. `before` goes on after an earlier batch.
 */
export function recomputeRoute(store: RecordStore, intake: Pick<Intake, 'reprice'>): Hono {
  const app = new Hono();
  app.onError(answerError);
  app.post('/recompute', async (c) => {
    const params = new URL(c.req.url).searchParams;
    const [scope, isDry, before] = [readScope(params), readFlag(params, 'dry'), params.get('before')];
    const query = await readSegmentQuery(params, store.documents);
    const page = await store.list(query, { limit: BATCH, ...(before && { before }) });
    const repriced = await intake.reprice(
      page.records.map(({ id }) => id),
      scope,
      isDry,
    );
    return c.json({
      records: repriced.length,
      changed: repriced.filter((one) => one.before !== one.after).length,
      was: sumOf(repriced.map((one) => one.before)),
      is: sumOf(repriced.map((one) => one.after)),
      before: page.next === undefined ? null : cursorToJson(page.next),
    } satisfies RecomputeAnswer);
  });
  return app;
}

/** @throws BadQueryError */
function readScope(params: URLSearchParams): 'gaps' | 'all' {
  const scope = params.get('scope') ?? 'gaps';
  if (scope !== 'gaps' && scope !== 'all') throw new BadQueryError('scope must be gaps or all');
  return scope;
}

/** @throws BadQueryError */
function readFlag(params: URLSearchParams, name: string): boolean {
  const value = params.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') throw new BadQueryError(`${name} must be true or false`);
  return value === 'true';
}

function sumOf(records: readonly StoredRecord[]): RepricedSums {
  let [nanoDollars, pricedCalls, unpricedCalls] = [0, 0, 0];
  for (const record of records) {
    const costs = costOf(record);
    nanoDollars += toNanoDollars(costs.cost);
    pricedCalls += costs.pricedCalls;
    unpricedCalls += costs.unpricedCalls;
  }
  return { cost: fromNanoDollars(nanoDollars), pricedCalls, unpricedCalls };
}
