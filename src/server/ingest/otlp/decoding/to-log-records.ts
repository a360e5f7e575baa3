import { isRecord } from '../../../../common/unknown-values.js';
import { noLosses, toAttributes, toValue, type Losses } from './attribute-values.js';
import { fieldOf, objectIn, objectsIn, textOf, toHrTime, toId, type JsonObject } from './json-fields.js';
import type { DecodedLogs, OtlpLogRecord } from './log-records.js';

/**
 * Reads `ExportLogsServiceRequest` in JSON, as `toSpans()` reads spans. Pure. Returns undefined if the request itself cannot be read.
 */
export function toLogRecords(request: unknown): DecodedLogs | undefined {
  if (!isRecord(request)) return undefined;
  const groups = fieldOf(request, 'resourceLogs');
  if (groups !== undefined && !Array.isArray(groups)) return undefined;
  const losses = noLosses();
  const count = (): number => (losses.unreadable += 1);
  const records = objectsIn(groups, count).flatMap((group) => {
    const resource = toAttributes(objectIn(group, 'resource')?.['attributes'], losses);
    return objectsIn(fieldOf(group, 'scopeLogs') ?? fieldOf(group, 'instrumentationLibraryLogs'), count)
      .flatMap((scoped) => objectsIn(fieldOf(scoped, 'logRecords') ?? scoped['logs'], count))
      .map((record) => toLogRecord(record, resource, losses));
  });
  return { records, losses };
}

function toLogRecord(record: JsonObject, resource: OtlpLogRecord['resource'], losses: Losses): OtlpLogRecord {
  return {
    traceId: toId(fieldOf(record, 'traceId'), 32),
    spanId: toId(fieldOf(record, 'spanId'), 16),
    eventName: textOf(fieldOf(record, 'eventName')),
    time: toHrTime(fieldOf(record, 'timeUnixNano')) ?? toHrTime(fieldOf(record, 'observedTimeUnixNano')),
    body: toValue(record['body'], losses, 0),
    attributes: toAttributes(record['attributes'], losses),
    resource,
  };
}
