import { toLogEvent } from '../../../reading/content/events/log-event.js';
import type { SpanLike } from '../../../reading/model/span-like.js';
import { evaluatedResponse, evaluationFeedback } from '../../../records/feedback/evaluation-feedback.js';
import { EVENT_EVALUATION_RESULT } from '../../../common/semconv.js';
import { parseJson } from '../body/parse-json.js';
import type { Losses } from './decoding/attribute-values.js';
import { decodeLogs } from './decoding/decode-logs.js';
import { decodeSpans } from './decoding/decode-spans.js';
import type { OtlpLogRecord } from './decoding/log-records.js';
import { toLogRecords } from './decoding/to-log-records.js';
import { toSpans } from './decoding/to-spans.js';
import { isOptedOutByResource, type LogEvent } from './joining/log-events.js';
import type { OtlpType } from './otlp-response.js';

/** Usable contents of a request, and the reasons why the rest cannot be used. */
export interface DecodedRequest {
  readonly spans: readonly SpanLike[];
  readonly logs: readonly LogEvent[];
  readonly losses: Readonly<Losses>;
  /** Evaluations without a result. */
  readonly withoutResult: number;
}

/** A signal of OpenTelemetry that is received. */
export interface Signal {
  /** Part of the path, and of the message about a body that cannot be read. */
  readonly name: 'traces' | 'logs';
  /** Noun for one item in messages. */
  readonly item: 'span' | 'log record';
  /** Name of the number of rejected items in a partial success. */
  readonly rejected: 'rejectedSpans' | 'rejectedLogRecords';
  /** Returns undefined, or throws, if the request itself cannot be read. */
  decode(type: OtlpType, bytes: Uint8Array): DecodedRequest | undefined;
}

export const TRACES: Signal = {
  name: 'traces',
  item: 'span',
  rejected: 'rejectedSpans',
  decode(type, bytes) {
    const now = Date.now();
    const decoded = type === 'application/json' ? toSpans(parseJson(bytes), now) : decodeSpans(bytes, now);
    return decoded && { ...decoded, logs: [], withoutResult: 0 };
  },
};

export const LOGS: Signal = {
  name: 'logs',
  item: 'log record',
  rejected: 'rejectedLogRecords',
  decode(type, bytes) {
    const decoded = type === 'application/json' ? toLogRecords(parseJson(bytes)) : decodeLogs(bytes);
    return decoded && toLogEvents(decoded.records, { ...decoded.losses });
  },
};

/** Picks the events of GenAI conversations and evaluations. Applications send all their other log records as well. */
function toLogEvents(records: readonly OtlpLogRecord[], losses: Losses): DecodedRequest {
  const logs: LogEvent[] = [];
  let withoutResult = 0;
  for (const record of records) {
    const event = toLogEvent(record);
    if (!event || isOptedOutByResource(event, record.resource)) continue;
    const { traceId, spanId, time } = record;
    const span = traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
    const isEvaluation = event.name === EVENT_EVALUATION_RESULT;
    if (isEvaluation && !evaluationFeedback(event)) withoutResult += 1;
    else if (!span && !(isEvaluation && evaluatedResponse(event))) losses.withoutIds += 1;
    else logs.push({ span, event: { ...event, ...(time && { time }) } });
  }
  return { spans: [], logs, losses, withoutResult };
}
