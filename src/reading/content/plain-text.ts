import type { OutputMessage } from '../model/llm-call.js';

/** Texts that libraries write for missing content. */
const NOTHING: ReadonlySet<string> = new Set(['', 'null', 'undefined', '[]', '{}', '""', '__REDACTED__']);

/** Converts content of an unknown form to one message. A text is kept, also if it is JSON; other values become JSON. */
export function plainText(value: unknown, role: string): OutputMessage[] {
  if (value === undefined || value === null) return [];
  const text = stringOf(value);
  return NOTHING.has(text.trim()) ? [] : [{ role, parts: [{ type: 'text', text }] }];
}

function stringOf(value: unknown): string {
  if (typeof value !== 'string') return stringify(value);
  if (!value.startsWith('"')) return value;
  // MLflow encodes every value as JSON, also a text.
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
