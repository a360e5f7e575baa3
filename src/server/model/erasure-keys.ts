import { ANONYMOUS } from '../../records/model/prompt-record.js';
import type { NewRecord, StoredRecord } from './stored-record.js';

/** Keys that tell whether a record is, or belongs to, one that was erased. */
export interface RepeatKeys {
  /** Erased with the record itself, or with the record that it belongs to. */
  readonly always: readonly string[];
  /** Erased with a person's part of a trace. Counts for calls that began before the erasure. */
  readonly ifEarlier?: string;
}

/** Returns the ids of the records that an event belongs to: the turn of a call, what feedback is on. Prompts belong to none. */
export function ownerIdsOf(record: NewRecord): string[] {
  if (record.kind !== 'event') return [];
  return ['turn_id', 'record_id'].flatMap((name) => textOf(record, name) ?? []);
}

/** Returns the keys by which a record is compared with erased ones. */
export function repeatKeysOf(record: NewRecord): RepeatKeys {
  const traceId = textOf(record, 'trace_id');
  return {
    always: [record.id, ...ownerIdsOf(record)].map(recordKey),
    ...(traceId !== undefined && { ifEarlier: traceKey(traceId, record.userId) }),
  };
}

/**
 * Returns the keys to erase with a record, so that it does not come back. A call that was read from a span also comes back as the call
 * of the span around it, when that arrives later: the parent is erased too.
 */
export function erasedKeysOf(record: StoredRecord): string[] {
  const [traceId, parentId] = [textOf(record, 'trace_id'), textOf(record, 'parent_span_id')];
  const isSpan = record.kind === 'prompt' && record.origin === 'otlp';
  return [
    recordKey(record.id),
    ...(isSpan && traceId !== undefined && parentId !== undefined
      ? [recordKey(`${traceId}-${parentId}`)]
      : []),
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

function traceKey(traceId: string, userId: string): string {
  return `trace ${traceId} ${userId}`;
}

function textOf(record: NewRecord, name: string): string | undefined {
  const value = record.properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
