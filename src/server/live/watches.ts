import { createMatcher, type RecordMatcher } from '../query/match-query.js';
import { BadQueryError, parseQuery } from '../query/parse-query.js';

/** One query whose records a client gets. */
export interface Watch {
  /** The query as the client wrote it, by which it tells several apart. Undefined if the stream has only one. */
  readonly name: string | undefined;
  readonly matches: RecordMatcher;
}

/** Most queries of one stream: pages of one browser share it. */
const MAX_WATCHES = 100;

/**
 * Reads the queries of a stream: each parameter `watch` is a query string. Without one, the parameters are the only query.
 *
 * @throws BadQueryError
 */
export function parseWatches(params: URLSearchParams): readonly Watch[] {
  const now = Date.now();
  const names = params.getAll('watch');
  if (names.length > MAX_WATCHES) throw new BadQueryError(`watch may occur at most ${MAX_WATCHES} times`);
  if (names.length === 0) return [{ name: undefined, matches: createMatcher(parseQuery(params), now) }];
  return names.map((name) => ({ name, matches: createMatcher(parseQuery(new URLSearchParams(name)), now) }));
}
