import { cut, hasMethod } from '../../common/unknown-values.js';

/** Nesting kept of a value. Tool arguments and results are far less deep. */
const MAX_DEPTH = 12;
const MAX_ITEMS = 1_000;
const MAX_VALUES = 5_000;
const MAX_CHARACTERS = 1_000_000;

/** Returns JSON for any value. For one that `JSON.stringify` refuses (cycles, BigInt, throwing getters), JSON of its readable parts. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return toBoundedJson(value, MAX_CHARACTERS);
  }
}

/** Returns JSON of at most about `length` characters; long texts and values are omitted. */
export function toShortJson(value: unknown, length: number): string {
  const json = toJson(value);
  return json.length <= length ? json : toBoundedJson(value, length);
}

function toBoundedJson(value: unknown, characters: number): string {
  const plain = toBoundedValue(value, MAX_DEPTH, new Set(), { values: MAX_VALUES, characters });
  return JSON.stringify(plain) ?? 'null';
}

/** Values and characters that may still be written. Live objects reference others without end, and some of them many times. */
interface Budget {
  values: number;
  characters: number;
}

/** Copies `value` to a tree of plain values within the budget. `above`: the objects that contain it, to detect cycles. */
function toBoundedValue(value: unknown, depth: number, above: Set<object>, budget: Budget): unknown {
  budget.values -= 1;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return boundedText(value, budget);
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (depth === 0) return '[too deep]';
  if (budget.values <= 0) return '[too much]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  above.add(value);
  try {
    if (hasMethod(value, 'toJSON')) return toBoundedValue(value.toJSON(), depth - 1, above, budget);
    return Array.isArray(value)
      ? value.slice(0, MAX_ITEMS).map((item) => toBoundedValue(item, depth - 1, above, budget))
      : boundedObject(value, depth, above, budget);
  } catch {
    return '[unreadable]';
  } finally {
    above.delete(value);
  }
}

function boundedText(text: string, budget: Budget): string {
  const short = cut(text, Math.max(0, budget.characters));
  budget.characters -= short.length;
  return short;
}

function boundedObject(
  value: object,
  depth: number,
  above: Set<object>,
  budget: Budget,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, MAX_ITEMS)) {
    try {
      result[key] = toBoundedValue((value as Record<string, unknown>)[key], depth - 1, above, budget);
    } catch {
      result[key] = '[unreadable]';
    }
  }
  return result;
}
