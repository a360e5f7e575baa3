import { asRecord } from '../../common/unknown-values.js';
import { TEXT_FIELDS, type PromptRecord } from '../model/prompt-record.js';

const REQUIRED_TEXTS = ['id', 'userId', 'assistantId', 'timestamp', ...TEXT_FIELDS] as const;

/** Returns whether a value that user code returned has the fields that every destination needs. */
export function isPromptRecord(value: unknown): value is PromptRecord {
  const record: { readonly [K in keyof PromptRecord]?: unknown } = asRecord(value);
  return (
    REQUIRED_TEXTS.every((field) => typeof record[field] === 'string') &&
    record.userId !== '' &&
    typeof record.latency === 'number' &&
    Array.isArray(record.tags) &&
    typeof record.properties === 'object' &&
    record.properties !== null
  );
}
