import { firstUserAndThread } from '../../../common/context-identity.js';
import type { LocatedCall } from '../../../reading/calls/located-call.js';
import { hasContent } from '../../../reading/calls/merge-calls.js';
import { readIdentity } from '../../../reading/fields/identity.js';
import { recordCall } from '../../../records/calls/record-call.js';
import { toErrorEvent } from '../../../records/calls/to-prompt-record.js';
import { evaluationFeedback } from '../../../records/feedback/evaluation-feedback.js';
import { toFeedbackEvent } from '../../../records/feedback/to-feedback-event.js';
import { DEFAULT_RECORD_SETTINGS } from '../../../records/model/record-settings.js';
import type { NewRecord } from '../../model/stored-record.js';
import type { FoundEvaluation } from './joining/evaluations.js';

/** Converts a call to a record: a prompt, or the event `LLM error` for a failed call. Returns undefined without content. */
export function toNewRecord(
  { call, span, ancestors }: LocatedCall,
  receivedAt: string,
): NewRecord | undefined {
  const { record } = recordCall(call, { span, ancestors }, DEFAULT_RECORD_SETTINGS);
  const common = { receivedAt, tags: record.tags, origin: 'otlp' } as const;
  if (call.error) {
    const event = toErrorEvent(record);
    return { kind: 'event', ...event, properties: withoutUnknownLatency(event.properties ?? {}), ...common };
  }
  if (!hasContent(call) || record.prompt === '') return undefined;
  return { kind: 'prompt', ...withoutUnknownLatency(record), ...common };
}

/** Converts an evaluation to an event `Feedback`. Returns undefined if it has no result, or nothing that it is about. */
export function toEvaluationRecord(
  { id, event, span, recordId, spans }: FoundEvaluation,
  receivedAt: string,
): NewRecord | undefined {
  const feedback = evaluationFeedback(event);
  if (!feedback) return undefined;
  const asker = firstUserAndThread(
    [event, ...spans].map(({ attributes }) => (attributes ? readIdentity(attributes) : undefined)),
  );
  const timestamp = event.time && new Date(event.time[0] * 1e3 + event.time[1] / 1e6);
  const input = { ...feedback, ...asker, recordId, spanContext: span, timestamp };
  const made = toFeedbackEvent(input, id, new Date(receivedAt));
  if (!made) return undefined;
  return { kind: 'event', ...made, properties: made.properties ?? {}, receivedAt, tags: [], origin: 'otlp' };
}

/** Leaves out the latency of a span that lacks its start or its end: it is NaN. */
function withoutUnknownLatency<T extends { readonly latency?: unknown }>(measured: T): Omit<T, 'latency'> {
  if (!Number.isNaN(measured.latency)) return measured;
  const { latency: _unknown, ...rest } = measured;
  return rest;
}
