import { mediaPart } from './media-part.js';
import type { MessagePart } from './genai-message.js';
import { asArray, asRecord, asText, cut, isRecord, type UnknownRecord } from '../../common/unknown-values.js';

/** Longest text that is recorded, in UTF-16 units. It bounds the time that serialisation takes from the application. */
const MAX_TEXT_LENGTH = 1_000_000;

/** Converts a message's content: a string, or content blocks in the format of a provider or of LangChain. */
export function contentParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return textParts('text', content);
  const parts: MessagePart[] = [];
  for (const block of asArray(content)) {
    if (typeof block === 'string') parts.push(...textParts('text', block));
    else if (isRecord(block)) parts.push(...blockParts(block));
  }
  return parts;
}

/** Converts reasoning that is a string or a list of text blocks. */
function reasoningParts(thinking: unknown): MessagePart[] {
  if (!Array.isArray(thinking)) return textParts('reasoning', thinking);
  return thinking.flatMap((block) => textParts('reasoning', asRecord(block)['text']));
}

/** Returns one part, or none for an empty text. */
export function textParts(type: 'text' | 'reasoning', text: unknown): MessagePart[] {
  return typeof text === 'string' && text !== '' ? [{ type, content: cut(text, MAX_TEXT_LENGTH) }] : [];
}

/** Converts a reasoning summary of OpenAI's Responses API. */
export function reasoningSummary(reasoning: unknown): MessagePart[] {
  return asArray(asRecord(reasoning)['summary']).flatMap((item) =>
    textParts('reasoning', asRecord(item)['text']),
  );
}

/** Returns the part of a tool call. Arguments given as JSON text are parsed. */
export function toolCallPart(id: unknown, name: unknown, args: unknown): MessagePart {
  return {
    type: 'tool_call',
    id: asText(id),
    name: asText(name) ?? '',
    arguments: parsedArguments(args ?? undefined),
  };
}

/** Returns the part of a tool's result: its text, or its parts if it is not only text. */
export function toolResponsePart(id: unknown, content: unknown): MessagePart {
  return { type: 'tool_call_response', id: asText(id), response: toolResponse(content) };
}

function toolResponse(content: unknown): unknown {
  if (typeof content === 'string') return cut(content, MAX_TEXT_LENGTH);
  const parts = contentParts(content);
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.content] : []));
  return texts.length === parts.length ? texts.join('\n') : parts;
}

function blockParts(block: UnknownRecord): MessagePart[] {
  const type = asText(block['type']) ?? typeByShape(block);
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return textParts(block['thought'] === true ? 'reasoning' : 'text', block['text']);
    case 'refusal':
      return textParts('text', block['refusal']);
    case 'reasoning':
      return [...textParts('reasoning', block['reasoning']), ...reasoningSummary(block)];
    case 'thinking':
      return reasoningParts(block['thinking']);
    case 'reasoning_content':
      return textParts('reasoning', asRecord(block['reasoningText'])['text']);
    case 'tool_call':
      return [toolCallPart(block['id'], block['name'], block['args'])];
    case 'tool_use':
      return [toolCallPart(block['id'], block['name'], block['input'])];
    case 'function_call':
      return [toolCallPart(block['call_id'] ?? block['id'], block['name'], block['arguments'])];
    case 'functionCall': {
      const call = asRecord(block['functionCall']);
      return [toolCallPart(call['id'], call['name'], call['args'])];
    }
    case 'tool_result':
      return [toolResponsePart(block['tool_use_id'], block['content'])];
    case 'server_tool_use':
    case 'server_tool_call':
      return [serverToolCallPart(block)];
    // Fragments of a tool call that the message repeats in full, and encrypted reasoning.
    case 'input_json_delta':
    case 'tool_call_chunk':
    case 'redacted_thinking':
      return [];
    default:
      return [mediaPart(block, type) ?? { type: 'generic', generic_type: type.slice(0, 100) }];
  }
}

/** Detects the type of blocks of Google and Bedrock, which have no `type`. */
function typeByShape(block: UnknownRecord): string {
  if (typeof block['text'] === 'string') return 'text';
  if ('functionCall' in block) return 'functionCall';
  if ('inlineData' in block) return 'inlineData';
  if ('fileData' in block) return 'fileData';
  return 'unknown';
}

function serverToolCallPart(block: UnknownRecord): MessagePart {
  const name = asText(block['name']) ?? '';
  const args = block['args'] ?? block['input'];
  return {
    type: 'server_tool_call',
    id: asText(block['id']),
    name,
    // In a streamed answer the arguments are text, and may be empty.
    server_tool_call: { type: name, arguments: args === '' ? undefined : parsedArguments(args) },
  };
}

/** Returns the arguments of a call, parsed if they are JSON text. */
function parsedArguments(args: unknown): unknown {
  if (typeof args !== 'string') return args;
  try {
    return JSON.parse(args);
  } catch {
    return args;
  }
}
