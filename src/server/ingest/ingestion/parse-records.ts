import type { NewRecord } from '../../model/stored-record.js';
import type { FieldReader } from './field-reader.js';
import { parseList, type ParsedItems } from './parse-items.js';

/** Most records per request of an import. */
export const MAX_IMPORTED = 1000;

/**
 * Reads the body of `POST /import_records`: a list of records as `GET /api/export` writes them. Their ids, times, tags and properties stay as
 * they are. `seq` is ignored, because the store orders records by their arrival here.
 */
export function parseRecords(body: unknown, now: Date): ParsedItems {
  return parseList(body, MAX_IMPORTED, now, readRecord);
}

function readRecord(fields: FieldReader, now: string): NewRecord {
  const kind = fields.oneOf('kind', ['prompt', 'event'] as const);
  return kind === 'prompt' ? readPrompt(fields, now) : readEvent(fields, now);
}

function readPrompt(fields: FieldReader, now: string): NewRecord {
  return {
    kind: 'prompt',
    ...readCommon(fields, now),
    prompt: fields.requiredText('prompt'),
    generation: fields.requiredText('generation'),
    ...given('assistantId', fields.text('assistantId')),
    ...given('latency', fields.number('latency')),
    ...given('promptEventName', fields.text('promptEventName')),
    ...given('generationEventName', fields.text('generationEventName')),
  };
}

function readEvent(fields: FieldReader, now: string): NewRecord {
  return {
    kind: 'event',
    ...readCommon(fields, now),
    event: fields.requiredText('event', 1),
  };
}

function readCommon(fields: FieldReader, now: string) {
  const properties = fields.object('properties');
  const timestamp = fields.dateTime('timestamp');
  const receivedAt = fields.dateTime('receivedAt') ?? timestamp ?? now;
  const threadId = fields.text('threadId');
  const forwardedTo = fields.texts('forwardedTo');
  return {
    id: fields.requiredText('id', 1),
    userId: fields.requiredText('userId', 1),
    ...(threadId && { threadId }),
    timestamp: timestamp ?? receivedAt,
    // A time to come would make every time of the record plausible.
    receivedAt: receivedAt < now ? receivedAt : now,
    tags: fields.texts('tags') ?? [],
    ...(fields.text('origin') === 'otlp' && ({ origin: 'otlp' } as const)),
    ...(forwardedTo && forwardedTo.length > 0 && { forwardedTo }),
    properties,
  };
}

function given<Name extends string, T>(name: Name, value: T | undefined): { readonly [N in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]?: T });
}
