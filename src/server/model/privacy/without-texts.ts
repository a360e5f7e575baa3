import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { isCleared } from '../feedback.js';
import type { NewRecord } from '../stored-record.js';
import { keptValue } from './kept-values.js';

/** Property of a record whose texts were erased because they were old: true. */
export const TEXT_ERASED = 'text_erased';

/** Returns true if the texts of a record were erased. */
export function isTextErased({ properties }: { readonly properties: object }): boolean {
  return (properties as Readonly<Record<string, unknown>>)[TEXT_ERASED] === true;
}

/**
 * Returns a record without what people wrote or read: prompt and answer are empty, and of the properties only numbers, booleans, names and ids
 * stay. Every number that is counted of it stays the same.
 *
 * @param kept further properties that hold no texts
 */
export function withoutTexts<T extends NewRecord>(record: T, kept: ReadonlySet<string>): T {
  const properties: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(record.properties)) {
    // A score of null beside a comment takes no rating back. Without the comment, it would.
    if (name === 'score' && value === null && !isCleared(record.properties)) continue;
    const left = keptValue(name, value, kept);
    if (left !== undefined) properties[name] = left;
  }
  properties[TEXT_ERASED] = true;
  return {
    ...record,
    ...(record.kind === 'prompt' && { prompt: '', generation: '' }),
    properties,
  };
}
