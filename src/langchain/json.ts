import { cut } from './read.js';

/** Deep enough for any sensible tool argument; what lies deeper is noise. */
const MAX_DEPTH = 12;
const MAX_ITEMS = 1_000;
const MAX_TEXT = 1_000_000;

/**
 * `JSON.stringify` that always answers with a string: of a value that it refuses (cycles, BigInt, throwing getters) it writes what
 * can be written.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return JSON.stringify(toPlain(value, MAX_DEPTH, new Set())) ?? 'null';
  }
}

/** A tree of plain values, whatever `value` is. */
function toPlain(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return cut(value, MAX_TEXT);
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (depth === 0) return '[too deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  above.add(value);
  try {
    return Array.isArray(value)
      ? value.slice(0, MAX_ITEMS).map((item) => toPlain(item, depth - 1, above))
      : plainObject(value, depth, above);
  } catch {
    return '[unreadable]';
  } finally {
    above.delete(value);
  }
}

function plainObject(value: object, depth: number, above: Set<object>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, MAX_ITEMS)) {
    try {
      result[key] = toPlain((value as Record<string, unknown>)[key], depth - 1, above);
    } catch {
      result[key] = '[unreadable]';
    }
  }
  return result;
}
