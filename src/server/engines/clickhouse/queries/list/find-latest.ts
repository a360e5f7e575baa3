import type { RecordQuery, SearchTerm } from '../../../../query/record-query.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import { SEARCH_SETTINGS } from '../../schema/search-text.js';
import { afterStart, latestFirst, type ListSearch } from './list-search.js';
import { RECORD_COLUMNS, type RecordColumns } from '../record-row.js';
import { phraseClause, whereClause, type WhereClause } from '../where-clause.js';

/**
 * Records whose texts are read for a phrase: the latest that have its words. Texts take most of the time (test/bench/clickhouse.mjs), and the index knows no
 * order of words.
 */
export const MAX_READ_FOR_PHRASE = 10_000;

/** Key and version of one row. */
export interface RowId {
  readonly day: string;
  readonly id: string;
  readonly version: string;
}

/** Records that match, on all pages. */
export interface Total {
  readonly number: number;
  /** More may match: counting has stopped. */
  readonly isCapped?: boolean;
}

/** Result of one pass over the records that match. */
export interface FoundKeys {
  /** Records of the page, in its order. */
  readonly keys: readonly RowId[];
  readonly total: Total;
  /** False if `keys` may lack some: the latest have to be looked for in another way. */
  readonly hasLatest: boolean;
}

interface KeyRow extends RowId {
  readonly is_found: number;
  readonly total: string;
  readonly looked: string;
}

/**
 * Counts the records that match, at most `max`, and finds the latest in the same pass: no second look is needed, however rare they are. Of a phrase, the
 * latest records with all of its words are looked at.
 */
export async function findLatest(
  client: ClickHouseClient,
  search: ListSearch,
  max: number,
): Promise<FoundKeys> {
  const phrases = splitPhrases(search.project, search.query, search.now);
  const maxLooked = phrases ? MAX_READ_FOR_PHRASE + 1 : max;
  const { sql, parameters } = phrases ? latestWithWords(search, phrases) : allMatches(search);
  const after = afterStart(search.start, 'value');
  // The sums come in each row, so that one is returned also where no record is left after the start.
  const rows = await client.query<KeyRow>(
    `SELECT day, id, version, is_match AND is_after AS is_found,
  countIf(is_match) OVER () AS total, count() OVER () AS looked
FROM (SELECT *, ${after.sql} AS is_after FROM (${sql}))
ORDER BY is_found DESC, value DESC, seq DESC, id DESC
LIMIT {limit:UInt32} ${SEARCH_SETTINGS}`,
    { parameters: { ...parameters, ...after.parameters, limit: search.limit, max: maxLooked } },
  );
  const keys = rows.filter(({ is_found: isFound }) => isFound === 1);
  const isCapped = Number(rows[0]?.looked ?? 0) >= maxLooked;
  return {
    keys,
    total: { number: Number(rows[0]?.total ?? 0), isCapped },
    hasLatest: !isCapped || (phrases !== undefined && keys.length >= search.limit),
  };
}

function allMatches({ where: { sql, parameters }, order }: ListSearch): WhereClause {
  return {
    sql: `SELECT day, id, version, seq, ${order.value} AS value, 1 AS is_match FROM records FINAL
WHERE ${sql}
LIMIT {max:UInt32}`,
    parameters,
  };
}

/** The text of each record is read once. A version that was inserted twice is there twice until a merge. */
function latestWithWords({ project, order }: ListSearch, { words, phrases }: PhraseSearch): WhereClause {
  return {
    sql: `SELECT DISTINCT day, id, version, seq, ${order.value} AS value, (${phrases.sql}) AS is_match FROM records
WHERE project = {project:String} AND (day, id, version) IN (
  SELECT day, id, version FROM records FINAL
  WHERE ${words.sql}
  ORDER BY ${latestFirst(order)} LIMIT {max:UInt32})`,
    parameters: { ...words.parameters, ...phrases.parameters, project },
  };
}

/** Returns rows in the order of the page: those of `keys`, or without keys the latest of a query that `isSelective()`. */
export function readRows(
  client: ClickHouseClient,
  { project, where, order, start, limit }: ListSearch,
  keys?: readonly RowId[],
): Promise<readonly RecordColumns[]> {
  const sorted = latestFirst(order);
  if (!keys) {
    const after = afterStart(start, order.value);
    return client.query<RecordColumns>(
      `SELECT ${RECORD_COLUMNS} FROM records FINAL
WHERE ${where.sql} AND ${after.sql}
ORDER BY ${sorted} LIMIT {limit:UInt32}`,
      { parameters: { ...where.parameters, ...after.parameters, limit } },
    );
  }
  if (keys.length === 0) return Promise.resolve([]);
  return client.query<RecordColumns>(
    `SELECT ${RECORD_COLUMNS} FROM records
WHERE project = {project:String} AND (day, id, version) IN (
  SELECT toDate32(key.1), key.2, key.3 FROM (
    SELECT arrayJoin(arrayZip({days:Array(String)}, {ids:Array(String)}, {versions:Array(UInt64)})) AS key))
ORDER BY ${sorted} LIMIT 1 BY id`,
    {
      parameters: {
        project,
        days: keys.map(({ day }) => day),
        ids: keys.map(({ id }) => id),
        versions: keys.map(({ version }) => BigInt(version)),
      },
    },
  );
}

/** A search for phrases in two steps. */
interface PhraseSearch {
  /** Everything of the query but its phrases, of which only the words have to occur: the text index answers it. */
  readonly words: WhereClause;
  /** The phrases: the texts have to be read for it. */
  readonly phrases: WhereClause;
}

/** Returns undefined for a query without phrases. */
function splitPhrases(project: string, query: RecordQuery, now: number): PhraseSearch | undefined {
  const { terms = [] } = query;
  const phrases = terms.filter(isPhrase);
  if (phrases.length === 0) return undefined;
  return {
    words: whereClause(project, { ...query, terms: terms.flatMap(wordsOf) }, now),
    phrases: phraseClause(project, phrases),
  };
}

function isPhrase({ text }: SearchTerm): boolean {
  return text.includes(' ');
}

/** A record with the words of an excluded phrase need not have the phrase. */
function wordsOf(term: SearchTerm): readonly SearchTerm[] {
  if (!isPhrase(term)) return [term];
  return term.isExcluded ? [] : term.text.split(' ').map((text) => ({ text }));
}
