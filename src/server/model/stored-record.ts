import { asText } from '../../common/unknown-values.js';
import type { PropertyValue } from '../../records/model/prompt-record.js';

interface StoredBase {
  /** Sequence number: the order of arrival. A replaced record keeps it. */
  readonly seq: number;
  /** `properties.$event_id` if it was sent, so that a repeated delivery replaces the first. Else a random UUID. */
  readonly id: string;
  readonly userId: string;
  /** `thread_id`, else `properties.$thread_id`. */
  readonly threadId?: string;
  /** Time of the prompt or event that the application gave. ISO 8601 in UTC. */
  readonly timestamp: string;
  /** Time at which this server received the record. ISO 8601 in UTC. */
  readonly receivedAt: string;
  /** Strings of `properties.tags`, without duplicates. */
  readonly tags: readonly string[];
  /** Set if the record was read from a span sent over OTLP. Undefined for the ingestion API. */
  readonly origin?: 'otlp';
  /** Addresses of the hosts that this record was handed on to, at least one. */
  readonly forwardedTo?: readonly string[];
  /** Properties as they were sent. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/** One item of `POST /publish_llm_events`. */
export interface StoredPrompt extends StoredBase {
  readonly kind: 'prompt';
  readonly prompt: string;
  readonly generation: string;
  readonly assistantId?: string;
  /** Seconds. */
  readonly latency?: number;
  readonly promptEventName?: string;
  readonly generationEventName?: string;
}

/** One item of `POST /publish_events`. */
export interface StoredEvent extends StoredBase {
  readonly kind: 'event';
  readonly event: string;
}

export type StoredRecord = StoredPrompt | StoredEvent;

type WithoutSeq<T> = T extends StoredRecord ? Omit<T, 'seq'> : never;

/** A record before it is stored: the store adds `seq`. */
export type NewRecord = WithoutSeq<StoredRecord>;

/**
 * Properties that records have in lists and live updates. The others come with `GET /api/records/:id`. What reads a property of a
 * {@link ListedRecord} compiles only if the property is listed here.
 */
export const LISTED_PROPERTIES = [
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'tokens_by_model',
  'call_count',
  'cost',
  'cost_source',
  'priced_calls',
  'unpriced_calls',
  'cost_by_model',
  'turn_id',
  'error_type',
  'tool_calls',
  'prompt',
  'model',
  '$assistant_id',
  'record_id',
  'feedback_type',
  'source',
  'cleared',
  'score',
  'value',
  'rating',
  'label',
  'comment',
  'name',
  'metric',
  'component',
  'explanation',
  'reason',
  'max',
  'max_score',
  'min',
  'min_score',
  'generation',
  'latency',
  'text_erased',
] as const;

type ListedProperties = Readonly<Partial<Record<(typeof LISTED_PROPERTIES)[number], PropertyValue>>>;

type Listed<T> = T extends NewRecord
  ? Omit<T, 'properties'> & { readonly properties: ListedProperties }
  : never;

/** A record, of which only the listed properties may be read: a row of a list has no others. Any record can be passed. */
export type ListedRecord = Listed<NewRecord>;

/** Returns the model of a prompt, or of an event that names one, such as `LLM error`. The empty text is none. */
export function modelOf(record: ListedRecord): string | undefined {
  if (record.kind === 'prompt') return record.assistantId || undefined;
  const model = record.properties['model'] ?? record.properties['$assistant_id'];
  return typeof model === 'string' && model !== '' ? model : undefined;
}

/** Returns the model to filter and group by: `unknown` for a prompt without one. */
export function modelName(record: ListedRecord): string | undefined {
  return modelOf(record) ?? (record.kind === 'prompt' ? 'unknown' : undefined);
}

/** Returns true if a record describes a failed call: it has `properties.error_type`, or is an event named `LLM error`. */
export function isFailure(record: ListedRecord): boolean {
  if (record.kind === 'event' && record.event === 'LLM error') return true;
  const type = record.properties['error_type'];
  return type !== undefined && type !== null && type !== '';
}

/**
 * Returns true if a record counts as an error: it describes a failed call that is not part of a turn. The record of the turn tells
 * whether the turn failed: one that recovered is no error, one whose calls all failed is one.
 */
export function isError(record: ListedRecord): boolean {
  return isFailure(record) && turnOf(record) === undefined;
}

/** Returns true if a record stands for something that a person asked: a prompt, or an error that left no prompt. */
export function isRequest(record: ListedRecord): boolean {
  return record.kind === 'prompt' || isError(record);
}

/** Returns what somebody asked: the prompt, also of an event that has one, such as `LLM error`. Empty if there is none. */
export function askedText(record: ListedRecord): string {
  if (record.kind === 'prompt') return record.prompt;
  const prompt = record.properties['prompt'];
  return typeof prompt === 'string' ? prompt : '';
}

/** Returns the id of the turn that a call event belongs to. The record of the turn includes its tokens. */
export function turnOf(record: ListedRecord): string | undefined {
  const id = record.properties['turn_id'];
  return record.kind === 'event' && typeof id === 'string' && id !== '' ? id : undefined;
}

/** Returns the ids of the records that an event belongs to: the turn of a call, what feedback is on. Prompts belong to none. */
export function ownerIdsOf(record: NewRecord): string[] {
  if (record.kind !== 'event') return [];
  return ['turn_id', 'record_id'].flatMap((name) => asText(record.properties[name]) ?? []);
}
