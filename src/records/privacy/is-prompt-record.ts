import { asRecord } from '../../common/unknown-values.js';
import type { PromptRecord } from '../model/prompt-record.js';

/** Returns whether a value that user code returned has the fields that every destination needs. */
export function isPromptRecord(value: unknown): value is PromptRecord {
  const record: { readonly [K in keyof PromptRecord]?: unknown } = asRecord(value);
  return (
    [record.id, record.userId, record.prompt, record.generation, record.assistantId, record.timestamp].every(
      (field) => typeof field === 'string',
    ) &&
    record.userId !== '' &&
    typeof record.latency === 'number' &&
    Array.isArray(record.tags) &&
    typeof record.properties === 'object' &&
    record.properties !== null
  );
}
