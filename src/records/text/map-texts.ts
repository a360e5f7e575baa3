import { isList } from '../../common/unknown-values.js';
import {
  TEXT_FIELDS,
  type PromptRecord,
  type PropertyValue,
  type TextField,
} from '../model/prompt-record.js';

/** Returns a copy of a value in which every text, in lists and objects too, is replaced by the result of `map`. */
export function mapTexts(value: PropertyValue, map: (text: string) => string): PropertyValue {
  if (typeof value === 'string') return map(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => mapTexts(item, map));
  return mapMemberTexts(value, map);
}

/** Returns a copy of an object in which every text, in lists and objects too, is replaced by the result of `map`. */
export function mapMemberTexts(
  members: Readonly<Record<string, PropertyValue>>,
  map: (text: string) => string,
): Readonly<Record<string, PropertyValue>> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, mapTexts(value, map)]));
}

/** Returns a copy of a record in which each text field is replaced by the result of `map`. Tags and properties stay as they are. */
export function mapTextFields(record: PromptRecord, map: (text: string) => string): PromptRecord {
  const texts: Partial<Record<TextField, string>> = {};
  for (const field of TEXT_FIELDS) texts[field] = map(record[field]);
  return { ...record, ...texts };
}
