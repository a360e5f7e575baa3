import type { SampledRequest } from '../../model/request-sample.js';
import { placeIn, readTexts, type KnownTopic } from './list-topics.js';
import { Pacer } from './pacer.js';
import { conversationOf } from './topic-numbers.js';
import type { TopicName } from './topic-summary.js';

/** Returns the topics of each conversation, by `conversationOf()` of its requests, in the order of the topics. */
export async function topicsByConversation(
  requests: readonly SampledRequest[],
  known: readonly KnownTopic[],
): Promise<ReadonlyMap<string, readonly TopicName[]>> {
  const pacer = new Pacer();
  const texts = await readTexts({ requests, total: requests.length }, pacer);
  const found = new Map<string, TopicName[]>();
  for (const topic of known) {
    const members = await placeIn(topic, texts, pacer);
    const { id, name } = topic;
    for (const conversation of new Set(members.flatMap((at) => conversationsAt(texts.requests, at))))
      found.set(conversation, [...(found.get(conversation) ?? []), { id, name }]);
  }
  return found;
}

function conversationsAt(requests: readonly SampledRequest[], at: number): readonly string[] {
  const request = requests[at];
  return request ? [conversationOf(request)] : [];
}
