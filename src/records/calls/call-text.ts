import type { LlmCall, Message, MessagePart } from '../../reading/model/llm-call.js';

/** Prompt of a call whose question was cut off with the end of the input. */
const TRUNCATED = '[truncated]';

/** Roles of messages that never become the prompt. */
const NOT_A_PROMPT: ReadonlySet<string> = new Set(['system', 'developer', 'tool', 'function']);

/** Prompt of a call whose input is tool results alone, because the provider keeps the conversation. */
const TOOL_RESULT = '[tool result]';

/** Prompt of a call whose input is a system prompt alone. That text is private: it is recorded only if the user asks for it. */
const SYSTEM_PROMPT = '[system prompt]';

/**
 * Returns the question: the text of the last user message with text, else of the last message with text that is neither a system
 * instruction nor a tool result. Without either: its media as `[image]`, then `[tool result]`, then `[system prompt]`.
 */
export function promptOf(call: LlmCall): string {
  if (isQuestionLost(call)) return TRUNCATED;
  const messages = call.inputMessages;
  const question =
    messages.findLast((message) => isUserText(message)) ??
    messages.findLast((message) => !NOT_A_PROMPT.has(message.role) && hasText(message));
  if (question) return textOf(question, '\n');
  if (hasToolResult(messages)) return mediaOf(messages) || TOOL_RESULT;
  return mediaOf(messages) || (systemPromptOf(call) === '' ? '' : SYSTEM_PROMPT);
}

/** Returns whether truncation of the input may have removed the question. A user message that is left is then an older one. */
export function isQuestionLost({ inputTruncated, inputMessages }: LlmCall): boolean {
  if (inputTruncated !== true) return false;
  const last = inputMessages.at(-1);
  return last?.role !== 'user' || !hasText(last);
}

/** Returns whether a message is a user message with text. */
export function isUserText(message: Message): boolean {
  return message.role === 'user' && hasText(message);
}

function hasText(message: Message): boolean {
  return textOf(message, '\n') !== '';
}

function hasToolResult(messages: readonly Message[]): boolean {
  return messages.some((message) => message.parts.some((part) => part.type === 'tool_result'));
}

/** Returns `[image]`, `[audio]` and so on, one a line, for a question that consists of media alone. */
function mediaOf(messages: readonly Message[]): string {
  const media = messages.flatMap((message) => message.parts.filter((part) => part.type === 'media'));
  return media.map((part) => `[${part.modality}]`).join('\n');
}

/** Returns the text of the first choice. If the answer is tool calls alone: `name({"arg":1})`, one a line. */
export function generationOf(call: LlmCall): string {
  const [first] = call.outputMessages;
  if (!first) return '';
  // Providers split one answer with citations into several text blocks, so no separator is added.
  return textOf(first, '') || toolCallsOf(first).map(formatToolCall).join('\n');
}

/** Returns system instructions and system messages, one a line. Libraries write the same text in both places: it is taken once. */
export function systemPromptOf(call: LlmCall): string {
  const messages = call.inputMessages.filter((message) => message.role === 'system');
  const texts = [
    textOfParts(call.systemInstructions, '\n'),
    ...messages.map((message) => textOf(message, '\n')),
  ];
  return [...new Set(texts)].filter((text) => text !== '').join('\n');
}

export function toolCallsOf(message: Message): Extract<MessagePart, { type: 'tool_call' }>[] {
  return message.parts.filter((part) => part.type === 'tool_call');
}

function formatToolCall(call: Extract<MessagePart, { type: 'tool_call' }>): string {
  return `${call.name}(${typeof call.arguments === 'string' ? call.arguments : safeJson(call.arguments)})`;
}

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

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
