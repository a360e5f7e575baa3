import { toRecord, type SpanAttributes } from '../../model/attributes.js';
import type { Message, OutputMessage } from '../../model/llm-call.js';
import type { SpanEventLike } from '../../model/span-like.js';
import { decode } from '../../decoding/decode.js';
import { readChoiceEvents, readMessageEvents } from './message-events.js';
import type { ReadMessages } from '../messages/messages.js';

const NOTHING: ReadMessages<OutputMessage> = { messages: [], cut: false };

/** Reads input messages from the JSON attribute `events`, as Pydantic AI v1 and Logfire write it. */
export function readJsonInput(attributes: SpanAttributes): ReadMessages {
  if (attributes.events === undefined) return NOTHING;
  const { events, cut } = readEvents(attributes.events);
  const { input } = splitAnswer(events);
  const read = readMessageEvents(input);
  return { messages: read.messages, cut: cut || read.cut };
}

/** Reads the answer from the JSON attribute `events`. */
export function readJsonOutput(attributes: SpanAttributes): ReadMessages<OutputMessage> {
  if (attributes.events === undefined) return NOTHING;
  const { events, cut } = readEvents(attributes.events);
  const { answer } = splitAnswer(events);
  if (answer.length === 0) {
    const read = readChoiceEvents(events);
    return { messages: read.messages, cut: cut || read.cut };
  }
  const { messages } = readMessageEvents(answer);
  const parts = messages.flatMap((message: Message) => message.parts);
  return { messages: [{ role: 'assistant', parts }], cut };
}

/**
 * Splits off the answer where it is no event of its own kind: for the Responses API, Logfire v1 writes it as the last assistant
 * messages. `answer` is empty if there are choices, which are read as such.
 */
function splitAnswer(events: readonly SpanEventLike[]): {
  readonly input: readonly SpanEventLike[];
  readonly answer: readonly SpanEventLike[];
} {
  if (events.some(({ name }) => name === CHOICE)) return { input: events, answer: [] };
  const end = events.findLastIndex(({ name }) => name !== ASSISTANT) + 1;
  return { input: events.slice(0, end), answer: events.slice(end) };
}

const CHOICE = 'gen_ai.choice';
const ASSISTANT = 'gen_ai.assistant.message';

function readEvents(attribute: unknown): {
  readonly events: readonly SpanEventLike[];
  readonly cut: boolean;
} {
  const { value, cut } = decode(attribute);
  const events = (Array.isArray(value) ? value : []).flatMap((item: unknown) => {
    const name = nameOf(toRecord(item) ?? {});
    return name === undefined ? [] : [{ name, attributes: { 'gen_ai.event.content': item } }];
  });
  return { events, cut };
}

/** Returns the name of an event. Logfire writes those of Google GenAI without one: the answer has an index, the others have a role. */
function nameOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const name = event['event.name'];
  if (typeof name === 'string') return name;
  if (event.message !== undefined || event.index !== undefined) return CHOICE;
  return typeof event.role === 'string' ? `gen_ai.${event.role}.message` : undefined;
}
