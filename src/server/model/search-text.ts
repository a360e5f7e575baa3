import type { StoredRecord } from './stored-record.js';

/** Returns the text that the words of a query are looked for in, in lower case. */
export function searchTextOf(record: StoredRecord): string {
  const texts =
    record.kind === 'prompt'
      ? [record.prompt, record.generation, record.assistantId ?? '']
      : [record.event, textProperty(record, 'prompt'), textProperty(record, 'error_type')];
  return [...texts, record.userId, record.threadId ?? '', record.id, ...record.tags].join('\n').toLowerCase();
}

function textProperty(record: StoredRecord, name: string): string {
  const value = record.properties[name];
  return typeof value === 'string' ? value : '';
}
