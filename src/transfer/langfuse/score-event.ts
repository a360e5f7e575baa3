import { asNumber, asText, type UnknownRecord } from '../../common/unknown-values.js';
import { toFeedbackEvent } from '../../records/feedback/to-feedback-event.js';
import type { NewRecord } from '../../server/model/stored-record.js';
import { toMs } from './langfuse-item.js';

/** The record that a score is about, or the conversation. */
export interface ScoreTarget {
  readonly recordId?: string | undefined;
  readonly userId?: string | undefined;
  readonly threadId?: string | undefined;
}

/** Names that applications give to what a person clicks. All other scores count as evaluations. */
const PERSONS_NAME = /feedback|thumb|rating|like|vote|satisfaction|csat|nps/i;

/** Converts a score to an event `Feedback`. Undefined: it has neither a value nor a comment, or is about nothing that was exported. */
export function scoreEvent(fields: UnknownRecord, target: ScoreTarget, now: Date): NewRecord | undefined {
  const name = asText(fields['name']) ?? 'score';
  const isNumber = fields['dataType'] !== 'CATEGORICAL' && fields['dataType'] !== 'TEXT';
  const isPersons = fields['source'] !== 'EVAL' && PERSONS_NAME.test(name);
  const happened = toMs(fields['timestamp']) ?? toMs(fields['createdAt']) ?? now.getTime();
  const timestamp = new Date(happened);
  const event = toFeedbackEvent(
    {
      ...target,
      score: isNumber ? asNumber(fields['value']) : undefined,
      label: fields['dataType'] === 'BOOLEAN' ? undefined : asText(fields['stringValue']),
      comment: asText(fields['comment']),
      component: isPersons ? name : undefined,
      properties: {
        ...(!isPersons && { feedback_type: 'evaluation', name }),
        source: asText(fields['source'])?.toLowerCase(),
        author: asText(fields['authorUserId']),
      },
      // The trace alone: the record is named already.
      spanContext: { traceId: asText(fields['traceId']) ?? '', spanId: '' },
      timestamp,
    },
    asText(fields['id']) ?? '',
    now,
  );
  if (!event || event.id === '') return undefined;
  const receivedMs = toMs(fields['createdAt']) ?? happened;
  const receivedAt = new Date(Math.min(receivedMs, now.getTime())).toISOString();
  return { kind: 'event', ...event, receivedAt, tags: [] };
}
