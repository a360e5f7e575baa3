import { cut } from '../../common/unknown-values.js';

/** Deep enough for any sensible tool argument; what lies deeper is noise. */
const MAX_DEPTH = 12;
const MAX_ITEMS = 1_000;
const MAX_VALUES = 5_000;
const MAX_CHARACTERS = 1_000_000;

/**
 * `JSON.stringify` that always answers with a string: of a value that it refuses (cycles, BigInt, throwing getters) it writes what
 * can be written.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return toBoundedJson(value, MAX_CHARACTERS);
  }
}

/** The same, of which texts and values are left out as far as needed to stay about as short. */
export function toShortJson(value: unknown, length: number): string {
  const json = toJson(value);
  return json.length <= length ? json : toBoundedJson(value, length);
}

function toBoundedJson(value: unknown, characters: number): string {
  const plain = toPlain(value, MAX_DEPTH, new Set(), { values: MAX_VALUES, characters });
  return JSON.stringify(plain) ?? 'null';
}

/** What may still be written: a live object leads to others without end, and to many of them on many ways. */
interface Budget {
  values: number;
  characters: number;
}

/** A tree of plain values, whatever `value` is. */
function toPlain(value: unknown, depth: number, above: Set<object>, budget: Budget): unknown {
  budget.values -= 1;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return plainText(value, budget);
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (depth === 0) return '[too deep]';
  if (budget.values <= 0) return '[too much]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  above.add(value);
  try {
    return Array.isArray(value)
      ? value.slice(0, MAX_ITEMS).map((item) => toPlain(item, depth - 1, above, budget))
      : plainObject(value, depth, above, budget);
  } catch {
    return '[unreadable]';
  } finally {
    above.delete(value);
  }
}

function plainText(text: string, budget: Budget): string {
  const short = cut(text, Math.max(0, budget.characters));
  budget.characters -= short.length;
  return short;
}

function plainObject(
  value: object,
  depth: number,
  above: Set<object>,
  budget: Budget,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, MAX_ITEMS)) {
    try {
      result[key] = toPlain((value as Record<string, unknown>)[key], depth - 1, above, budget);
    } catch {
      result[key] = '[unreadable]';
    }
  }
  return result;
}
