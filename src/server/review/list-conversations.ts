import type { RecordStore } from '../engines/record-store.js';
import type { ThreadSummary } from '../model/lists.js';
import type { RecordQuery } from '../query/record-query.js';
import { listReviews, type REVIEW_RATINGS, type ReviewState, type StoredReview } from './review-state.js';

/** Selection of conversations that reviewers have judged. */
export interface ConversationRequest {
  /** Default: all. */
  readonly state?: ReviewState | undefined;
  readonly rating?: (typeof REVIEW_RATINGS)[number] | undefined;
  readonly assignee?: string | undefined;
  readonly limit: number;
}

/** A conversation about which a reviewer has decided something. */
export interface JudgedConversation {
  readonly thread: ThreadSummary;
  readonly review: StoredReview;
}

export interface ConversationList {
  /** The latest active first. */
  readonly items: readonly JudgedConversation[];
  /** Conversations that were asked for, listed or not. */
  readonly total: number;
  /** Conversations that match, by the judgement of the reviewer, whatever else was asked for. */
  readonly ratings: { readonly good: number; readonly bad: number; readonly none: number };
}

/** Returns the conversations that reviewers have judged or decided something about, and that have a record that matches. */
export async function listJudgedConversations(
  store: RecordStore,
  query: RecordQuery,
  { state, rating, assignee, limit }: ConversationRequest,
): Promise<ConversationList> {
  const reviews = await listReviews(store.documents, 'conversation');
  const ids = [...reviews.keys()].filter((id) => query.threads?.includes(id) ?? true);
  const { threads } =
    ids.length === 0 ? { threads: [] } : await store.threads({ ...query, threads: ids }, ids.length);
  const all = threads.flatMap((thread): JudgedConversation[] => {
    const review = reviews.get(thread.threadId);
    return review ? [{ thread, review }] : [];
  });
  const wanted = all.filter(
    ({ review }) =>
      (state ?? review.state) === review.state &&
      (rating === undefined || rating === review.rating) &&
      (assignee === undefined || assignee === review.assignee),
  );
  const countOf = (given: JudgedConversation['review']['rating']): number =>
    all.filter(({ review }) => review.rating === given).length;
  return {
    items: wanted.slice(0, limit),
    total: wanted.length,
    ratings: { good: countOf('good'), bad: countOf('bad'), none: countOf(undefined) },
  };
}
