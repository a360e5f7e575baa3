import type { RecordStore } from '../../engines/record-store.js';
import { topicsByConversation } from '../../insights/topics/topics-by-conversation.js';
import type { TopicName } from '../../insights/topics/topic-summary.js';
import { feedbackTarget, isFeedback } from '../../model/feedback.js';
import type { StoredRecord } from '../../model/stored-record.js';
import type { RecordQuery } from '../../query/record-query.js';
import { MAX_SAMPLE, readKnownTopics } from '../topics/known-topics.js';
import type { PersonComment, PersonConversation, PersonTimeline } from './person-timeline.js';

/** Events that are read for their comments, and comments of one conversation. */
const MAX_EVENTS = 1000;
const MAX_COMMENTS = 5;
/** Conversations whose ratings are read. */
const MAX_RATED = 1000;

/** Reads what one person did: conversations with their topics, feedback and cost. @param limit conversations */
export async function readPerson(
  store: RecordStore,
  query: RecordQuery,
  limit: number,
): Promise<PersonTimeline> {
  const [{ users }, { threads, total }, ratings, sample, known] = await Promise.all([
    store.users(query, 1),
    store.threads(query, limit),
    store.measure(query, { measures: ['rated', 'bad', 'requests'], by: 'thread', limit: MAX_RATED }),
    store.sample(query, MAX_SAMPLE),
    readKnownTopics(store, [query]),
  ]);
  const topics = await topicsByConversation(sample.requests, known);
  const comments = await readComments(
    store,
    threads.map(({ threadId }) => threadId),
  );
  const ratingsOf = new Map(ratings.groups.map(({ name, values }) => [name, values]));
  const conversations = threads.map((thread): PersonConversation => {
    const [rated, bad] = ratingsOf.get(thread.threadId) ?? [];
    return {
      ...thread,
      topics: topics.get(`thread ${thread.threadId}`) ?? [],
      rated: rated ?? 0,
      bad: bad ?? 0,
      comments: comments.get(thread.threadId)?.slice(0, MAX_COMMENTS) ?? [],
    };
  });
  const [rated, bad] = ratings.total.values;
  return {
    person: users[0],
    rated: rated ?? 0,
    bad: bad ?? 0,
    conversations,
    total,
    single: ratingsOf.get(null)?.[2] ?? 0,
    topics: countTopics(conversations),
  };
}

/** Returns the comments on these conversations, whoever they are from, the latest first. */
async function readComments(
  store: RecordStore,
  threads: readonly string[],
): Promise<ReadonlyMap<string, readonly PersonComment[]>> {
  const comments = new Map<string, PersonComment[]>();
  if (threads.length === 0) return comments;
  const page = { limit: MAX_EVENTS, order: 'time' } as const;
  for (const event of (await store.list({ kinds: ['event'], threads }, page)).records) {
    const text = commentOf(event);
    if (event.threadId === undefined || text === undefined) continue;
    const { timestamp: at, userId } = event;
    comments.set(event.threadId, [...(comments.get(event.threadId) ?? []), { at, userId, text }]);
  }
  return comments;
}

function commentOf(event: StoredRecord): string | undefined {
  const { comment } = event.properties;
  const isComment = isFeedback(event) && feedbackTarget(event) !== undefined;
  return isComment && typeof comment === 'string' && comment.trim() !== '' ? comment : undefined;
}

function countTopics(conversations: readonly PersonConversation[]): PersonTimeline['topics'] {
  const counts = new Map<string, TopicName & { readonly conversations: number }>();
  for (const { id, name } of conversations.flatMap((one) => one.topics))
    counts.set(id, { id, name, conversations: (counts.get(id)?.conversations ?? 0) + 1 });
  return [...counts.values()].sort((a, b) => b.conversations - a.conversations || (a.id < b.id ? -1 : 1));
}
