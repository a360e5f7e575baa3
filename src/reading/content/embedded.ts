import { toRecord } from '../model/attributes.js';
import type { Message } from '../model/llm-call.js';
import { decode } from '../decoding/decode.js';
import { toMessages } from './messages.js';
import { isPartType, toParts } from './parts.js';

/** What was found in a text that is JSON of something else. */
interface Unfolded<T> {
  readonly value: readonly T[];
  readonly cut: boolean;
}

/** Names that are the only member of a part of Bedrock. */
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
 * The list of parts that a library wrote into a text as JSON (OpenLLMetry for Anthropic, Langtrace for tool calls,
 * Strands). `undefined` for any other text: an answer that happens to be JSON is an answer.
 */
export function decodePartList(text: string): Unfolded<unknown> | undefined {
  const list = decodeList(text);
  if (!list || list.value.length === 0) return list;
  const items = list.value.map((item) => toRecord(item));
  // Providers add types of parts: one that is not known does not make text of the others.
  const isList = items.every((item) => isPart(item, list.cut) || typeof item?.type === 'string');
  return isList && items.some((item) => isPart(item, list.cut)) ? list : undefined;
}

/** The messages in a text that is JSON of a whole conversation (OpenLLMetry for the Responses API). */
export function unfoldConversation(text: string): Unfolded<Message> | undefined {
  const list = decodeList(text);
  if (!list || list.value.length === 0) return undefined;
  const items = list.value.map((item) => toRecord(item));
  if (!items.every((item) => isConversationItem(item) || typeof item?.type === 'string')) return undefined;
  if (!items.some((item) => isConversationItem(item))) return undefined;
  return { value: toMessages(list.value, 'user'), cut: list.cut };
}

/** Messages, those that are one text unfolded where that text is JSON of parts. */
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

/** Only a text that begins like a list of objects, or is an empty list, is worth parsing. */
function decodeList(text: string): Unfolded<unknown> | undefined {
  if (!/^\s*\[\s*[\]{]/.test(text)) return undefined;
  const { value, cut } = decode(text);
  return Array.isArray(value) ? { value, cut } : undefined;
}

/** A part that was cut before its type is known by what it begins with: nothing. */
function isPart(item: Readonly<Record<string, unknown>> | undefined, cut: boolean): boolean {
  if (!item) return false;
  if (isPartType(item.type)) return true;
  const names = Object.keys(item);
  if (names.length === 0 || (cut && names.length === 1 && names[0] === 'type')) return cut;
  return names.length === 1 && BEDROCK_PARTS.has(names[0] ?? '');
}

function isConversationItem(item: Readonly<Record<string, unknown>> | undefined): boolean {
  if (!item) return false;
  if (typeof item.role === 'string') return item.content !== undefined || item.parts !== undefined;
  return isPartType(item.type);
}
