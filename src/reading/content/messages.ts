import { toRecord } from '../attributes.js';
import { normaliseFinishReason } from '../finish-reason.js';
import type { Message, MessagePart, OutputMessage } from '../llm-call.js';
import { decode } from './decode.js';
import { toParts } from './parts.js';

type Shape = Readonly<Record<string, unknown>>;

/** Messages, and whether the attribute that held them was cut. */
export interface ReadMessages<M extends Message = Message> {
  readonly messages: readonly M[];
  readonly cut: boolean;
}

const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  bot: 'assistant',
  developer: 'system',
  function: 'tool',
};

/** Input messages from any shape: JSON or structured, one message or many, or the prompt as plain text. */
export function readInputMessages(value: unknown): ReadMessages {
  const { value: decoded, cut } = decode(value);
  return { messages: toMessages(decoded, 'user'), cut };
}

/** Output messages, one per choice, from any shape: JSON or structured, one message or many, or the answer as plain text. */
export function readOutputMessages(value: unknown): ReadMessages<OutputMessage> {
  const { value: decoded, cut } = decode(value);
  return { messages: toMessages(decoded, 'assistant'), cut };
}

/** System instructions: a list of parts, a list of messages, or plain text. */
export function readInstructions(value: unknown): {
  readonly parts: readonly MessagePart[];
  readonly cut: boolean;
} {
  const { value: decoded, cut } = decode(value);
  return { parts: toMessages(decoded, 'system').flatMap((message) => message.parts), cut };
}

/** Messages out of a decoded value. Parts without a message around them are one message of `defaultRole`. */
export function toMessages(value: unknown, defaultRole: string): OutputMessage[] {
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) return toMessageList([value], defaultRole);
  return toMessageList(value.flat(1), defaultRole);
}

function toMessageList(values: readonly unknown[], defaultRole: string): OutputMessage[] {
  const messages: OutputMessage[] = [];
  let loose: MessagePart[] = [];
  const closeLoose = () => {
    if (loose.length > 0) messages.push({ role: defaultRole, parts: loose });
    loose = [];
  };
  for (const value of values) {
    const shape = toRecord(value);
    if (shape && isMessage(shape)) {
      closeLoose();
      messages.push(toMessage(shape, defaultRole));
    } else {
      loose.push(...toParts(value));
    }
  }
  closeLoose();
  return messages;
}

function isMessage(shape: Shape): boolean {
  return (
    typeof shape.role === 'string' || Array.isArray(shape.parts) || toRecord(shape.message) !== undefined
  );
}

function toMessage(shape: Shape, defaultRole: string): OutputMessage {
  // A choice of OpenAI or Azure: {index, finish_reason, message: {…}}.
  const inner = toRecord(shape.message) ?? shape;
  const rawRole =
    typeof inner.role === 'string' && inner.role !== '' ? inner.role.toLowerCase() : defaultRole;
  const role = ROLES[rawRole] ?? rawRole;
  const parts = role === 'tool' ? toToolResults(inner) : toParts(inner.parts ?? inner.content);
  const calls = inner.tool_calls ?? inner.toolCalls ?? shape.tool_calls;
  const finishReason = normaliseFinishReason(
    shape.finish_reason ?? shape.finishReason ?? inner.finish_reason,
  );
  return {
    role,
    ...(typeof inner.name === 'string' && inner.name !== '' && { name: inner.name }),
    parts: Array.isArray(calls) ? addToolCalls(parts, toParts(calls)) : parts,
    ...(finishReason !== undefined && { finishReason }),
  };
}

/** A message of role `tool` is a result, also when its content is written as text (OpenAI, OpenLIT). */
function toToolResults(shape: Shape): MessagePart[] {
  const parts = toParts(shape.parts ?? shape.content);
  if (parts.some((part) => part.type === 'tool_result')) return parts;
  const id = shape.tool_call_id ?? shape.toolCallId ?? shape.id;
  const result =
    parts.length > 0
      ? parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n')
      : shape.content;
  return [
    { type: 'tool_result', ...(typeof id === 'string' && { id }), ...(result !== undefined && { result }) },
  ];
}

/** Adds calls that the content does not hold already: some libraries write each call twice (OpenInference for Anthropic). */
function addToolCalls(parts: readonly MessagePart[], calls: readonly MessagePart[]): MessagePart[] {
  const known = new Set(parts.map((part) => (part.type === 'tool_call' ? part.id : undefined)));
  return [
    ...parts,
    ...calls.filter((call) => call.type !== 'tool_call' || call.id === undefined || !known.has(call.id)),
  ];
}
