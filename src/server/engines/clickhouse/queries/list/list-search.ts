import type { RecordQuery } from '../../../../query/record-query.js';
import type { ListOrder, ListPosition } from './list-order.js';
import type { WhereClause } from '../where-clause.js';

/** One page that is asked for. */
export interface ListSearch {
  readonly project: string;
  readonly query: RecordQuery;
  /** The query as conditions. */
  readonly where: WhereClause;
  readonly order: ListOrder;
  /** Exclusive. Undefined: the latest. */
  readonly start: ListPosition | undefined;
  /** Records to read. */
  readonly limit: number;
  readonly now: number;
}

/** Returns the expressions by which an order sorts, the latest first. */
export function latestFirst({ value }: ListOrder): string {
  return `${value} DESC, seq DESC, id DESC`;
}

/** Returns the condition that a record comes after the start of a page, and its placeholders. `value` is the expression of what the order sorts by. */
export function afterStart(start: ListPosition | undefined, value: string): WhereClause {
  if (start === undefined) return { sql: '1', parameters: {} };
  return {
    sql: `(${value}, seq, id) < ({to:Int64}, {toSeq:UInt64}, {toId:String})`,
    parameters: { to: start.value, toSeq: start.seq, toId: start.id },
  };
}
