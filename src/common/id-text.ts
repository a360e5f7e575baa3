import { warnOnce } from './logger.js';
import { cut, kindOf } from './unknown-values.js';

const MAX_LENGTH = 1_000;

/**
 * Returns the text of an id of a user, thread or record: a text or a number, or the text that an object has of its own, such as MongoDB's
 * `ObjectId`, a UUID or a `bigint`. Undefined: it is empty or has no text.
 */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'string') return cut(value.trim(), MAX_LENGTH) || undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'object' && value !== null ? ownText(value) : undefined;
}

/** Like {@link idText}. Warns of an id that was given and cannot be used; `name` tells where, for instance `metadata.user_id`. */
export function idTextOrWarn(name: string, value: unknown): string | undefined {
  const text = idText(value);
  if (text === undefined && value !== undefined && value !== null && typeof value !== 'string')
    warnOnce(
      `${name} is ${kindOf(value)}, which has no text of its own: it is not used as an id. Give a string.`,
    );
  return text;
}

function ownText(value: object): string | undefined {
  // The texts of these are their contents.
  if (Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Error) return undefined;
  try {
    const { toString } = value as { toString?: unknown };
    const text: unknown = typeof toString === 'function' ? toString.call(value) : undefined;
    // "[object Object]" is the text of objects that have none of their own.
    return typeof text === 'string' && !text.startsWith('[object ') ? idText(text) : undefined;
  } catch {
    return undefined;
  }
}
