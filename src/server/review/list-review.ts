import type { Cursor, RecordStore } from '../engines/record-store.js';
import { countFeedback } from '../model/current-feedback.js';
import { FeedbackIndex } from '../model/feedback.js';
import type { RecordOrder } from '../model/lists.js';
import type { StoredRecord } from '../model/stored-record.js';
import type { EvaluationBound, RecordQuery } from '../query/record-query.js';
import {
  listReviews,
  NO_REVIEW,
  REVIEW_STATES,
  type ReviewState,
  type StoredReview,
} from './review-state.js';

/** Selection of answers of the work list. */
export interface ReviewRequest {
  /** Evaluations below one of these need a review, besides bad thumbs. */
  readonly thresholds: readonly EvaluationBound[];
  /** Default: all. */
  readonly state?: ReviewState | undefined;
  readonly assignee?: string | undefined;
  readonly limit: number;
  readonly before?: Cursor | undefined;
  readonly order?: RecordOrder;
}

/** An answer of the work list. */
export interface ReviewItem {
  readonly record: StoredRecord;
  /** Feedback on the answer that counts now. */
  readonly feedback: readonly StoredRecord[];
  readonly review: StoredReview;
}

/** Ratings of the answers that match, reviewed or not. */
export interface RatedAnswers {
  readonly answers: number;
  readonly rated: number;
  readonly bad: number;
  /** `bad / rated`; null if none is rated. */
  readonly badShare: number | null;
}

export interface ReviewList {
  readonly items: readonly ReviewItem[];
  /** Answers in the state and of the assignee that were asked for. */
  readonly total: number;
  readonly isTotalCapped?: boolean;
  /** Undefined on the last page. */
  readonly next?: Cursor;
  /** Answers by state, whoever they are assigned to. */
  readonly states: Readonly<Record<ReviewState, number>>;
  /** Everybody to whom something is assigned, by name. */
  readonly assignees: readonly string[];
  readonly ratings: RatedAnswers;
}

/**
 * Returns a page of the work list: answers that match and have a bad thumb now, or an evaluation below a threshold, and those about which a
 * reviewer has decided something.
 */
export async function listReview(
  store: RecordStore,
  query: RecordQuery,
  request: ReviewRequest,
): Promise<ReviewList> {
  const reviews = await listReviews(store.documents, 'answer');
  const { limit, before, order } = request;
  const pageOf = (state: ReviewState | undefined, assignee?: string): RecordQuery =>
    reviewQuery(query, request.thresholds, reviews, state, assignee);
  const page = store.list(pageOf(request.state, request.assignee), {
    limit,
    ...(before !== undefined && { before }),
    ...(order && { order }),
  });
  const countOf = async (state: ReviewState): Promise<number> => {
    const isListed = state === request.state && request.assignee === undefined;
    return (await (isListed ? page : store.list(pageOf(state), { limit: 0 }))).total;
  };
  const [listed, ratings, ...totals] = await Promise.all([
    page,
    readRatings(store, query),
    ...REVIEW_STATES.map(countOf),
  ]);
  const index = new FeedbackIndex();
  index.add(listed.feedback);
  return {
    items: listed.records.map((record) => ({
      record,
      feedback: countFeedback(index.forRecord(record.id)).current,
      review: reviews.get(record.id) ?? NO_REVIEW,
    })),
    total: listed.total,
    ...(listed.isTotalCapped && { isTotalCapped: true }),
    ...(listed.next !== undefined && { next: listed.next }),
    states: Object.fromEntries(REVIEW_STATES.map((state, place) => [state, totals[place] ?? 0])) as Record<
      ReviewState,
      number
    >,
    assignees: [...new Set([...reviews.values()].flatMap(({ assignee }) => assignee ?? []))].sort(),
    ratings,
  };
}

function reviewQuery(
  query: RecordQuery,
  thresholds: readonly EvaluationBound[],
  reviews: ReadonlyMap<string, StoredReview>,
  state: ReviewState | undefined,
  assignee: string | undefined,
): RecordQuery {
  const idsOf = (isWanted: (review: StoredReview) => boolean): string[] =>
    [...reviews].flatMap(([id, review]) => (isWanted(review) ? [id] : []));
  if (assignee !== undefined)
    return {
      ...query,
      ids: idsOf((review) => review.assignee === assignee && (state ?? review.state) === review.state),
    };
  if (state !== undefined && state !== 'needs-review')
    return { ...query, ids: idsOf((review) => review.state === state) };
  const wanted = {
    not: [
      { ratings: ['bad'] },
      ...(thresholds.length > 0 ? [{ evaluations: thresholds }] : []),
      { ids: idsOf(() => true) },
    ],
  } satisfies RecordQuery;
  const decided = state === undefined ? [] : [{ ids: idsOf((review) => review.state !== state) }];
  return { ...query, not: [...(query.not ?? []), wanted, ...decided] };
}

async function readRatings(store: RecordStore, query: RecordQuery): Promise<RatedAnswers> {
  const { total } = await store.measure(query, { measures: ['prompts', 'rated', 'bad'] });
  const [answers = 0, rated = 0, bad = 0] = total.values.map((count) => count ?? 0);
  return { answers, rated, bad, badShare: rated === 0 ? null : bad / rated };
}
