import type { OutputMessage } from '../model/llm-call.js';

/** How libraries write that there is nothing. */
const NOTHING: ReadonlySet<string> = new Set(['', 'null', 'undefined', '[]', '{}', '""', '__REDACTED__']);

/** Content of no known form as one message: a text is what it is, also when it is JSON; anything else becomes JSON. */
export function plainText(value: unknown, role: string): OutputMessage[] {
  if (value === undefined || value === null) return [];
  const text = toText(value);
  return NOTHING.has(text.trim()) ? [] : [{ role, parts: [{ type: 'text', text }] }];
}

function toText(value: unknown): string {
  if (typeof value !== 'string') return stringify(value);
  if (!value.startsWith('"')) return value;
  // Encoded as JSON, as MLflow encodes everything: the text is what is inside.
  try {
    const inner: unknown = JSON.parse(value);
    return typeof inner === 'string' ? inner : value;
  } catch {
    return value;
  }
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
