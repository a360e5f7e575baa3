import { asRecord, asText, isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import { parseItems } from '../../server/ingest/ingestion/parse-items.js';
import { derivedId } from './derived-id.js';
import type { ReadContext, ReadRecord } from './read-record.js';
import { toReadRecord } from './to-read-record.js';

/** Returns true for an item of `publish_llm_events` or `publish_events`, as the SDKs of Trubrics send it. */
export function isSdkItem(value: unknown): value is UnknownRecord {
  return isRecord(value) && 'user_id' in value && ('event' in value || isLlmEvent(value));
}

function isLlmEvent(value: UnknownRecord): boolean {
  return 'prompt' in value && 'generation' in value && !('config_model' in value);
}

/**
 * Reads an item with the validation of the ingestion API. Without `$event_id`, its id is made of its content, because the SDKs send none: an
 * item that was delivered twice is one record.
 */
export function readSdkItem(value: UnknownRecord, { place, fallbackTime }: ReadContext): ReadRecord {
  const now = new Date();
  const kind = isLlmEvent(value) ? 'prompt' : 'event';
  return toReadRecord(parseItems([value], kind, now), (record) => {
    const isTimed = value['timestamp'] !== undefined && value['timestamp'] !== null;
    const timestamp = isTimed ? record.timestamp : fallbackTime.toISOString();
    const hasId = asText(asRecord(value['properties'])['$event_id']) !== undefined;
    return {
      ...record,
      timestamp,
      receivedAt: earlier(timestamp, now),
      // Equal items without a time may have happened at different times: their places tell them apart.
      ...(!hasId && { id: derivedId(value, isTimed ? undefined : place) }),
    };
  });
}

/** Returns when a record was received, which the SDKs do not send: when it happened, but not in the future. */
function earlier(timestamp: string, now: Date): string {
  return Date.parse(timestamp) > now.getTime() ? now.toISOString() : timestamp;
}
