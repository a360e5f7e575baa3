import { toNumber, toRecord } from '../../model/attributes.js';
import type { OutputMessage } from '../../model/llm-call.js';
import type { SpanEventLike } from '../../model/span-like.js';
import { decode, type Decoded } from '../../decoding/decode.js';
import { decodePartList } from '../messages/embedded.js';
import { toMessages, type ReadMessages } from '../messages/messages.js';

const EVENT_ASSISTANT = 'gen_ai.assistant.message';
const EVENT_CHOICE = 'gen_ai.choice';

/** Conventions v1.28 to v1.36 write one event for each message. */
const ROLE_OF_EVENT: ReadonlyMap<string, string> = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  [EVENT_ASSISTANT, 'assistant'],
  ['gen_ai.tool.message', 'tool'],
]);
/** The whole message, as JSON (Azure) or structured (the body of a log record). */
const ATTR_EVENT_CONTENT = 'gen_ai.event.content';

/** Reads input messages from events, in the order of the events. */
export function readMessageEvents(events: readonly SpanEventLike[]): ReadMessages {
  return readEvents(splitAnswer(events).input);
}

/** Reads one output message per choice, ordered by the index of the choice, or the answer that is no choice. */
export function readChoiceEvents(events: readonly SpanEventLike[]): ReadMessages<OutputMessage> {
  const { answer } = splitAnswer(events);
  if (answer.length > 0) {
    const { messages, cut } = readEvents(answer);
    return { messages: [{ role: 'assistant', parts: messages.flatMap(({ parts }) => parts) }], cut };
  }
  const bodies = events
    .filter((event) => event.name === EVENT_CHOICE)
    .map((event) => choiceOf(bodyOf(event, 'assistant')));
  return toRead(
    bodies.sort((one, other) => indexOf(one) - indexOf(other)),
    'assistant',
  );
}

/**
 * Splits off the answer where it is no choice but the last assistant messages: Logfire v1 for the Responses API, Azure AI Projects and
 * Azure AI Agents. `answer` is empty if there are choices.
 */
function splitAnswer(events: readonly SpanEventLike[]): {
  readonly input: readonly SpanEventLike[];
  readonly answer: readonly SpanEventLike[];
} {
  const messages = events.filter(({ name }) => ROLE_OF_EVENT.has(name));
  if (events.some(({ name }) => name === EVENT_CHOICE)) return { input: messages, answer: [] };
  const end = messages.findLastIndex(({ name }) => name !== EVENT_ASSISTANT) + 1;
  return { input: messages.slice(0, end), answer: messages.slice(end) };
}

function readEvents(events: readonly SpanEventLike[]): ReadMessages {
  return toRead(
    events.map((event) => bodyOf(event, ROLE_OF_EVENT.get(event.name) ?? 'user')),
    'user',
  );
}

interface Body extends Decoded {
  readonly value: Readonly<Record<string, unknown>>;
}

/** Returns the message of an event. A role in the message wins over the role in the event's name. */
function bodyOf({ attributes = {} }: SpanEventLike, role: string): Body {
  const { value, cut } = decode(attributes[ATTR_EVENT_CONTENT]);
  const whole = toRecord(value);
  if (whole) return { value: { role, ...whole }, cut };
  if (value !== undefined) return { value: { role, content: value }, cut };
  return bodyOfAttributes(attributes, role);
}

/** Reads an event whose attributes are the members of the message, as Strands writes it, with lists as JSON. */
function bodyOfAttributes(attributes: Readonly<Record<string, unknown>>, role: string): Body {
  const content = decodeContent(attributes['content']);
  const message = decodeContent(attributes['message']);
  return {
    value: { role, ...attributes, content: content.value, message: message.value },
    cut: content.cut || message.cut,
  };
}

/** Decodes a JSON list of parts, a JSON message or a text in JSON quotes. Any other text stays text, also if it is JSON. */
function decodeContent(value: unknown): Decoded {
  if (typeof value !== 'string') return { value, cut: false };
  if (value.startsWith('"')) return decode(value);
  const list = decodePartList(value);
  if (list) return list;
  if (!/^\s*\{\s*"(?:role|content|tool_calls|toolCalls)"/.test(value)) return { value, cut: false };
  return decode(value);
}

/** Returns a choice whose `message` is an object. It may have been an object, a list of parts (Strands) or a text. */
function choiceOf({ value, cut }: Body): Body {
  const message = toRecord(value.message) ?? (value.message === undefined ? {} : { content: value.message });
  return { value: { ...value, message: { role: value.role, content: value.content, ...message } }, cut };
}

function indexOf({ value }: Body): number {
  return toNumber(value.index) ?? 0;
}

function toRead(bodies: readonly Body[], defaultRole: string): ReadMessages<OutputMessage> {
  return {
    messages: toMessages(
      bodies.map((body) => body.value),
      defaultRole,
    ),
    cut: bodies.some((body) => body.cut),
    isCutLocal: true,
  };
}
