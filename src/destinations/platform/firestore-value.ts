import { cutText } from '../../records/text/clean-text.js';
import type { PropertyValue } from '../../records/model/prompt-record.js';
import { isList } from '../../common/unknown-values.js';

/** A value in the JSON of Firestore's REST interface. */
export type FirestoreValue =
  | { readonly nullValue: null }
  | { readonly stringValue: string }
  | { readonly booleanValue: boolean }
  | { readonly integerValue: string }
  | { readonly doubleValue: number }
  | { readonly timestampValue: string }
  | { readonly mapValue: { readonly fields: FirestoreFields } }
  | { readonly arrayValue: { readonly values: readonly FirestoreValue[] } };

export type FirestoreFields = { readonly [name: string]: FirestoreValue };

/** Converts a JSON value. Firestore does not support lists in lists, so an inner list becomes its JSON text. */
export function toFirestoreValue(value: PropertyValue): FirestoreValue {
  if (value === null) return { nullValue: null };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (typeof value === 'number') return toNumber(value);
  if (isList(value)) return { arrayValue: { values: value.map(toListMember) } };
  return { mapValue: { fields: toFirestoreFields(value) } };
}

export function toFirestoreFields(members: { readonly [name: string]: PropertyValue }): FirestoreFields {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [toFieldName(name), toFirestoreValue(value)]),
  );
}

/** Converts a number to a double even if it is whole. Everything else becomes null. */
export function toDouble(value: PropertyValue | undefined): FirestoreValue {
  return typeof value === 'number' ? { doubleValue: value } : { nullValue: null };
}

/** `iso` is an ISO 8601 time. */
export function toTimestamp(iso: string): FirestoreValue {
  return { timestampValue: iso };
}

function toNumber(value: number): FirestoreValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
    ? { integerValue: String(value) }
    : { doubleValue: value };
}

/** Firestore allows 1,500 bytes for a field name; a character has up to four. */
const MAX_NAME_LENGTH = 375;

/** Changes names that are empty, too long or like `__this__`: Firestore would refuse the whole document. */
function toFieldName(name: string): string {
  if (name === '') return '_';
  const short = cutText(name, MAX_NAME_LENGTH);
  return /^__.*__$/s.test(short) ? short.replace(/^_+/, '_') : short;
}

function toListMember(value: PropertyValue): FirestoreValue {
  return isList(value) ? { stringValue: JSON.stringify(value) } : toFirestoreValue(value);
}
