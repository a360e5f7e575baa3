import type { TopicName } from '../../insights/topics/topic-summary.js';
import type { ThreadSummary, UserSummary } from '../../model/lists.js';

/** Comment of feedback that counts. */
export interface PersonComment {
  /** ISO 8601. */
  readonly at: string;
  readonly userId: string;
  readonly text: string;
}

/** One conversation of a person. */
export interface PersonConversation extends ThreadSummary {
  /** Topics that are known, of what was asked in it. */
  readonly topics: readonly TopicName[];
  /** Answers that have a current rating, and those that somebody rates bad. */
  readonly rated: number;
  readonly bad: number;
  /** The latest first. */
  readonly comments: readonly PersonComment[];
}

/** Answer of `GET /api/person`. */
export interface PersonTimeline {
  /** Undefined if no record matches. */
  readonly person: UserSummary | undefined;
  readonly rated: number;
  readonly bad: number;
  /** The latest active first. */
  readonly conversations: readonly PersonConversation[];
  /** Conversations that match, listed or not. */
  readonly total: number;
  /** Requests without a conversation. */
  readonly single: number;
  /** Topics with the number of conversations of the list that have them, the most frequent first. */
  readonly topics: readonly (TopicName & { readonly conversations: number })[];
}
