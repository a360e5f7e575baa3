import type { PropertyValue } from '../../records/model/prompt-record.js';
import { VersionConflictError, type DocumentStore, type StoredDocument } from '../engines/document-store.js';
import { toSearchable } from '../model/search-text.js';
import { UTC_CLOCK, type ZoneClock } from '../model/time-zone.js';
import { parseFilters } from '../query/parse-filters.js';
import { BadQueryError } from '../query/parse-query.js';
import type { RecordQuery } from '../query/record-query.js';
import { readFilterClock } from './project-time-zone.js';
import type { DocumentReader } from './read-once.js';

/** Kind of the documents with topics: `{ name, terms }` or `{ name, filters }`, by id. */
export const TOPIC_KIND = 'topic';
const MAX_TERMS = 50;

/** A topic that a query names, and that does not exist or cannot be read. */
export class UnknownTopicError extends BadQueryError {}

/** A topic that was found before, or that somebody has defined. */
export interface StoredTopic {
  readonly id: string;
  readonly name: string;
  /** A request that has one of them in what was asked belongs to the topic; undefined if filters tell. */
  readonly terms: readonly string[] | undefined;
  /** Matches the records of the topic. */
  readonly query: RecordQuery;
  /** True if nobody has defined it. */
  readonly isFound: boolean;
  readonly version: number;
}

/** Refuses a value that is no topic. @throws BadQueryError */
export function checkTopic(name: string, value: PropertyValue): void {
  parseTopic({ name, value, version: 0 }, UTC_CLOCK);
}

/** Returns the topics that can be read, by id. */
export async function listTopics(documents: DocumentReader): Promise<readonly StoredTopic[]> {
  const stored = await documents.list(TOPIC_KIND);
  const clock = await readFilterClock(
    stored.map(({ value }) => value),
    documents,
  );
  return stored.flatMap((document) => {
    try {
      return [parseTopic(document, clock)];
    } catch (error) {
      if (error instanceof BadQueryError) return [];
      throw error;
    }
  });
}

/** Returns the query for the records of a topic. @throws UnknownTopicError */
export async function topicQuery(documents: DocumentReader, id: string): Promise<RecordQuery> {
  const document = await documents.get(TOPIC_KIND, id);
  if (!document) throw new UnknownTopicError(`There is no topic "${id}"`);
  return parseTopic(document, await readFilterClock([document.value], documents)).query;
}

/** @throws UnknownTopicError */
function parseTopic(
  { name: id, value, version }: Omit<StoredDocument, 'kind' | 'updatedAt'>,
  clock: ZoneClock,
): StoredTopic {
  const { name, terms, filters, found } = isObject(value) ? value : {};
  const base = {
    id,
    name: typeof name === 'string' && name !== '' ? name : id,
    isFound: found === true,
    version,
  };
  if (filters !== undefined)
    return { ...base, terms: undefined, query: { not: [{ not: parseFilters(value, clock) }] } };
  const texts = Array.isArray(terms) ? terms.filter((term) => typeof term === 'string') : [];
  const searchable = texts.map((term) => toSearchable(term).trim()).filter((term) => term !== '');
  if (searchable.length === 0 || searchable.length > MAX_TERMS)
    throw new UnknownTopicError(
      `The topic "${id}" needs "filters", or "terms": a list of 1 to ${MAX_TERMS} texts`,
    );
  const anyTerm = searchable.map((text): RecordQuery => ({ terms: [{ text, in: 'asked' }] }));
  return { ...base, terms: searchable, query: { not: [{ not: anyTerm }] } };
}

function isObject(
  value: StoredDocument['value'],
): value is Readonly<Record<string, StoredDocument['value']>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Forgets topics that were found, whose terms are words of people; by default all of them. The next request finds them again, in what is left. A topic that somebody has
 * made an own one meanwhile stays. Returns true if one is gone.
 */
export async function forgetFoundTopics(
  documents: DocumentStore,
  isForgotten: (topic: StoredTopic) => boolean = () => true,
): Promise<boolean> {
  let hasChanged = false;
  for (const topic of await listTopics(documents))
    hasChanged = (await forgetTopic(documents, topic, isForgotten)) || hasChanged;
  return hasChanged;
}

async function forgetTopic(
  documents: DocumentStore,
  topic: StoredTopic,
  isForgotten: (topic: StoredTopic) => boolean,
): Promise<boolean> {
  if (!topic.isFound || !isForgotten(topic)) return false;
  try {
    return await documents.delete(TOPIC_KIND, topic.id, topic.version);
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    const latest = (await listTopics(documents)).find(({ id }) => id === topic.id);
    return latest !== undefined && forgetTopic(documents, latest, isForgotten);
  }
}
