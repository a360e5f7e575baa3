import type { SpanAttributes } from '../model/attributes.js';
import type { Message } from '../model/llm-call.js';

/**
 * Returns whether a limit on the length of attributes has cut one of the messages. The limit is known from `input.value` and
 * `output.value`: if one is JSON without its end, its length is the limit.
 */
export function isCut(
  attributes: SpanAttributes,
  input: readonly Message[],
  output: readonly Message[],
): boolean {
  const limit = Math.max(
    lengthIfCut(attributes['input.value'], attributes['input.mime_type']),
    lengthIfCut(attributes['output.value'], attributes['output.mime_type']),
  );
  if (limit === 0) return false;
  return [...input, ...output].some(({ parts }) =>
    parts.some((part) => part.type === 'text' && part.text.length >= limit),
  );
}

/** Returns the length of a JSON text that lacks its end, otherwise 0. */
function lengthIfCut(value: unknown, type: unknown): number {
  if (typeof value !== 'string' || type !== 'application/json') return 0;
  return JSON_ENDS.has(value.trimEnd().at(-1)) ? 0 : value.length;
}

const JSON_ENDS: ReadonlySet<string | undefined> = new Set(['}', ']', '"']);
