import { withNames, type NamedAttributes } from '../model/attributes.js';
import type { SpanEventLike } from '../model/span-like.js';

const EVENT_DETAILS = 'gen_ai.client.inference.operation.details';

/**
 * The attributes of a span, completed by those of its events `gen_ai.client.inference.operation.details`. There may be several:
 * Strands writes instructions, input and output in one each, OpenTelemetry's OpenAI instrumentation input and output.
 */
export function withDetails(view: NamedAttributes, events: readonly SpanEventLike[]): NamedAttributes {
  const details = events.filter((event) => event.name === EVENT_DETAILS);
  if (details.length === 0) return view;
  const merged: Record<string, unknown> = {};
  for (const source of [...details.map((event) => event.attributes ?? {}), view.attributes]) {
    for (const [key, value] of Object.entries(source)) if (isRecorded(value)) merged[key] = value;
  }
  return withNames(merged);
}

/** An empty list says that the content was not recorded here: it must not hide the content of an event. */
function isRecorded(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '' && value !== '[]';
}
