import { ANONYMOUS } from '../../../../../records/model/prompt-record.js';
import { isPropertyDimension, propertyOf } from '../../../../model/measure/dimensions.js';
import { promptsOfAllTime } from '../../../../query/people-periods.js';
import type { ActorKind } from '../../../../query/people-request.js';
import type { RecordQuery } from '../../../../query/record-query.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import type { Parameters } from '../../client/parameters.js';
import { propertyText } from '../measure/property-values.js';
import { SEEN_MS } from '../totals.js';
import { whereClause, type WhereClause } from '../where-clause.js';

/** Prompts of all time, and who made them: the empty text is nobody. */
export interface Actors {
  readonly where: WhereClause;
  /** An expression over `records`, with placeholders. */
  readonly actor: string;
  readonly parameters: Parameters;
}

export function actorsOf(project: string, query: RecordQuery, by: ActorKind, now: number): Actors {
  const where = whereClause(project, promptsOfAllTime(query), now);
  if (!isPropertyDimension(by))
    return {
      where,
      actor: 'if(user = {nobody:String}, {none:String}, user)',
      parameters: { ...where.parameters, nobody: ANONYMOUS, none: '' },
    };
  return {
    where,
    actor: propertyText('actor'),
    parameters: { ...where.parameters, actor: propertyOf(by) },
  };
}

/** Returns when the first prompt was seen, of anybody; undefined without any. */
export async function firstSeen(
  client: ClickHouseClient,
  { where, parameters }: Actors,
): Promise<number | undefined> {
  const [row] = await client.query<{ first: string; prompts: string }>(
    `SELECT min(${SEEN_MS}) AS first, count() AS prompts FROM records FINAL
WHERE ${where.sql}`,
    { parameters },
  );
  return row && row.prompts !== '0' ? Number(row.first) : undefined;
}

/**
 * A place in `{starts}`, counted from 1, of the period that holds a time. `starts` begins with 0, whose period is all of the time before the
 * others, so that the first period that counts is 2.
 */
export function placeOf(time: string): string {
  return `toUInt16(indexOf({starts:Array(Int64)}, roundDown(${time}, {starts:Array(Int64)})))`;
}
