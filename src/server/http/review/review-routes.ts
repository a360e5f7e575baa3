import { Hono } from 'hono';
import { readQuery } from '../../audience/read-query.js';
import { cursorToJson } from '../../engines/cursor.js';
import type { RecordStore } from '../../engines/record-store.js';
import type { RecordList } from '../../model/lists.js';
import { previewOf } from '../../model/preview.js';
import { BadQueryError, parseBound, parseCount, parseRecordOrder } from '../../query/parse-query.js';
import { listReview, type ReviewList, type ReviewRequest } from '../../review/list-review.js';
import { REVIEW_STATES } from '../../review/review-state.js';

/** Answers of a page, by default and at most. */
const DEFAULT_PAGE = 50;
const MAX_PAGE = 500;
/** Longest cut of a text that `preview` may ask for. */
const MAX_PREVIEW = 10_000;

/** Answer of `GET /api/review`. */
export type ReviewResponse = Omit<ReviewList, 'next'> & Pick<RecordList, 'before'>;

/**
 * The route of the work list, below `/api`. It takes the filters of {@link readQuery}.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /review` | `ReviewResponse`; `threshold` (as {@link parseBound} reads it, repeatable), `state`, `assignee`, `limit` (50, at most 500), `before`, `order`, `preview` |
 */
export function reviewRoutes(store: RecordStore): Hono {
  const app = new Hono();
  app.get('/review', async (c) => {
    const params = new URL(c.req.url).searchParams;
    const preview = parseCount(params, 'preview', 0, MAX_PREVIEW);
    const request = parseRequest(params);
    const { next, items, ...list } = await listReview(
      store,
      await readQuery(params, store.documents),
      request,
    );
    return c.json({
      items:
        preview > 0 ? items.map((item) => ({ ...item, record: previewOf(item.record, preview) })) : items,
      ...list,
      before: next === undefined ? null : cursorToJson(next),
    } satisfies ReviewResponse);
  });
  return app;
}

/** @throws BadQueryError */
function parseRequest(params: URLSearchParams): ReviewRequest {
  const text = params.get('state') || undefined;
  const state = REVIEW_STATES.find((one) => one === text);
  if (text !== undefined && !state)
    throw new BadQueryError(`state must be one of ${REVIEW_STATES.join(', ')}`);
  const thresholds = params.getAll('threshold').filter((value) => value !== '');
  const before = params.get('before');
  return {
    thresholds: thresholds.map((threshold) => parseBound('threshold', threshold)),
    state,
    assignee: params.get('assignee') || undefined,
    limit: Math.max(1, parseCount(params, 'limit', DEFAULT_PAGE, MAX_PAGE)),
    order: parseRecordOrder(params),
    ...(before && { before }),
  };
}
