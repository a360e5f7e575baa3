import { createHash } from 'node:crypto';
import { ANONYMOUS } from '../../../records/model/prompt-record.js';
import { ownerIdsOf, type NewRecord, type StoredRecord } from '../stored-record.js';

/** Keys that tell whether a record is, or belongs to, one that was erased. */
export interface RepeatKeys {
  /** Erased with the record itself, or with the record that it belongs to. */
  readonly always: readonly string[];
  /** Erased with a person's part of a trace, or with the content of a call. Count for calls that began before the erasure. */
  readonly ifEarlier: readonly string[];
}

/** Returns the keys by which a record is compared with erased ones. */
export function repeatKeysOf(record: NewRecord): RepeatKeys {
  const [traceId, content] = [textOf(record, 'trace_id'), contentOf(record)];
  return {
    always: [record.id, ...ownerIdsOf(record)].map(recordKey),
    ifEarlier: [
      ...(traceId === undefined ? [] : [traceKey(traceId, record.userId)]),
      ...(content === undefined ? [] : [content, `${content} ${record.userId}`]),
    ],
  };
}

/**
 * Returns the keys to erase with a record, so that it does not come back. A call that was read from a span also comes back as the call
 * of a span around it, when that arrives later: the parent is erased too. Others further up are known by trace and content alone.
 */
export function erasedKeysOf(record: StoredRecord): string[] {
  const [traceId, parentId] = [textOf(record, 'trace_id'), textOf(record, 'parent_span_id')];
  return [
    recordKey(record.id),
    ...(isCallOfSpan(record) && parentId !== undefined ? [recordKey(`${traceId}-${parentId}`)] : []),
    ...contentKeysOf(record),
  ];
}

/**
 * Returns the keys to erase when a person is forgotten, besides those of single records. Further spans of the trace may repeat the
 * content, with the person's id or without any.
 */
export function personKeysOf(record: StoredRecord): string[] {
  const traceId = textOf(record, 'trace_id');
  if (traceId === undefined) return [];
  return [traceKey(traceId, record.userId), traceKey(traceId, ANONYMOUS)];
}

/** Returns when a call began, or an event happened, in milliseconds since 1970. */
export function startOf(record: NewRecord): number {
  const latency = record.kind === 'prompt' ? record.latency : record.properties['latency'];
  const seconds = typeof latency === 'number' && Number.isFinite(latency) ? latency : 0;
  return Date.parse(record.timestamp) - seconds * 1000;
}

export function recordKey(id: string): string {
  return `record ${id}`;
}

/**
 * Returns a text that is the same for all spans of a trace that hold the content of a call. Undefined for records that are no such call.
 */
function contentOf(record: NewRecord): string | undefined {
  if (!isCallOfSpan(record)) return undefined;
  const texts =
    record.kind === 'prompt'
      ? [record.prompt.trim(), record.generation.trim()]
      : [textOf(record, 'prompt')?.trim()];
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('base64url');
  return `content ${textOf(record, 'trace_id')} ${hash}`;
}

/** Uses the content alone for a call without a user: a span further above may know the user. */
function contentKeysOf(record: NewRecord): string[] {
  const content = contentOf(record);
  if (content === undefined) return [];
  return record.userId === ANONYMOUS ? [content] : [`${content} ${record.userId}`, `${content} ${ANONYMOUS}`];
}

/** Returns whether a record is a call, or a failed call, that was read from a span; no evaluation. */
function isCallOfSpan(record: NewRecord): boolean {
  const [traceId, spanId] = [textOf(record, 'trace_id'), textOf(record, 'span_id')];
  return record.origin === 'otlp' && traceId !== undefined && record.id === `${traceId}-${spanId}`;
}

function traceKey(traceId: string, userId: string): string {
  return `trace ${traceId} ${userId}`;
}

function textOf(record: NewRecord, name: string): string | undefined {
  const value = record.properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
