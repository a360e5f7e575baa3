import { toRecord, type SpanAttributes } from '../../model/attributes.js';
import type { Message, OutputMessage } from '../../model/llm-call.js';
import type { SpanEventLike } from '../../model/span-like.js';
import { decode } from '../../decoding/decode.js';
import { readChoiceEvents, readMessageEvents } from './message-events.js';
import type { ReadMessages } from '../messages/messages.js';

const NOTHING: ReadMessages<OutputMessage> = { messages: [], cut: false };

/** Reads input messages from the JSON attribute `events`, as Pydantic AI v1 and Logfire write it. */
export function readJsonInput({ events }: SpanAttributes): ReadMessages {
  return events === undefined ? NOTHING : readFrom(events, readMessageEvents);
}

/** Reads the answer from the JSON attribute `events`. */
export function readJsonOutput({ events }: SpanAttributes): ReadMessages<OutputMessage> {
  return events === undefined ? NOTHING : readFrom(events, readChoiceEvents);
}

function readFrom<M extends Message>(
  attribute: unknown,
  read: (events: readonly SpanEventLike[]) => ReadMessages<M>,
): ReadMessages<M> {
  const { events, cut } = readEvents(attribute);
  const { messages, cut: isMessageCut } = read(events);
  return { messages, cut: cut || isMessageCut };
}

const CHOICE = 'gen_ai.choice';

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
