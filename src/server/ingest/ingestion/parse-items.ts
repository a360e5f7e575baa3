import type { PropertyValue } from '../../../records/model/prompt-record.js';
import type { NewRecord } from '../../model/stored-record.js';
import { fieldReader, type FieldReader } from './field-reader.js';
import { describeInput, type ValidationError } from '../../model/validation-error.js';

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
  return parseList(body, MAX_ITEMS, (item, index, errors) => {
    const fields = fieldReader(item, index, errors);
    return fields && (kind === 'prompt' ? readPrompt(fields, now) : readEvent(fields, now));
  });
}

/** Reads one item. Returns undefined, and adds an error, if there is nothing to read. */
type ReadItem = (item: unknown, index: number, errors: ValidationError[]) => NewRecord | undefined;

/** Reads a list of at most `maxItems`. */
export function parseList(body: unknown, maxItems: number, read: ReadItem): ParsedItems {
  const listError = checkList(body, maxItems);
  if (listError) return { isValid: false, errors: [listError] };
  const errors: ValidationError[] = [];
  const records: NewRecord[] = [];
  for (const [index, item] of (body as unknown[]).entries()) {
    const record = read(item, index, errors);
    if (record) records.push(record);
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

function readPrompt(fields: FieldReader, now: Date): NewRecord {
  const prompt = fields.requiredText('prompt');
  const generation = fields.requiredText('generation');
  const assistantId = fields.text('assistant_id');
  const latency = fields.number('latency');
  const promptEventName = fields.text('prompt_event_name');
  const generationEventName = fields.text('generation_event_name');
  // Each member by its name: conditional spreads copy the record each time (test/bench/intake.mjs).
  const record: Writable<Extract<NewRecord, { readonly kind: 'prompt' }>> = {
    kind: 'prompt',
    ...readCommon(fields, now),
    prompt,
    generation,
  };
  if (assistantId !== undefined) record.assistantId = assistantId;
  if (latency !== undefined) record.latency = latency;
  if (promptEventName !== undefined) record.promptEventName = promptEventName;
  if (generationEventName !== undefined) record.generationEventName = generationEventName;
  return record;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function readEvent(fields: FieldReader, now: Date): NewRecord {
  const event = fields.requiredText('event', { minLength: 1 });
  return { kind: 'event', ...readCommon(fields, now), event };
}

function readCommon(fields: FieldReader, now: Date) {
  const properties = fields.object('properties') ?? {};
  const threadId = fields.text('thread_id') || textOf(properties['$thread_id']);
  return {
    id: textOf(properties['$event_id']) ?? crypto.randomUUID(),
    userId: fields.requiredText('user_id', { minLength: 1 }),
    ...(threadId && { threadId }),
    timestamp: (fields.dateTime('timestamp') ?? now).toISOString(),
    receivedAt: now.toISOString(),
    tags: tagsOf(properties['tags']),
    properties,
  };
}

function textOf(value: PropertyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tagsOf(value: PropertyValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return [...new Set(value.filter((tag): tag is string => typeof tag === 'string' && tag !== ''))];
}
