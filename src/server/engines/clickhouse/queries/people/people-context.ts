import type { ZoneClock } from '../../../../model/time-zone.js';
import type { RecordQuery } from '../../../../query/record-query.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';

/** Inputs of an answer about people besides the request. */
export interface PeopleContext {
  readonly client: ClickHouseClient;
  readonly project: string;
  readonly query: RecordQuery;
  readonly clock: ZoneClock;
  readonly now: number;
  readonly isUncertain: boolean;
}
