import type { PropertyValue } from '../../../records/model/prompt-record.js';
import type { NewRecord } from '../../model/stored-record.js';
import { FieldReader } from './field-reader.js';
import { describeInput, type ValidationError } from '../../model/intake/validation-error.js';

export type ItemKind = NewRecord['kind'];

/** Most items per request that the service accepts. */
export const MAX_ITEMS = 100;

/** Most errors that are listed: a wrong client makes the same mistake in each item. */
const MAX_ERRORS = 20;

/** The records of a request, or its errors. One invalid item refuses the whole request, as in FastAPI. */
export type ParsedItems =
  | { readonly isValid: true; readonly records: readonly NewRecord[] }
  | { readonly isValid: false; readonly errors: readonly ValidationError[] };

/** Reads the body of a request: a list of prompts or events. */
export function parseItems(body: unknown, kind: ItemKind, now: Date): ParsedItems {
  const read = kind === 'prompt' ? readPrompt : readEvent;
  return parseList(body, MAX_ITEMS, now, read);
}

/** Reads one item that was received at this time, ISO 8601. */
type ReadItem = (fields: FieldReader, receivedAt: string) => NewRecord;

/** Reads a list of at most `maxItems`. */
export function parseList(body: unknown, maxItems: number, now: Date, read: ReadItem): ParsedItems {
  const listError = checkList(body, maxItems);
  if (listError) return { isValid: false, errors: [listError] };
  const fields = new FieldReader();
  const { errors } = fields;
  const receivedAt = now.toISOString();
  const records: NewRecord[] = [];
  for (const [index, item] of (body as unknown[]).entries()) {
    if (fields.begin(item, index)) records.push(read(fields, receivedAt));
    if (errors.length >= MAX_ERRORS) break;
  }
  return errors.length > 0
    ? { isValid: false, errors: errors.slice(0, MAX_ERRORS) }
    : { isValid: true, records };
}

function checkList(body: unknown, maxItems: number): ValidationError | undefined {
  const loc = ['body'];
  if (!Array.isArray(body))
    return { type: 'list_type', loc, msg: 'Input should be a valid list', input: describeInput(body) };
  const input = describeInput(body);
  if (body.length === 0)
    return { type: 'too_short', loc, msg: 'List should have at least 1 item after validation, not 0', input };
  if (body.length > maxItems)
    return {
      type: 'too_long',
      loc,
      msg: `List should have at most ${maxItems} items after validation, not ${body.length}`,
      input,
    };
  return undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type ItemOf<Kind extends ItemKind> = Writable<Extract<NewRecord, { readonly kind: Kind }>>;

// Each member by its name: spreads copy the record each time, which takes longer than all the rest (test/bench/intake.mjs).

function readPrompt(fields: FieldReader, receivedAt: string): NewRecord {
  const prompt = fields.requiredText('prompt');
  const generation = fields.requiredText('generation');
  const assistantId = fields.text('assistant_id');
  const latency = fields.number('latency');
  const promptEventName = fields.text('prompt_event_name');
  const generationEventName = fields.text('generation_event_name');
  const { id, userId, threadId, timestamp, tags, properties } = readCommon(fields, receivedAt);
  const record: ItemOf<'prompt'> = {
    kind: 'prompt',
    id,
    userId,
    timestamp,
    receivedAt,
    tags,
    properties,
    prompt,
    generation,
  };
  if (threadId !== undefined) record.threadId = threadId;
  if (assistantId !== undefined) record.assistantId = assistantId;
  if (latency !== undefined) record.latency = latency;
  if (promptEventName !== undefined) record.promptEventName = promptEventName;
  if (generationEventName !== undefined) record.generationEventName = generationEventName;
  return record;
}

function readEvent(fields: FieldReader, receivedAt: string): NewRecord {
  const event = fields.requiredText('event', 1);
  const { id, userId, threadId, timestamp, tags, properties } = readCommon(fields, receivedAt);
  const record: ItemOf<'event'> = {
    kind: 'event',
    id,
    userId,
    timestamp,
    receivedAt,
    tags,
    properties,
    event,
  };
  if (threadId !== undefined) record.threadId = threadId;
  return record;
}

function readCommon(fields: FieldReader, receivedAt: string) {
  const properties = fields.object('properties');
  return {
    threadId: fields.text('thread_id') || textOf(properties['$thread_id']),
    id: textOf(properties['$event_id']) ?? crypto.randomUUID(),
    userId: fields.requiredText('user_id', 1),
    timestamp: fields.dateTime('timestamp') ?? receivedAt,
    tags: tagsOf(properties['tags']),
    properties,
  };
}

function textOf(value: PropertyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tagsOf(value: PropertyValue | undefined): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return [];
  const [first]: readonly unknown[] = value;
  if (value.length === 1) return typeof first === 'string' && first !== '' ? [first] : [];
  return [...new Set(value.filter((tag): tag is string => typeof tag === 'string' && tag !== ''))];
}
