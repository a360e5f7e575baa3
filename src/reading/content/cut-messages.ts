import type { SpanAttributes } from '../model/attributes.js';
import type { Message } from '../model/llm-call.js';

/**
 * Whether messages that stand beside `input.value` and `output.value` were cut: JSON without its end tells of a limit on the length
 * of attributes, and the limit which of the messages it has cut.
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

function lengthIfCut(value: unknown, type: unknown): number {
  if (typeof value !== 'string' || type !== 'application/json') return 0;
  return JSON_ENDS.has(value.trimEnd().at(-1)) ? 0 : value.length;
}

const JSON_ENDS: ReadonlySet<string | undefined> = new Set(['}', ']', '"']);
