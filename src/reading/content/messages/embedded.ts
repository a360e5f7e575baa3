import { toRecord } from '../../model/attributes.js';
import type { Message } from '../../model/llm-call.js';
import { decode } from '../../decoding/decode.js';
import { toMessages } from './messages.js';
import { isPart, toParts } from './parts.js';

/** The items of a JSON list that was written as text. */
interface Unfolded<T> {
  readonly value: readonly T[];
  readonly cut: boolean;
}

/** Bedrock's parts have one of these names as their only member. */
const BEDROCK_PARTS: ReadonlySet<string> = new Set([
  'text',
  'toolUse',
  'toolResult',
  'image',
  'document',
  'video',
  'reasoningContent',
  'guardContent',
  'cachePoint',
]);

/**
 * Decodes a list of parts that a library wrote as JSON text: OpenLLMetry for Anthropic, Langtrace for tool calls, Strands. Returns
 * `undefined` for any other text: an answer that happens to be JSON stays text.
 */
export function decodePartList(text: string): Unfolded<unknown> | undefined {
  const list = decodeList(text);
  if (!list || list.value.length === 0) return list;
  const items = list.value.map((item) => toRecord(item));
  // Providers add new types of parts: one unknown type must not turn the others into text.
  const isList = items.every((item) => isPartOrCut(item, list.cut) || typeof item?.type === 'string');
  return isList && items.some((item) => isPartOrCut(item, list.cut)) ? list : undefined;
}

/** Decodes a whole conversation that was written as JSON text (OpenLLMetry for the Responses API). `undefined` for any other text. */
export function unfoldConversation(text: string): Unfolded<Message> | undefined {
  const list = decodeList(text);
  if (!list || list.value.length === 0) return undefined;
  const items = list.value.map((item) => toRecord(item));
  if (!items.every((item) => isConversationItem(item) || typeof item?.type === 'string')) return undefined;
  if (!items.some((item) => isConversationItem(item))) return undefined;
  return { value: toMessages(list.value, 'user'), cut: list.cut };
}

/** Decodes the text of each message that is a single JSON list of parts. Other messages are returned unchanged. */
export function unfoldMessages<M extends Message>(
  messages: readonly M[],
): { readonly messages: readonly M[]; readonly cut: boolean } {
  let cut = false;
  const unfolded = messages.map((message) => {
    const [part, ...others] = message.parts;
    if (part?.type !== 'text' || others.length > 0) return message;
    const list = decodePartList(part.text);
    if (!list) return message;
    cut ||= list.cut;
    return { ...message, parts: toParts(list.value) };
  });
  return { messages: unfolded, cut };
}

/** Parses only text that begins like an empty list or a list of objects. */
function decodeList(text: string): Unfolded<unknown> | undefined {
  if (!/^\s*\[\s*[\]{]/.test(text)) return undefined;
  const { value, cut } = decode(text);
  return Array.isArray(value) ? { value, cut } : undefined;
}

/** Returns whether an item is a part. The last part of a list that was cut may lack its type. */
function isPartOrCut(item: Readonly<Record<string, unknown>> | undefined, cut: boolean): boolean {
  if (!item) return false;
  if (isPart(item)) return true;
  const names = Object.keys(item);
  if (names.length === 0 || (cut && names.length === 1 && names[0] === 'type')) return cut;
  return names.length === 1 && BEDROCK_PARTS.has(names[0] ?? '');
}

function isConversationItem(item: Readonly<Record<string, unknown>> | undefined): boolean {
  if (!item) return false;
  if (typeof item.role === 'string') return item.content !== undefined || item.parts !== undefined;
  return isPart(item);
}
