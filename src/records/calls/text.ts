import type { LlmCall, Message, MessagePart } from '../../reading/model/llm-call.js';

/** Stands for a question that was lost with the end of the input. */
const TRUNCATED = '[truncated]';

/** Stands for an input that is the result of a tool alone: the provider keeps the conversation. */
const TOOL_RESULT = '[tool result]';

/**
 * What the user asked: the text of the last user message that has text, else the text of the last message that has any. The
 * result of a tool is nobody's question, and the system prompt is one only when nothing else was sent.
 */
export function promptOf(call: LlmCall): string {
  if (isQuestionLost(call)) return TRUNCATED;
  const messages = call.inputMessages;
  const isAsked = (message: Message) => message.role === 'user' && textOf(message, '\n') !== '';
  const isSaid = (message: Message) => message.role !== 'system' && textOf(message, '\n') !== '';
  const asked =
    messages.findLast((message) => isAsked(message)) ?? messages.findLast((message) => isSaid(message));
  if (asked) return textOf(asked, '\n');
  return mediaOf(messages) || (hasToolResult(messages) ? TOOL_RESULT : '') || systemPromptOf(call);
}

/** Whether the input was cut where the question may have stood: any that is left of it is an older one. */
export function isQuestionLost({ inputTruncated, inputMessages }: LlmCall): boolean {
  if (inputTruncated !== true) return false;
  const last = inputMessages.at(-1);
  return last?.role !== 'user' || textOf(last, '\n') === '';
}

function hasToolResult(messages: readonly Message[]): boolean {
  return messages.some((message) => message.parts.some((part) => part.type === 'tool_result'));
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

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
