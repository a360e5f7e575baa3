import type { PropertyValue } from '../../records/model/prompt-record.js';

interface StoredBase {
  /** Counts up with every new record: the order of arrival, and the cursor of the lists. */
  readonly seq: number;
  /** `properties.$event_id` when the sender gave one: a repeated delivery replaces the first. Else a random UUID. */
  readonly id: string;
  readonly userId: string;
  /** `thread_id`, else `properties.$thread_id`. */
  readonly threadId?: string;
  /** When it happened, as the sender says, ISO 8601 in UTC. */
  readonly timestamp: string;
  /** When this server took it, ISO 8601 in UTC. */
  readonly receivedAt: string;
  /** `properties.tags` when that is a list of strings. */
  readonly tags: readonly string[];
  /** How it came, when not by the ingestion API: read from a span that was sent over OTLP. */
  readonly origin?: 'otlp';
  /** As they were sent. */
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

/** A record on its way into the store, which numbers it. */
export type NewRecord = WithoutSeq<StoredRecord>;

/** The model of a prompt, or of an event that names one, as that of a failed call does. */
export function modelOf(record: StoredRecord): string | undefined {
  if (record.kind === 'prompt') return record.assistantId;
  const model = record.properties['model'] ?? record.properties['$assistant_id'];
  return typeof model === 'string' ? model : undefined;
}

/** The same for whoever groups by it: a prompt without a model has an unknown one. */
export function modelName(record: StoredRecord): string | undefined {
  return modelOf(record) ?? (record.kind === 'prompt' ? 'unknown' : undefined);
}

/** Whether a record tells of a failed call: `properties.error_type`, or an event named `LLM error`. */
export function isError(record: StoredRecord | NewRecord): boolean {
  if (record.kind === 'event' && record.event === 'LLM error') return true;
  const type = record.properties['error_type'];
  return type !== undefined && type !== null && type !== '';
}

/** The turn of which an event tells one call; the record of the turn sums all of them up. */
export function turnOf(record: StoredRecord | NewRecord): string | undefined {
  const id = record.properties['turn_id'];
  return record.kind === 'event' && typeof id === 'string' && id !== '' ? id : undefined;
}
