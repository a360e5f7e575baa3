import { cutText } from '../../records/text/cut-text.js';
import type { PropertyValue } from '../../records/model/prompt-record.js';
import { isList } from '../../common/unknown-values.js';

/** A value as the REST interface of Firestore writes it. */
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

/** Any JSON value. Firestore knows no list directly within a list: an inner one becomes its JSON text. */
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

/** A number that stays a floating-point one, whatever its value. */
export function toDouble(value: PropertyValue | undefined): FirestoreValue {
  return typeof value === 'number' ? { doubleValue: value } : { nullValue: null };
}

/** ISO 8601. */
export function toTimestamp(iso: string): FirestoreValue {
  return { timestampValue: iso };
}

function toNumber(value: number): FirestoreValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
    ? { integerValue: String(value) }
    : { doubleValue: value };
}

const LONGEST_NAME = 375; // 1,500 bytes at most, of up to four bytes a character

/** Firestore refuses a whole document for a name that is empty, too long or like `__this__`. */
function toFieldName(name: string): string {
  if (name === '') return '_';
  const short = cutText(name, LONGEST_NAME);
  return /^__.*__$/s.test(short) ? short.replace(/^_+/, '_') : short;
}

function toListMember(value: PropertyValue): FirestoreValue {
  return isList(value) ? { stringValue: JSON.stringify(value) } : toFirestoreValue(value);
}
