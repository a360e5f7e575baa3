import type { RequestSample, SampledRequest } from '../../model/request-sample.js';
import { toSearchable } from '../../model/search-text.js';
import { changeScore } from '../compare/change-score.js';
import { findTopics, MAX_OVERLAP, membersOf, MIN_TOPIC_SHARE, MIN_TOPIC_TEXTS } from './find-topics.js';
import { Pacer } from './pacer.js';
import type { TopicList, TopicSummary } from './topic-summary.js';
import { conversationOf, countConversations, examplesOf, numbersOf } from './topic-numbers.js';

/** Texts of one conversation by which topics are found, so that nobody makes a topic alone. */
const MAX_PER_CONVERSATION = 5;
/** Terms in a name. */
const NAME_TERMS = 3;

/** A topic with a name and an id. */
export interface NamedTopic {
  readonly id: string;
  readonly name: string;
  /** Undefined if `ids` tell which requests belong to the topic. */
  readonly terms: readonly string[] | undefined;
  readonly isFound: boolean;
}

/** A topic that is known before, with the ids of its requests if it has no terms. */
export interface KnownTopic extends NamedTopic {
  readonly ids?: ReadonlySet<string>;
}

/** Returns the topics of a sample, and those among them that were not known. */
export async function listTopics(
  sample: RequestSample,
  before: RequestSample | undefined,
  known: readonly KnownTopic[],
): Promise<{ readonly list: TopicList; readonly added: readonly NamedTopic[] }> {
  const pacer = new Pacer();
  const current = await readTexts(sample, pacer);
  const past = before && (await readTexts(before, pacer));
  const placed: Placed[] = [];
  for (const topic of known) placed.push({ topic, members: await placeIn(topic, current, pacer) });
  const added: NamedTopic[] = [];
  for (const { terms } of await findTopics(textsToLearnFrom(current.requests), pacer)) {
    const name = terms.slice(0, NAME_TERMS).join(', ');
    const topic = { id: name, name, terms, isFound: true };
    const members = await placeIn(topic, current, pacer);
    if (placed.some((other) => areOne(other.members, members)) || known.some(({ id }) => id === topic.id))
      continue;
    placed.push({ topic, members });
    added.push(topic);
  }
  const least = Math.max(MIN_TOPIC_TEXTS, MIN_TOPIC_SHARE * current.conversations);
  const large = placed.filter(({ members }) => countConversations(requestsAt(members, current)) >= least);
  const topicCounts = new Map<number, number>();
  for (const { members } of large)
    for (const index of members) topicCounts.set(index, (topicCounts.get(index) ?? 0) + 1);
  const topics: TopicSummary[] = [];
  for (const { topic, members } of large) {
    // A text of several topics tells none of them.
    const clearest = members.toSorted((a, b) => (topicCounts.get(a) ?? 0) - (topicCounts.get(b) ?? 0));
    topics.push({
      ...(await summarise(topic, requestsAt(members, current), current, past, pacer)),
      examples: examplesOf(requestsAt(clearest, current)),
    });
  }
  const others = current.requests.filter((_, index) => !topicCounts.has(index));
  return {
    list: {
      topics: topics.sort((a, b) => b.conversations - a.conversations || (a.id < b.id ? -1 : 1)),
      other: numbersOf(others, current.conversations),
      sampled: sample.requests.length,
      withoutText: sample.requests.length - current.requests.length,
      total: sample.total,
      before: before ? { sampled: before.requests.length, total: before.total } : null,
    },
    added: added.filter(({ id }) => topics.some((topic) => topic.id === id)),
  };
}

interface Placed {
  readonly topic: KnownTopic;
  readonly members: readonly number[];
}

interface Texts {
  readonly requests: readonly SampledRequest[];
  readonly searchable: readonly string[];
  readonly conversations: number;
}

export async function readTexts(sample: RequestSample, pacer: Pacer): Promise<Texts> {
  const requests = sample.requests.filter(({ text }) => text.trim() !== '');
  const searchable: string[] = [];
  for (const { text } of requests) {
    searchable.push(toSearchable(text));
    await pacer.rest();
  }
  return { requests, searchable, conversations: countConversations(requests) };
}

/** A text that a person repeats counts once, and few texts of one conversation. */
function textsToLearnFrom(requests: readonly SampledRequest[]): readonly string[] {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  return requests.flatMap((request) => {
    const { text, userId } = request;
    const key = conversationOf(request);
    const count = counts.get(key) ?? 0;
    const repeated = `${userId}\n${text}`;
    if (count >= MAX_PER_CONVERSATION || seen.has(repeated)) return [];
    counts.set(key, count + 1);
    seen.add(repeated);
    return [text];
  });
}

/** Returns the indices of the requests of a topic. */
export async function placeIn(
  { terms, ids }: KnownTopic,
  texts: Texts,
  pacer: Pacer,
): Promise<readonly number[]> {
  if (terms) return membersOf(terms, texts.searchable, pacer);
  return texts.requests.flatMap(({ id }, index) => (ids?.has(id) === true ? [index] : []));
}

function requestsAt(members: readonly number[], { requests }: Texts): SampledRequest[] {
  return members.flatMap((index) => requests[index] ?? []);
}

function areOne(a: readonly number[], b: readonly number[]): boolean {
  const larger = new Set(a);
  const shared = b.filter((index) => larger.has(index)).length;
  return shared > 0 && shared >= MAX_OVERLAP * Math.min(a.length, b.length);
}

async function summarise(
  topic: KnownTopic,
  requests: readonly SampledRequest[],
  current: Texts,
  past: Texts | undefined,
  pacer: Pacer,
): Promise<Omit<TopicSummary, 'examples'>> {
  const { id, name, terms = [], isFound } = topic;
  const numbers = numbersOf(requests, current.conversations);
  const members = past && (await placeIn(topic, past, pacer));
  const before = past && numbersOf(requestsAt(members ?? [], past), past.conversations);
  return {
    id,
    name,
    terms,
    isFound,
    ...numbers,
    before: before ?? null,
    score:
      before && past
        ? changeScore(numbers.conversations, current.conversations, before.conversations, past.conversations)
        : null,
  };
}
