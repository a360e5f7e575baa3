import { toRecord, type SpanAttributes } from '../model/attributes.js';
import type { Message } from '../model/llm-call.js';
import type { SpanEventLike } from '../model/span-like.js';
import { decode } from '../decoding/decode.js';
import type { ReadMessages } from './messages.js';

/** Reads message events from the JSON attribute `events`, as Pydantic AI v1 writes it, and Logfire for the Responses API. */
export function readJsonEvents<M extends Message>(
  attributes: SpanAttributes,
  read: (events: readonly SpanEventLike[]) => ReadMessages<M>,
): ReadMessages<M> {
  const { value, cut } = decode(attributes.events);
  const events = (Array.isArray(value) ? value : []).flatMap((item: unknown) => {
    const name = toRecord(item)?.['event.name'];
    return typeof name === 'string' ? [{ name, attributes: { 'gen_ai.event.content': item } }] : [];
  });
  const found = read(events);
  return { messages: found.messages, cut: cut || found.cut };
}
