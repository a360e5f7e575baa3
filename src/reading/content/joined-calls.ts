import type { Message, MessagePart } from '../model/llm-call.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { parsePartialJson } from '../decoding/partial-json.js';

type ToolCall = Extract<MessagePart, { type: 'tool_call' }>;

/**
 * Splits tool calls that a library joined by mistake when it assembled a stream. OpenInference and Langfuse, for OpenAI, concatenate
 * the arguments of parallel calls in one call, sometimes also names and ids.
 */
export function splitJoinedCalls<M extends Message>(messages: readonly M[]): readonly M[] {
  return messages.map((message) =>
    message.parts.some(isJoined) ? { ...message, parts: message.parts.flatMap(split) } : message,
  );
}

function isJoined(part: MessagePart): part is ToolCall & { readonly arguments: string } {
  return (
    part.type === 'tool_call' && typeof part.arguments === 'string' && /^\{.*\}\s*\{/s.test(part.arguments)
  );
}

function split(part: MessagePart): MessagePart[] {
  if (!isJoined(part)) return [part];
  const values = splitObjects(part.arguments);
  if (!values) return [part];
  const names = splitEvenly(part.name, values.length) ?? values.map(() => part.name);
  // Ids can be separated only if all have the same prefix: `call_1call_2`.
  const ids = splitIds(part.id, values.length);
  return values.map((value, index) =>
    omitUndefined({
      type: 'tool_call' as const,
      id: ids?.[index],
      name: names[index] ?? part.name,
      arguments: value,
    }),
  );
}

/** Parses the JSON objects that are concatenated in a text. Returns `undefined` unless there are two or more and nothing is cut. */
function splitObjects(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{') {
      if (depth === 0) start = at;
      depth += 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth < 0) return undefined;
      if (depth > 0) continue;
      const object = parsePartialJson(text.slice(start, at + 1));
      if (!object || object.cut) return undefined;
      values.push(object.value);
    }
  }
  return depth === 0 && values.length > 1 ? values : undefined;
}

/** Splits `aa` into `a` and `a`. Returns `undefined` if the pieces differ. */
function splitEvenly(text: string, count: number): string[] | undefined {
  const piece = text.slice(0, text.length / count);
  return piece !== '' && piece.repeat(count) === text
    ? Array.from({ length: count }, () => piece)
    : undefined;
}

function splitIds(id: string | undefined, count: number): string[] | undefined {
  const prefix = /^[a-z]+[_-]/i.exec(id ?? '')?.[0];
  if (id === undefined || prefix === undefined) return undefined;
  const ids = id
    .split(prefix)
    .slice(1)
    .map((rest) => prefix + rest);
  return ids.length === count ? ids : undefined;
}
