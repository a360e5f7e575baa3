import { hasMethod, readMember } from '../../common/unknown-values.js';
import type { PropertyValue } from '../model/prompt-record.js';
import { wellFormed } from './clean-text.js';

const MAX_DEPTH = 8;
const MAX_MEMBERS = 200;
const MAX_STRING_LENGTH = 32_000;

/**
 * Copies any value as plain JSON, so that one odd value cannot spoil a record. `undefined`: it has no JSON form.
 *
 * Omits cycles, functions and members that throw. BigInt becomes text, and an object with `toJSON()`, such as a date, what that returns. Depth, width and length are bounded.
 */
export function toJsonValue(value: unknown): PropertyValue | undefined {
  return copy(value, 0, []);
}

function copy(value: unknown, depth: number, above: readonly object[]): PropertyValue | undefined {
  switch (typeof value) {
    case 'string':
      return wellFormed(value.length > MAX_STRING_LENGTH ? value.slice(0, MAX_STRING_LENGTH) : value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : copyObject(value, depth, above);
    case 'undefined':
    case 'symbol':
    case 'function':
      return undefined;
    default:
      return undefined;
  }
}

function copyObject(value: object, depth: number, above: readonly object[]): PropertyValue | undefined {
  if (depth >= MAX_DEPTH || above.includes(value)) return undefined;
  try {
    if (ArrayBuffer.isView(value)) return undefined;
    const enclosing = [...above, value];
    // Null: an invalid date.
    if (hasMethod(value, 'toJSON')) return copy(value.toJSON(), depth + 1, enclosing) ?? undefined;
    if (Array.isArray(value)) {
      return value.slice(0, MAX_MEMBERS).map((item) => copy(item, depth + 1, enclosing) ?? null);
    }
    return copyMembers(value, depth, enclosing);
  } catch {
    return undefined;
  }
}

function copyMembers(
  value: object,
  depth: number,
  above: readonly object[],
): { readonly [key: string]: PropertyValue } {
  const members: Record<string, PropertyValue> = {};
  for (const key of Object.keys(value).slice(0, MAX_MEMBERS)) {
    const member = copy(readMember(value, key), depth + 1, above);
    if (member !== undefined && key !== '__proto__') members[wellFormed(key)] = member;
  }
  return members;
}
