import { EVENT_EVALUATION_RESULT, EVENT_INFERENCE_DETAILS } from '../../../common/semconv.js';
import { asRecord } from '../../../common/unknown-values.js';
import type { SpanEventLike } from '../../model/span-like.js';

/** The parts of a log record that say what it is about. */
export interface EventRecord {
  readonly eventName?: string | undefined;
  readonly body?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const MESSAGE_EVENT =
  /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.(?:prompt|completion))$/;

/** Converts a log record to a span event. `undefined`: it is no event of a GenAI conversation or evaluation. */
export function toLogEvent({ eventName, attributes = {}, body }: EventRecord): SpanEventLike | undefined {
  const name = eventName || attributes['event.name'];
  if (typeof name !== 'string' || !name.startsWith('gen_ai.')) return undefined;
  // These carry their content in the attributes. The body is a title, or a copy.
  if (name === EVENT_INFERENCE_DETAILS || name === EVENT_EVALUATION_RESULT)
    return { name, attributes: { ...asRecord(body), ...attributes } };
  if (!MESSAGE_EVENT.test(name)) return undefined;
  return body === undefined || body === null
    ? { name, attributes }
    : { name, attributes: { ...attributes, 'gen_ai.event.content': body } };
}
