import type { LlmCall, Message, MessagePart } from '../reading/llm-call.js';

/**
 * What the user asked: the text of the last user message that has text (a tool result is not the user's text), else the text
 * of the last message that has any.
 */
export function promptOf(call: LlmCall): string {
  const messages = call.inputMessages;
  const asked = messages.findLast((message) => message.role === 'user' && textOf(message, '\n') !== '');
  if (asked) return textOf(asked, '\n');
  const last = messages.findLast((message) => textOf(message, '\n') !== '' || resultText(message) !== '');
  if (last) return textOf(last, '\n') || resultText(last);
  return textOfParts(call.systemInstructions, '\n') || mediaOf(messages);
}

/** A question that is a picture alone still is one: `[image]`. */
function mediaOf(messages: readonly Message[]): string {
  const media = messages.flatMap((message) => message.parts.filter((part) => part.type === 'media'));
  return media.map((part) => `[${part.modality}]`).join('\n');
}

/** What the model answered: the text of the first choice; an answer of tool calls alone as `name({"arg":1})`, one a line. */
export function generationOf(call: LlmCall): string {
  const [first] = call.outputMessages;
  if (!first) return '';
  // Providers cut one answer into several text blocks (citations): they belong together as they are.
  return textOf(first, '') || toolCallsOf(first).map(formatToolCall).join('\n');
}

/** System instructions, whether they stand apart or as messages. */
export function systemPromptOf(call: LlmCall): string {
  const messages = call.inputMessages.filter((message) => message.role === 'system');
  return [textOfParts(call.systemInstructions, '\n'), ...messages.map((message) => textOf(message, '\n'))]
    .filter((text) => text !== '')
    .join('\n');
}

/** The tool calls of one answer. */
export function toolCallsOf(message: Message): Extract<MessagePart, { type: 'tool_call' }>[] {
  return message.parts.filter((part) => part.type === 'tool_call');
}

function formatToolCall(call: Extract<MessagePart, { type: 'tool_call' }>): string {
  if (call.arguments === undefined) return `${call.name}()`;
  return `${call.name}(${typeof call.arguments === 'string' ? call.arguments : safeJson(call.arguments)})`;
}

/** The text parts of a message. */
export function textOf(message: Message, separator: string): string {
  return textOfParts(message.parts, separator);
}

function textOfParts(parts: readonly MessagePart[], separator: string): string {
  let joined = '';
  for (const part of parts) {
    if (part.type !== 'text' || part.text === '') continue;
    joined += joined === '' ? part.text : separator + part.text;
  }
  return joined;
}

function resultText(message: Message): string {
  const results = message.parts.map((part) => (part.type === 'tool_result' ? part.result : undefined));
  return results
    .filter((result) => result !== undefined)
    .map((result) => (typeof result === 'string' ? result : safeJson(result)))
    .join('\n');
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
