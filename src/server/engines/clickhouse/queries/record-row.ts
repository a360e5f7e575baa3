import type { PropertyValue } from '../../../../records/model/prompt-record.js';
import { wellFormed } from '../../../../records/text/clean-text.js';
import { evaluationOf, feedbackOf, feedbackTarget, ratingOf } from '../../../model/feedback.js';
import { costOf, toNanoDollars } from '../../../model/cost.js';
import { summedTokens } from '../../../model/measures.js';
import { modelParts } from '../../../model/model-parts.js';
import {
  isError,
  modelName,
  ownerIdsOf,
  type NewRecord,
  type StoredRecord,
} from '../../../model/stored-record.js';
import { wordsOf } from './search-column.js';
import { MAX_TIME_MS, MIN_TIME_MS } from '../schema/schema.js';

/** Bits of a version that hold the microseconds. A version that is final has bit 63 as well. */
export const FINAL_VERSION = 2n ** 63n;

/** Key and version of a row of `records`. */
export interface RowKey {
  readonly project: string;
  readonly day: string;
  readonly id: string;
  readonly version: string;
  readonly seq: number;
}

/** The columns that a record is read from. */
export interface RecordColumns {
  readonly id: string;
  /** 64-bit numbers arrive as text. */
  readonly seq: string;
  /** Milliseconds. */
  readonly at: string;
  readonly received: string;
  readonly kind: StoredRecord['kind'];
  readonly user: string;
  readonly thread: string;
  readonly event: string;
  readonly assistant_id: string | null;
  readonly prompt_event_name: string | null;
  readonly generation_event_name: string | null;
  readonly origin: 'otlp' | null;
  /** Empty if the record was handed on to none. */
  readonly forwarded_to: readonly string[];
  readonly tags: readonly string[];
  readonly latency: number | null;
  readonly properties: Readonly<Record<string, string>>;
  readonly prompt: string;
  readonly generation: string;
}

/** The select list of {@link RecordColumns}. */
export const RECORD_COLUMNS = `id, seq, toUnixTimestamp64Milli(records.at) AS at, toUnixTimestamp64Milli(records.received) AS received,
kind, user, thread, event, assistant_id, prompt_event_name, generation_event_name, origin, forwarded_to, tags, latency, properties, prompt, generation`;

/** Returns the day of a time in UTC, as ClickHouse writes a date. */
export function dayOf(timeMs: number): string {
  return timeText(timeMs).slice(0, 10);
}

/** Returns a time as ClickHouse reads a `DateTime64(3)`. Times that it cannot hold become the first or the last that it can. */
export function timeText(timeMs: number): string {
  const clamped = Math.min(MAX_TIME_MS, Math.max(MIN_TIME_MS, timeMs));
  return new Date(clamped).toISOString().replace('T', ' ').slice(0, -1);
}

/** Returns the times of a record in milliseconds. One that cannot be read becomes that of its arrival, or now. */
export function timesOf({ timestamp, receivedAt }: NewRecord): {
  readonly at: number;
  readonly received: number;
} {
  const [at, received] = [Date.parse(timestamp), Date.parse(receivedAt)];
  const arrival = Number.isNaN(received) ? Date.now() : received;
  return { at: Number.isNaN(at) ? arrival : at, received: arrival };
}

/** Returns the row that stores a record. */
export function toRow(record: NewRecord, key: RowKey): Readonly<Record<string, unknown>> {
  const isPrompt = record.kind === 'prompt';
  const tokens = summedTokens(record);
  const costs = costOf(record);
  const parts = modelParts(tokens, costs);
  const evaluation = evaluationOf(record);
  const { at, received } = timesOf(record);
  return {
    ...key,
    at: timeText(at),
    received: timeText(received),
    kind: record.kind,
    user: wellFormed(record.userId),
    thread: wellFormed(record.threadId ?? ''),
    event: isPrompt ? '' : wellFormed(record.event),
    model: wellFormed(modelName(record) ?? ''),
    origin: record.origin ?? null,
    forwarded_to: (record.forwardedTo ?? []).map(wellFormed),
    tags: record.tags.map(wellFormed),
    is_error: isError(record) ? 1 : 0,
    feedback: feedbackOf(record) ?? '',
    rating: ratingOf(record) ?? '',
    evaluation: wellFormed(evaluation?.name ?? ''),
    label: wellFormed(evaluation?.label ?? ''),
    score: evaluation?.score ?? null,
    target: wellFormed(feedbackTarget(record) ?? ''),
    owners: ownerIdsOf(record).map(wellFormed),
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    total_tokens: tokens.total,
    nano_dollars: toNanoDollars(costs.cost),
    priced_calls: costs.pricedCalls,
    unpriced_calls: costs.unpricedCalls,
    part_models: parts.map(({ model }) => wellFormed(model)),
    part_input_tokens: parts.map(({ input }) => input),
    part_output_tokens: parts.map(({ output }) => output),
    part_nano_dollars: parts.map(({ cost }) => toNanoDollars(cost)),
    part_priced_calls: parts.map(({ pricedCalls }) => pricedCalls),
    part_unpriced_calls: parts.map(({ unpricedCalls }) => unpricedCalls),
    words: wordsOf(record),
    properties: Object.fromEntries(
      Object.entries(record.properties).map(([name, value]) => [
        wellFormed(name),
        wellFormed(JSON.stringify(value)),
      ]),
    ),
    ...(isPrompt && {
      assistant_id: optional(record.assistantId),
      prompt_event_name: optional(record.promptEventName),
      generation_event_name: optional(record.generationEventName),
      latency: record.latency ?? null,
      prompt: wellFormed(record.prompt),
      generation: wellFormed(record.generation),
    }),
  };
}

/** Returns the record that a row stores. */
export function fromRow(row: RecordColumns): StoredRecord {
  const base = {
    seq: Number(row.seq),
    id: row.id,
    userId: row.user,
    ...(row.thread !== '' && { threadId: row.thread }),
    timestamp: new Date(Number(row.at)).toISOString(),
    receivedAt: new Date(Number(row.received)).toISOString(),
    tags: row.tags,
    ...(row.origin !== null && { origin: row.origin }),
    ...(row.forwarded_to.length > 0 && { forwardedTo: row.forwarded_to }),
    properties: Object.fromEntries(
      Object.entries(row.properties).map(([name, json]) => [name, JSON.parse(json) as PropertyValue]),
    ),
  };
  if (row.kind === 'event') return { ...base, kind: 'event', event: row.event };
  return {
    ...base,
    kind: 'prompt',
    prompt: row.prompt,
    generation: row.generation,
    ...(row.assistant_id !== null && { assistantId: row.assistant_id }),
    ...(row.latency !== null && { latency: row.latency }),
    ...(row.prompt_event_name !== null && { promptEventName: row.prompt_event_name }),
    ...(row.generation_event_name !== null && { generationEventName: row.generation_event_name }),
  };
}

function optional(text: string | undefined): string | null {
  return text === undefined ? null : wellFormed(text);
}
