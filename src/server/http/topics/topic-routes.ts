import { Hono } from 'hono';
import { readRequestTimeZone } from '../../audience/project-time-zone.js';
import { readOnce, type DocumentReader } from '../../audience/read-once.js';
import { readQuery } from '../../audience/read-query.js';
import { TOPIC_KIND } from '../../audience/topics.js';
import { VersionConflictError, NOT_STORED } from '../../engines/document-store.js';
import type { RecordStore } from '../../engines/record-store.js';
import { listTopics, type NamedTopic } from '../../insights/topics/list-topics.js';
import type { TopicResponse } from '../../insights/topics/topic-summary.js';
import { resolveTime, type RecordQuery } from '../../query/record-query.js';
import { forgetLostTopics } from '../../privacy/derived-words.js';
import { answerWith } from '../answers/api-responses.js';
import { readSides } from '../measure/compared-sides.js';
import { MAX_SAMPLE, readKnownTopics } from './known-topics.js';
import { PendingAnswers } from '../measure/pending-answers.js';

/** Topics that are kept. Further ones are found anew each time. */
const MAX_TOPICS = 300;

/**
 * The route of topics, below `/api`. It takes the parameters of {@link readQuery}.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /topics` | `TopicResponse`: what people ask about, in at most 5,000 requests; with `since`, beside the period before, or with the parameters of {@link readSides} beside another one or other filters |
 *
 * @param answers those that are being made, because one takes seconds
 */
export function topicRoutes(store: RecordStore, answers = new PendingAnswers<TopicResponse>()): Hono {
  const app = new Hono();
  answerWith(app, 'topics', async (params) => {
    const documents = readOnce(store.documents);
    const timeZone = await readRequestTimeZone(params, documents);
    const key = JSON.stringify([params.toString(), timeZone]);
    return answers.read(key, () => answerTopics(params, store, documents, timeZone));
  });
  return app;
}

async function answerTopics(
  params: URLSearchParams,
  store: RecordStore,
  documents: DocumentReader,
  timeZone: string,
): Promise<TopicResponse> {
  const { query, past, periods } = await readBoth(params, documents, timeZone);
  const [sample, before, known] = await Promise.all([
    store.sample(query, MAX_SAMPLE),
    past && store.sample(past, MAX_SAMPLE),
    readKnownTopics(store, documents, past ? [query, past] : [query]),
  ]);
  const { list, added } = await listTopics(sample, before, known);
  const kept = added.slice(0, Math.max(0, MAX_TOPICS - known.length));
  for (const topic of kept) await keep(topic, store);
  // An erasure since the sample was read has looked for lost topics before these were there.
  const ids = new Set(kept.map(({ id }) => id));
  if (ids.size > 0 && (await forgetLostTopics(store, ids))) await store.purge?.([]);
  return { ...list, periods };
}

/** Reads what is compared with what; nothing if there is no period, and `against` names nothing else. */
async function readBoth(
  params: URLSearchParams,
  documents: DocumentReader,
  timeZone: string,
): Promise<Pick<TopicResponse, 'periods'> & { readonly query: RecordQuery; readonly past?: RecordQuery }> {
  const query = await readQuery(params, documents);
  const isNamed = ['against', 'period'].some((name) => params.get(name));
  if (!isNamed && !isSomeTime(query, Date.now())) return { query, periods: null };
  const sides = await readSides(params, documents, timeZone);
  return { query: sides.current, past: sides.before, periods: sides.periods };
}

function isSomeTime({ since, until }: RecordQuery, now: number): boolean {
  return since !== undefined && resolveTime(since, now) <= (until ? resolveTime(until, now) : now);
}

/** Keeps a topic, so that its id and its name stay. Another server may have found it as well. */
async function keep({ id, name, terms = [] }: NamedTopic, store: RecordStore): Promise<void> {
  try {
    const value = { name, terms: [...terms], found: true };
    await store.documents.put({ kind: TOPIC_KIND, name: id, value }, NOT_STORED);
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
  }
}
