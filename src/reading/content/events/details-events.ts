import { EVENT_INFERENCE_DETAILS } from '../../../common/semconv.js';
import { withNames, type NamedAttributes } from '../../model/attributes.js';
import type { SpanEventLike } from '../../model/span-like.js';

/**
 * Returns the attributes of a span, completed from its events `gen_ai.client.inference.operation.details`. A span may have several:
 * Strands writes one each for instructions, input and output, OpenTelemetry's OpenAI instrumentation one each for input and output.
 */
export function withDetails(view: NamedAttributes, events: readonly SpanEventLike[]): NamedAttributes {
  const details = events.filter((event) => event.name === EVENT_INFERENCE_DETAILS);
  if (details.length === 0) return view;
  const merged: Record<string, unknown> = {};
  for (const source of [...details.map((event) => event.attributes ?? {}), view.attributes]) {
    for (const [key, value] of Object.entries(source)) if (hasValue(value)) merged[key] = value;
  }
  return withNames(merged);
}

/** An empty list means that the content was not recorded there. It must not replace the content of an event. */
function hasValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '' && value !== '[]';
}
