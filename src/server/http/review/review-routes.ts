import { Hono } from 'hono';
import { readQuery } from '../../audience/read-query.js';
import { cursorToJson } from '../../engines/cursor.js';
import type { RecordStore } from '../../engines/record-store.js';
import { previewOf } from '../../model/preview.js';
import { BadQueryError, parseBound, parseCount, parseRecordOrder } from '../../query/parse-query.js';
import { listReview, type ReviewRequest } from '../../review/list-review.js';
import { listJudgedConversations, type ConversationRequest } from '../../review/list-conversations.js';
import { REVIEW_RATINGS, REVIEW_STATES } from '../../review/review-state.js';
import { answerWith } from '../answers/api-responses.js';

/** Answers of a page, by default and at most. */
const DEFAULT_PAGE = 50;
const MAX_PAGE = 500;
/** Longest cut of a text that `preview` may ask for. */
const MAX_PREVIEW = 10_000;

/**
 * The route of the work list, below `/api`. It takes the filters of {@link readQuery}.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /review` | `ReviewResponse`; `threshold` (as {@link parseBound} reads it, repeatable), `state`, `assignee`, `limit` (50, at most 500), `before`, `order`, `preview` |
 * | `GET /review/conversations` | `ConversationList`: conversations that were judged as a whole; `state`, `rating` = `good` or `bad` (of the reviewer), `assignee`, `limit` |
 */
export function reviewRoutes(store: RecordStore): Hono {
  const app = new Hono();
  answerWith(app, 'review', async (params) => {
    const preview = parseCount(params, 'preview', 0, MAX_PREVIEW);
    const request = parseRequest(params);
    const { next, items, ...list } = await listReview(
      store,
      await readQuery(params, store.documents),
      request,
    );
    return {
      items:
        preview > 0 ? items.map((item) => ({ ...item, record: previewOf(item.record, preview) })) : items,
      ...list,
      before: next === undefined ? null : cursorToJson(next),
    };
  });
  answerWith(app, 'review/conversations', async (params) => {
    const query = await readQuery(withoutRating(params), store.documents);
    return listJudgedConversations(store, query, parseConversations(params));
  });
  return app;
}

/** Here, the rating is that of the reviewer. */
function withoutRating(params: URLSearchParams): URLSearchParams {
  const others = new URLSearchParams(params);
  others.delete('rating');
  return others;
}

/** @throws BadQueryError */
function parseConversations(params: URLSearchParams): ConversationRequest {
  return {
    state: parseOneOf(params, 'state', REVIEW_STATES),
    rating: parseOneOf(params, 'rating', REVIEW_RATINGS),
    assignee: params.get('assignee') || undefined,
    limit: Math.max(1, parseCount(params, 'limit', DEFAULT_PAGE, MAX_PAGE)),
  };
}

/** @throws BadQueryError */
function parseOneOf<T extends string>(
  params: URLSearchParams,
  name: string,
  values: readonly T[],
): T | undefined {
  const text = params.get(name) || undefined;
  const value = values.find((one) => one === text);
  if (text !== undefined && value === undefined)
    throw new BadQueryError(`${name} must be one of ${values.join(', ')}`);
  return value;
}

/** @throws BadQueryError */
function parseRequest(params: URLSearchParams): ReviewRequest {
  const state = parseOneOf(params, 'state', REVIEW_STATES);
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
