import type { Totals } from './statistics.js';
import type { StoredRecord } from './stored-record.js';

/** Response of `GET /api/records`. */
export interface RecordList {
  /** Latest arrival first. */
  readonly records: readonly StoredRecord[];
  /** Number of records that match the query, on all pages. */
  readonly total: number;
  /** True if more than `total` records match. */
  readonly isTotalCapped?: boolean;
  /** Value of `before` for the next page; `null` on the last page. */
  readonly before: number | string | null;
  /** Events that give feedback on one of `records`, whether or not the query matches them. */
  readonly feedback: readonly StoredRecord[];
}

/** Property of records that has the name of their user, to be shown beside the id. */
export const NAME_PROPERTY = 'user_name';

export interface UserSummary extends Totals {
  readonly userId: string;
  /** Display name: the property {@link NAME_PROPERTY} of the record that was seen last and has one. `anonymous` has none. */
  readonly name?: string;
  readonly threads: number;
  /** Most used first. */
  readonly models: readonly string[];
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export interface UserList {
  /** ISO 8601. Set by a database that does not read all of time where no beginning was asked for: records before are not in the list nor in its numbers. */
  readonly since?: string;
  /** Latest active first. */
  readonly users: readonly UserSummary[];
  /** Number of matching users, beyond `limit` as well. */
  readonly total: number;
}

/** One conversation. */
export interface ThreadSummary extends Totals {
  readonly threadId: string;
  readonly users: readonly string[];
  readonly models: readonly string[];
  /** The earliest prompt, cut; empty without one. */
  readonly firstPrompt: string;
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/**
 * Orders of a list of conversations: latest active first, earliest begun first, most prompts, tokens, cost or errors first. Where two are
 * equal, the latest active is first.
 */
export const THREAD_ORDERS = ['latest', 'earliest', 'prompts', 'tokens', 'cost', 'errors'] as const;
export type ThreadOrder = (typeof THREAD_ORDERS)[number];

export interface ThreadList {
  /** In the order that was asked for. */
  readonly threads: readonly ThreadSummary[];
  /** Number of matching threads, beyond `limit` as well. */
  readonly total: number;
  /**
   * ISO 8601. Set by a database that has more conversations than it ranks: only those with a record since then are in the list and in `total`, and
   * an order by numbers compares what happened since then.
   */
  readonly rankedSince?: string;
}

export const RECORD_ORDERS = ['arrival', 'time'] as const;
export type RecordOrder = (typeof RECORD_ORDERS)[number];
