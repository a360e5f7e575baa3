import type { PromptRecord } from '../model/prompt-record.js';

/** Returns whether a value that user code returned has the fields that every destination needs. */
export function isPromptRecord(value: unknown): value is PromptRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<Record<keyof PromptRecord, unknown>>;
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
