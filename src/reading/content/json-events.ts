import { toRecord, type SpanAttributes } from '../attributes.js';
import type { Message } from '../llm-call.js';
import type { SpanEventLike } from '../span-like.js';
import { decode } from './decode.js';
import type { ReadMessages } from './messages.js';

/** Message events as one JSON attribute: Pydantic AI v1, and Logfire for the Responses API. */
export function readJsonEvents<M extends Message>(
  attributes: SpanAttributes,
  read: (events: readonly SpanEventLike[]) => ReadMessages<M>,
): ReadMessages<M> {
  const { value, cut } = decode(attributes.events);
  const events = (Array.isArray(value) ? value : []).flatMap((item) => {
    const name = toRecord(item)?.['event.name'];
    return typeof name === 'string'
      ? [{ name, attributes: { 'gen_ai.event.content': item as unknown } }]
      : [];
  });
  const found = read(events);
  return { messages: found.messages, cut: cut || found.cut };
}
