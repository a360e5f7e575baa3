import type { NewRecord } from '../stored-record.js';

/** The record in one line of a file, without its number; `undefined` when the line holds none. */
export function parseRecord(line: string): NewRecord | undefined {
  if (line.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Files are written by this server, but edited by people. */
function isRecord(value: unknown): value is NewRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<Record<string, unknown>>;
  return (
    isText(record['id']) &&
    isText(record['userId']) &&
    isText(record['receivedAt']) &&
    isText(record['timestamp']) &&
    !Number.isNaN(Date.parse(record['timestamp'])) &&
    Array.isArray(record['tags']) &&
    typeof record['properties'] === 'object' &&
    record['properties'] !== null &&
    (record['kind'] === 'event'
      ? isText(record['event'])
      : record['kind'] === 'prompt' && isText(record['prompt']) && isText(record['generation']))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
