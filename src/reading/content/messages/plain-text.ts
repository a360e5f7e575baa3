import type { Message, OutputMessage } from '../../model/llm-call.js';
import { toMessages } from './messages.js';

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

/** Returns JSON, or an empty text for a value that has none. */
export function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** Beginning of a message: `system: Be brief.` */
const ROLE_LINE = /^(system|developer|user|human|assistant|ai|model|tool|function): ?/i;

/** Name of a part in the text of a message of several parts: `text: What is this?, image_url: https://…` */
const PART = /(?:^|, )(text|input_text|image_url|input_image|image|tool_use|tool_result): /g;

/**
 * Reads a conversation that was written as one text with a line per message, `system: …\nuser: …`, as old versions of OpenLIT do.
 * Returns `undefined` for a text that does not begin with a role: that is the prompt itself.
 */
export function readRoleLines(text: string): readonly Message[] | undefined {
  if (!ROLE_LINE.test(text)) return undefined;
  const shapes: { role: string; content: string }[] = [];
  for (const line of text.split('\n')) {
    const role = ROLE_LINE.exec(line);
    const last = shapes.at(-1);
    if (role?.[1] !== undefined) shapes.push({ role: role[1], content: line.slice(role[0].length) });
    else if (last) last.content += `\n${line}`;
  }
  return toMessages(
    shapes.map(({ role, content }) => ({ role, content: textOfParts(content) })),
    'user',
  );
}

/** Returns the texts of a message of several parts. The other parts may be binary content in a data URL. */
function textOfParts(content: string): string {
  if (!/^(?:text|input_text|image_url|input_image|image): /.test(content)) return content;
  const parts = [...content.matchAll(PART)];
  return parts
    .map((part, index) => ({
      type: part[1],
      text: content.slice(part.index + part[0].length, parts[index + 1]?.index),
    }))
    .filter(({ type }) => type === 'text' || type === 'input_text')
    .map(({ text }) => text)
    .join('\n');
}
