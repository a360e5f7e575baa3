import { measureAll } from '../../engines/measure-all.js';
import type { RecordStore } from '../../engines/record-store.js';
import { topicsByConversation } from '../../insights/topics/topics-by-conversation.js';
import type { TopicName } from '../../insights/topics/topic-summary.js';
import { countFeedback } from '../../model/current-feedback.js';
import { evaluationOf, FeedbackIndex, isReview } from '../../model/feedback.js';
import type { StoredRecord } from '../../model/stored-record.js';
import type { RecordQuery } from '../../query/record-query.js';
import { MAX_SAMPLE, readKnownTopics } from '../topics/known-topics.js';
import type { PersonComment, PersonConversation, PersonTimeline } from '../answers/person-timeline.js';

/** Prompts that are read at once for the comments on them, and at most; comments of one conversation. */
const BATCH = 500;
const MAX_PROMPTS = 5000;
const MAX_COMMENTS = 5;
/** Conversations whose ratings are read at first: nearly everybody has fewer. */
const FIRST_RATED = 1000;

/** Reads what one person did: conversations with their topics, feedback and cost. @param limit conversations */
export async function readPerson(
  store: RecordStore,
  query: RecordQuery,
  limit: number,
): Promise<PersonTimeline> {
  const [{ users }, { threads, total }, ratings, sample, known] = await Promise.all([
    store.users(query, 1),
    store.threads(query, limit),
    measureAll(store, query, { measures: ['rated', 'bad', 'requests'], by: 'thread', limit: FIRST_RATED }),
    store.sample(query, MAX_SAMPLE),
    readKnownTopics(store, store.documents, [query]),
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

/** Returns the comments of people on answers in these conversations, whoever they are from, the latest first. */
async function readComments(
  store: RecordStore,
  threads: readonly string[],
): Promise<ReadonlyMap<string, readonly PersonComment[]>> {
  const comments = new Map<string, PersonComment[]>();
  if (threads.length === 0) return comments;
  let before: string | undefined;
  for (let read = 0; read < MAX_PROMPTS; read += BATCH) {
    const request = { limit: BATCH, order: 'time', ...(before !== undefined && { before }) } as const;
    const page = await store.list({ kinds: ['prompt'], threads }, request);
    const feedback = new FeedbackIndex();
    feedback.add(page.feedback);
    for (const { id, threadId = '' } of page.records)
      comments.set(threadId, [
        ...(comments.get(threadId) ?? []),
        ...countFeedback(feedback.forRecord(id)).current.flatMap(commentsOf),
      ]);
    before = page.next;
    if (before === undefined) break;
  }
  for (const list of comments.values()) list.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return comments;
}

/** Returns the comment of an event of feedback; none of those who judge answers for the team. */
function commentsOf(event: StoredRecord): readonly PersonComment[] {
  const { comment } = event.properties;
  if (typeof comment !== 'string' || comment.trim() === '' || isReview(event) || evaluationOf(event))
    return [];
  return [{ at: event.timestamp, userId: event.userId, text: comment }];
}

function countTopics(conversations: readonly PersonConversation[]): PersonTimeline['topics'] {
  const counts = new Map<string, TopicName & { readonly conversations: number }>();
  for (const { id, name } of conversations.flatMap((one) => one.topics))
    counts.set(id, { id, name, conversations: (counts.get(id)?.conversations ?? 0) + 1 });
  return [...counts.values()].sort((a, b) => b.conversations - a.conversations || (a.id < b.id ? -1 : 1));
}
