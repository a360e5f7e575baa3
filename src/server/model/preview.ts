import type { PropertyValue } from '../../records/model/prompt-record.js';
import { LISTED_PROPERTIES, type StoredRecord } from './stored-record.js';

/** Returns a record for a list: texts cut to `length` characters, and only the properties that a list shows. */
export function previewOf(record: StoredRecord, length: number): StoredRecord {
  const properties: Record<string, PropertyValue> = {};
  for (const name of LISTED_PROPERTIES) {
    const value = record.properties[name];
    if (value !== undefined)
      properties[name] = typeof value === 'string' ? withEllipsis(value, length) : value;
  }
  if (record.kind === 'event') return { ...record, properties };
  return {
    ...record,
    prompt: withEllipsis(record.prompt, length),
    generation: withEllipsis(record.generation, length),
    properties,
  };
}

/** Returns a text of at most `length` characters, and an ellipsis if it was longer. */
export function withEllipsis(text: string, length: number): string {
  if (text.length <= length) return text;
  // Never splits a surrogate pair.
  const last = text.charCodeAt(length - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)}…`;
}
