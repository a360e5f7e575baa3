import type { HrTime } from '../../../../reading/model/span-like.js';
import type { Losses } from './attribute-values.js';

/** A log record, as far as it can be about an LLM call. */
export interface OtlpLogRecord {
  /** Hexadecimal, in lower case. Undefined if the record belongs to no span. */
  traceId: string | undefined;
  spanId: string | undefined;
  eventName: string | undefined;
  /** Time of the event, else the time at which it was observed. */
  time: HrTime | undefined;
  body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Attributes of its resource. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface DecodedLogs {
  readonly records: readonly OtlpLogRecord[];
  readonly losses: Readonly<Losses>;
}
