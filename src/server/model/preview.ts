import type { PropertyValue } from '../../records/model/prompt-record.js';
import type { StoredRecord } from './stored-record.js';

/** Properties that a list shows. The others come with `GET /api/records/:id`. */
const LISTED = [
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'error_type',
  'tool_calls',
  'prompt',
  'model',
  '$assistant_id',
  'record_id',
  'score',
  'value',
  'rating',
  'label',
  'comment',
] as const;

/** Returns a record for a list: texts cut to `length` characters, and only the properties that a list shows. */
export function previewOf(record: StoredRecord, length: number): StoredRecord {
  const properties: Record<string, PropertyValue> = {};
  for (const name of LISTED) {
    const value = record.properties[name];
    if (value !== undefined) properties[name] = typeof value === 'string' ? cut(value, length) : value;
  }
  if (record.kind === 'event') return { ...record, properties };
  return {
    ...record,
    prompt: cut(record.prompt, length),
    generation: cut(record.generation, length),
    properties,
  };
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Never splits a surrogate pair.
  const last = text.charCodeAt(length - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)}…`;
}
