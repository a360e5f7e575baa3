import { toNumber, toRecord } from '../model/attributes.js';
import type { OutputMessage } from '../model/llm-call.js';
import type { SpanEventLike } from '../model/span-like.js';
import { decode, type Decoded } from '../decoding/decode.js';
import { decodePartList } from './embedded.js';
import { toMessages, type ReadMessages } from './messages.js';

/** One event a message, conventions v1.28 to v1.36. */
const ROLE_OF_EVENT: ReadonlyMap<string, string> = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
]);
const EVENT_CHOICE = 'gen_ai.choice';

/** The whole message: JSON (Azure), or as it is (the body of a log record). */
const ATTR_EVENT_CONTENT = 'gen_ai.event.content';

/** Input messages out of events, in the order of the events. */
export function readMessageEvents(events: readonly SpanEventLike[]): ReadMessages {
  const bodies = events.flatMap((event) => {
    const role = ROLE_OF_EVENT.get(event.name);
    return role === undefined ? [] : [bodyOf(event, role)];
  });
  return toRead(bodies, 'user');
}

/** One output message per choice, by the number of the choice. */
export function readChoiceEvents(events: readonly SpanEventLike[]): ReadMessages<OutputMessage> {
  const bodies = events
    .filter((event) => event.name === EVENT_CHOICE)
    .map((event) => choiceOf(bodyOf(event, 'assistant')));
  return toRead(
    bodies.sort((one, other) => indexOf(one) - indexOf(other)),
    'assistant',
  );
}

interface Body extends Decoded {
  readonly value: Readonly<Record<string, unknown>>;
}

/** The message that an event carries. Its own role, where it has one, wins over the role that the event is named for. */
function bodyOf({ attributes = {} }: SpanEventLike, role: string): Body {
  const { value, cut } = decode(attributes[ATTR_EVENT_CONTENT]);
  const whole = toRecord(value);
  if (whole) return { value: { role, ...whole }, cut };
  if (value !== undefined) return { value: { role, content: value }, cut };
  return direct(attributes, role);
}

/** Strands: attributes are the members of the message, and lists are JSON. */
function direct(attributes: Readonly<Record<string, unknown>>, role: string): Body {
  const content = unfold(attributes['content']);
  const message = unfold(attributes['message']);
  return {
    value: { role, ...attributes, content: content.value, message: message.value },
    cut: content.cut || message.cut,
  };
}

/** A list of parts or a message in JSON, a text in JSON quotes, or the text as it is: an answer that is JSON stays text. */
function unfold(value: unknown): Decoded {
  if (typeof value !== 'string') return { value, cut: false };
  if (value.startsWith('"')) return decode(value);
  const list = decodePartList(value);
  if (list) return list;
  if (!/^\s*\{\s*"(?:role|content|tool_calls|toolCalls)"/.test(value)) return { value, cut: false };
  return decode(value);
}

/** The message of a choice may be a message, a list of parts (Strands) or a text; its tool calls may stand beside it. */
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
    apart: true,
  };
}
