import { BadQueryError, parseQuery } from '../query/parse-query.js';
import type { RecordQuery } from '../query/record-query.js';
import { readInternalRule } from './internal-traffic.js';
import { readRequestClock } from './project-time-zone.js';
import { readOnce, type DocumentReader } from './read-once.js';
import { segmentQuery } from './segments.js';
import { topicQuery } from './topics.js';

/** Values of the parameter `internal`: internal traffic is left out, counted like all, or the only one that counts. */
export const INTERNAL_MODES = ['hide', 'show', 'only'] as const;

export type InternalMode = (typeof INTERNAL_MODES)[number];

/**
 * Reads a query from the parameters of a URL: those of `parseQuery()`, and those that documents explain: `segment` and `not.segment` (names
 * of segments), `topic` (ids of topics), `internal` (`hide` by default, `show`, `only`). Days are those of `timezone`, else of the project.
 *
 * @throws BadQueryError
 */
export async function readQuery(params: URLSearchParams, documents: DocumentReader): Promise<RecordQuery> {
  const once = readOnce(documents);
  const [query, internal] = await Promise.all([
    readSegmentQuery(params, once),
    readInternal(internalMode(params), once),
  ]);
  return merge(query, internal);
}

/** Does what {@link readQuery} does, whether or not records are internal. @throws BadQueryError */
export async function readSegmentQuery(
  params: URLSearchParams,
  documents: DocumentReader,
): Promise<RecordQuery> {
  const query = parseQuery(params, await readRequestClock(params, documents));
  const read = async (name: string): Promise<readonly RecordQuery[]> => {
    const names = params.getAll(name).filter((value) => value !== '');
    return Promise.all([...new Set(names)].map((segment) => segmentQuery(documents, segment)));
  };
  const topicNames = params.getAll('topic').filter((value) => value !== '');
  const [segments, excluded, topics] = await Promise.all([
    read('segment'),
    read('not.segment'),
    Promise.all([...new Set(topicNames)].map((topic) => topicQuery(documents, topic))),
  ]);
  const wanted = [segments, topics].filter(({ length }) => length > 0);
  return merge(query, [...wanted.map(noneOf), ...excluded]);
}

/** @throws BadQueryError */
export function internalMode(params: URLSearchParams): InternalMode {
  const text = params.get('internal') || 'hide';
  const mode = INTERNAL_MODES.find((known) => known === text);
  if (!mode) throw new BadQueryError(`internal must be one of ${INTERNAL_MODES.join(', ')}`);
  return mode;
}

/** Returns the queries whose records are left out. */
async function readInternal(mode: InternalMode, documents: DocumentReader): Promise<readonly RecordQuery[]> {
  if (mode === 'show') return [];
  const { queries } = await readInternalRule(documents);
  return mode === 'hide' ? queries : [noneOf(queries)];
}

/** Returns the query for records that match none of these. Where they are excluded, those that match one stay. */
function noneOf(queries: readonly RecordQuery[]): RecordQuery {
  return { not: queries };
}

function merge(query: RecordQuery, excluded: readonly RecordQuery[]): RecordQuery {
  return excluded.length === 0 ? query : { ...query, not: [...(query.not ?? []), ...excluded] };
}
