import { toRecord } from '../../model/attributes.js';
import { normaliseFinishReason } from '../../fields/finish-reason.js';
import type { Message, MessagePart, OutputMessage } from '../../model/llm-call.js';
import { decode } from '../../decoding/decode.js';
import { unwrapLangChainMessage } from './langchain.js';
import { isPart, isPartType, toParts } from './parts.js';

type Shape = Readonly<Record<string, unknown>>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Messages that were read from one place on a span. */
export interface ReadMessages<M extends Message = Message> {
  readonly messages: readonly M[];
  /** True if a limit on the length of attributes has cut them. */
  readonly cut: boolean;
  /** True if each message has an attribute or event of its own, so that a cut cannot lose the messages behind it. */
  readonly isCutLocal?: boolean;
  /** True if each message has attributes of its own, so that a limit on their number drops the last messages. */
  readonly isFlattened?: boolean;
  /** System prompt that stands beside the messages, in the body of a request. */
  readonly systemInstructions?: readonly MessagePart[];
}

/** Normalised roles. Other roles are kept. */
const ROLES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    human: 'user',
    ai: 'assistant',
    model: 'assistant',
    bot: 'assistant',
    chatbot: 'assistant',
    developer: 'system',
    function: 'tool',
  }),
);

/** Reads input messages from any shape: JSON or structured, one message or several, or a plain-text prompt. */
export function readInputMessages(value: unknown): ReadMessages {
  return readAs(value, 'user', (decoded) => toMessages(decoded, 'user'));
}

/** Reads output messages, one per choice, from any shape: JSON or structured, one message or several, or a plain-text answer. */
export function readOutputMessages(value: unknown): ReadMessages<OutputMessage> {
  return readAs(value, 'assistant', toOutputMessages);
}

function readAs(
  value: unknown,
  role: string,
  toShape: (decoded: unknown) => OutputMessage[],
): ReadMessages<OutputMessage> {
  const { value: decoded, cut } = decode(toList(value));
  const messages = toShape(decoded);
  const isText = !cut && typeof value === 'string' && isUserJson(decoded, messages.length > 0);
  return { messages: isText ? [{ role, parts: toParts(value) }] : messages, cut };
}

/** Joins messages that are JSON each: attributes can be lists of texts. */
function toList(value: unknown): unknown {
  const isList = Array.isArray(value) && typeof value[0] === 'string' && JSON_MESSAGE.test(value[0]);
  return isList ? `[${value.join(',')}]` : value;
}

const JSON_MESSAGE = /^\s*\{\s*"(?:role|content|parts|type)"/;

/**
 * Returns whether JSON is no message but text: an answer in a schema of the user's own. `isRead`: it was read as messages, which it is unless
 * it only has the type of a part.
 */
function isUserJson(decoded: unknown, isRead: boolean): boolean {
  const shape = Array.isArray(decoded) ? toRecord(decoded[0]) : toRecord(decoded);
  if (!shape || Object.keys(shape).length === 0 || isPart(shape)) return false;
  return !isRead || isPartType(shape.type);
}

/** Converts a decoded value to output messages. The items of a Responses API answer become one message. */
export function toOutputMessages(value: unknown): OutputMessage[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.flatMap((text) => toMessages(text, 'assistant'));
  }
  const messages = withoutTranscript(toMessages(value, 'assistant'));
  const isResponse = Array.isArray(value) && value.some((item) => RESPONSE_ITEMS.has(toRecord(item)?.type));
  const [first] = messages;
  return isResponse && first ? [{ ...first, parts: messages.flatMap((message) => message.parts) }] : messages;
}

/**
 * Returns the answer of an output that repeats the conversation, which is all that the assistant says after the last question: of several
 * choices, each is an assistant's.
 */
function withoutTranscript(messages: OutputMessage[]): OutputMessage[] {
  if (!messages.some(({ role }) => NOT_AN_ANSWER.has(role))) return messages;
  const last = messages.findLastIndex(isAnswer);
  const answer = messages[last];
  if (!answer) return messages;
  const question = messages.findLastIndex(({ role }, at) => at < last && role === 'user');
  const said = messages.slice(question + 1, last + 1).filter(isAnswer);
  return [{ ...answer, parts: said.flatMap(({ parts }) => parts) }];
}

function isAnswer({ role, parts }: OutputMessage): boolean {
  return role === 'assistant' && parts.length > 0;
}

const NOT_AN_ANSWER: ReadonlySet<string> = new Set(['system', 'user', 'tool']);

/** Types of the items in an answer of the Responses API. */
const RESPONSE_ITEMS: ReadonlySet<unknown> = new Set(['message', 'function_call', 'reasoning']);

/** Reads system instructions: a list of parts, a list of messages, or plain text. */
export function readInstructions(value: unknown): {
  readonly parts: readonly MessagePart[];
  readonly cut: boolean;
} {
  const { value: decoded, cut } = decode(value);
  return { parts: toMessages(decoded, 'system').flatMap((message) => message.parts), cut };
}

/** Converts a decoded value to messages. Consecutive parts without a message become one message, usually of `defaultRole`. */
export function toMessages(value: unknown, defaultRole: string): OutputMessage[] {
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) return toMessageList([value], defaultRole);
  // LangChain writes batches as a list of conversations.
  return toMessageList(value.some(Array.isArray) ? value.flat(1) : value, defaultRole);
}

function toMessageList(values: readonly unknown[], defaultRole: string): OutputMessage[] {
  const messages: OutputMessage[] = [];
  // Items without a role are a user's only if no message has one: reasoning items stand among the messages of the Responses API.
  const hasRoles = defaultRole === 'user' && values.length > 1 && values.some(hasRole);
  /** Message under construction from parts that stand without a message. */
  let bare: { role: string; parts: MessagePart[] } | undefined;
  for (const value of values) {
    const record = toRecord(value);
    const shape = record && unwrapLangChainMessage(record);
    if (shape && isMessage(shape)) {
      bare = undefined;
      messages.push(toMessage(shape, hasRoles ? ROLELESS : defaultRole));
      continue;
    }
    for (const part of toParts(value)) {
      const ownRole = roleOfBarePart(part, defaultRole);
      const role = hasRoles && record && ownRole === 'user' ? ROLELESS : ownRole;
      if (bare?.role !== role) {
        bare = { role, parts: [] };
        messages.push(bare);
      }
      bare.parts.push(part);
    }
  }
  return messages;
}

/** Role of an item without one, in an input in which other messages have one. */
const ROLELESS = 'assistant';

function hasRole(value: unknown): boolean {
  return typeof toRecord(value)?.role === 'string';
}

/** In the input of the Responses API, tool calls and their results stand between the messages. */
function roleOfBarePart(part: MessagePart, defaultRole: string): string {
  if (defaultRole !== 'user') return defaultRole;
  if (part.type === 'tool_result') return 'tool';
  return part.type === 'tool_call' || part.type === 'reasoning' ? 'assistant' : 'user';
}

/** Returns whether a value is a message or a choice with a message inside. An answer that is JSON may have a `role` of its own. */
export function isMessage(shape: Shape): boolean {
  if (
    typeof shape.role === 'string' &&
    (KNOWN_ROLES.has(shape.role.toLowerCase()) || hasMessageContent(shape))
  )
    return true;
  return Array.isArray(shape.parts) || toRecord(shape.message) !== undefined;
}

/** The last message of JSON that was cut may have nothing but the beginning of its role. */
function hasMessageContent(shape: Shape): boolean {
  return (
    Object.keys(shape).length === 1 ||
    shape.content !== undefined ||
    shape.parts !== undefined ||
    shape.tool_calls !== undefined ||
    shape.toolCalls !== undefined
  );
}

const KNOWN_ROLES: ReadonlySet<string> = new Set(['system', 'user', 'assistant', 'tool', ...ROLES.keys()]);

function toMessage(shape: Shape, defaultRole: string): OutputMessage {
  // A choice of OpenAI or Azure: {index, finish_reason, message: {…}}.
  const inner = toRecord(shape.message) ?? shape;
  const rawRole =
    typeof inner.role === 'string' && inner.role !== '' ? inner.role.toLowerCase() : defaultRole;
  const role = ROLES.get(rawRole) ?? rawRole;
  const parts = role === 'tool' ? toToolResults(inner) : partsOf(inner);
  const calls = inner.tool_calls ?? inner.toolCalls ?? shape.tool_calls ?? shape.toolCalls;
  const finishReason = normaliseFinishReason(
    shape.finish_reason ?? shape.finishReason ?? inner.finish_reason,
  );
  const message: Writable<OutputMessage> = {
    role,
    parts: Array.isArray(calls) ? addToolCalls(parts, toParts(calls.map(toTypedCall))) : parts,
  };
  if (typeof inner.name === 'string' && inner.name !== '') message.name = inner.name;
  if (finishReason !== undefined) message.finishReason = finishReason;
  return message;
}

/**
 * Converts the content; without text in it, also a refusal or the transcript of spoken words, which OpenAI writes beside it. Dify names
 * the content `text`, Cohere `message`, OpenInference `contents`, LlamaIndex `blocks`.
 */
function partsOf({ parts, content, contents, blocks, text, message, refusal, audio }: Shape): MessagePart[] {
  const written = toParts(parts ?? content ?? contents ?? blocks ?? text ?? message);
  const beside = refusal ?? toRecord(audio)?.transcript;
  return beside === undefined || written.some(({ type }) => type === 'text')
    ? written
    : [...written, ...toParts(beside)];
}

/** Converts the content of a message of role `tool` to a result, also if it is text (OpenAI, OpenLIT). */
function toToolResults(shape: Shape): MessagePart[] {
  const parts = toParts(shape.parts ?? shape.content);
  if (parts.some((part) => part.type === 'tool_result')) return parts;
  const id = shape.tool_call_id ?? shape.toolCallId ?? shape.id;
  const result = parts.length > 0 ? linesOf(parts) : shape.content;
  return [
    { type: 'tool_result', ...(typeof id === 'string' && { id }), ...(result !== undefined && { result }) },
  ];
}

/** Returns a message whose parts are the result of a tool. */
export function toToolMessage({ parts }: Message): Message {
  return { role: 'tool', parts: [{ type: 'tool_result', result: linesOf(parts) }] };
}

function linesOf(parts: readonly MessagePart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n');
}

/** Adds the type `tool_call` to an item of a list of tool calls that has no type. */
function toTypedCall(call: unknown): unknown {
  const shape = toRecord(call);
  return shape && shape.type === undefined ? { ...shape, type: 'tool_call' } : call;
}

/** Adds the calls whose ids are not among `parts`: some libraries write each call twice (OpenInference for Anthropic). */
function addToolCalls(parts: readonly MessagePart[], calls: readonly MessagePart[]): MessagePart[] {
  const known = new Set(parts.map((part) => (part.type === 'tool_call' ? part.id : undefined)));
  return [
    ...parts,
    ...calls.filter((call) => call.type !== 'tool_call' || call.id === undefined || !known.has(call.id)),
  ];
}
