import type { LocatedCall } from '../../../reading/calls/located-call.js';
import { hasContent } from '../../../reading/calls/merge-calls.js';
import { recordCall } from '../../../records/calls/record-call.js';
import { DEFAULT_RECORD_SETTINGS } from '../../../records/model/record-settings.js';
import { toErrorEvent } from '../../../records/calls/to-prompt-record.js';
import type { NewRecord } from '../../model/stored-record.js';

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

/** Leaves out the latency of a span that lacks its start or its end: it is NaN. */
function withoutUnknownLatency<T extends { readonly latency?: unknown }>(measured: T): Omit<T, 'latency'> {
  if (!Number.isNaN(measured.latency)) return measured;
  const { latency: _unknown, ...rest } = measured;
  return rest;
}
