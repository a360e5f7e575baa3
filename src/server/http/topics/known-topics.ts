import type { DocumentReader } from '../../audience/read-once.js';
import { listTopics, type StoredTopic } from '../../audience/topics.js';
import type { RecordStore } from '../../engines/record-store.js';
import type { KnownTopic } from '../../insights/topics/list-topics.js';
import type { RecordQuery } from '../../query/record-query.js';

/** Requests of each period that are read. */
export const MAX_SAMPLE = 5000;

/** Returns the topics that are known, with the ids of their requests in these periods where filters tell them. */
export async function readKnownTopics(
  store: RecordStore,
  documents: DocumentReader,
  periods: readonly RecordQuery[],
): Promise<readonly KnownTopic[]> {
  const known: KnownTopic[] = [];
  for (const topic of await listTopics(documents)) known.push(await withIds(topic, periods, store));
  return known;
}

/** Filters of a topic are for the engine to read. */
async function withIds(
  topic: StoredTopic,
  periods: readonly RecordQuery[],
  store: RecordStore,
): Promise<KnownTopic> {
  if (topic.terms) return topic;
  const ids = new Set<string>();
  for (const period of periods) {
    const query = { ...period, not: [...(period.not ?? []), ...(topic.query.not ?? [])] };
    for (const { id } of (await store.sample(query, MAX_SAMPLE)).requests) ids.add(id);
  }
  return { ...topic, ids };
}
