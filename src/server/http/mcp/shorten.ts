import { asArray, isRecord, lookUp, type UnknownRecord } from '../../../common/unknown-values.js';
import { evaluationOf, feedbackOf, isReview } from '../../model/feedback.js';
import { withEllipsis } from '../../model/preview.js';
import { isFailure, modelOf, type StoredRecord } from '../../model/stored-record.js';

/** Longest id, name or tag. */
const MAX_NAME = 200;
const MAX_TAGS = 20;

/** A record for an assistant: what a person would read of it. Absent fields are left out. */
export type ShortRecord = Readonly<Record<string, unknown>>;

/** Returns what is said of a record: who, when, question, answer cut to `length` characters, and what people said about it. */
export function shortRecord(
  record: StoredRecord,
  length: number,
  feedback: readonly StoredRecord[] = [],
): ShortRecord {
  const { properties } = record;
  const asked = record.kind === 'prompt' ? record.prompt : properties['prompt'];
  return present({
    record: record.id,
    time: record.timestamp,
    user: short(record.userId),
    conversation: short(record.threadId),
    event: record.kind === 'event' ? short(record.event) : undefined,
    model: short(modelOf(record)),
    prompt: typeof asked === 'string' ? withEllipsis(asked, length) : undefined,
    answer: record.kind === 'prompt' ? withEllipsis(record.generation, length) : undefined,
    error: isFailure(record) ? short(properties['error_type'] ?? 'error') : undefined,
    seconds: record.kind === 'prompt' ? record.latency : undefined,
    tokens: properties['total_tokens'],
    cost: properties['cost'],
    tags: record.tags.length > 0 ? record.tags.slice(0, MAX_TAGS).map((tag) => short(tag)) : undefined,
    feedback: feedback.length > 0 ? feedback.map((one) => shortFeedback(one, length)) : undefined,
  });
}

/** Returns what an event of feedback says. */
export function shortFeedback(record: StoredRecord, length: number): ShortRecord {
  const evaluation = evaluationOf(record);
  const { comment, label, score } = record.properties;
  const text = evaluation?.explanation ?? comment;
  return present({
    time: record.timestamp,
    by: isReview(record) ? 'reviewer' : evaluation ? undefined : short(record.userId),
    evaluation: short(evaluation?.name),
    rating: feedbackOf(record),
    score: evaluation ? evaluation.score : typeof score === 'number' ? score : undefined,
    label: short(evaluation?.label ?? label),
    comment: typeof text === 'string' ? withEllipsis(text, length) : undefined,
  });
}

/** Returns an object without undefined and null values. */
export function present(fields: UnknownRecord): ShortRecord {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** Returns measures with their names: `{ prompts: 3, errorRate: { value: 0.1, of: 30 } }`. */
export function namedValues(measures: readonly string[], values: unknown, behind: unknown): ShortRecord {
  const [list, n] = [asArray(values), asArray(behind)];
  return Object.fromEntries(
    measures.map((name, place) => {
      const [value = null, of = null] = [list[place], n[place]];
      return [name, of === null ? value : { value, of }];
    }),
  );
}

export function recordsOf(value: unknown): readonly UnknownRecord[] {
  return asArray(value).filter(isRecord);
}

function short(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return withEllipsis(typeof value === 'string' ? value : JSON.stringify(value), MAX_NAME);
}

/** Returns some fields of an object, in this order. */
export function pick(fields: UnknownRecord, names: readonly string[]): ShortRecord {
  return present(Object.fromEntries(names.map((name) => [name, lookUp<unknown>(fields, name)])));
}
