import type { NewRecord } from '../../server/model/stored-record.js';

/**
 * Writes a record as an item of the ingestion API. The time at which it was received and its origin have no place there. `$event_id` keeps its
 * id, so that a repeated import replaces it.
 */
export function toIngestionItem(record: NewRecord): Readonly<Record<string, unknown>> {
  const { threadId, tags } = record;
  const common = {
    user_id: record.userId,
    ...(threadId !== undefined && { thread_id: threadId }),
    timestamp: record.timestamp,
    properties: {
      ...record.properties,
      ...(tags.length > 0 && { tags }),
      ...(threadId !== undefined && { $thread_id: threadId }),
      $event_id: record.id,
    },
  };
  if (record.kind === 'event') return { event: record.event, ...common };
  const { prompt, generation, assistantId, latency, promptEventName, generationEventName } = record;
  return {
    prompt,
    generation,
    ...(assistantId !== undefined && { assistant_id: assistantId }),
    ...(latency !== undefined && { latency }),
    ...(promptEventName !== undefined && { prompt_event_name: promptEventName }),
    ...(generationEventName !== undefined && { generation_event_name: generationEventName }),
    ...common,
  };
}
