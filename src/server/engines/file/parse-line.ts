import { asRecord } from '../../../common/unknown-values.js';
import type { NewRecord } from '../../model/stored-record.js';

/** A line that says which records were removed. */
export interface Removal {
  readonly removed: readonly string[];
}

/** Reads one line of the file: a record or a removal. Returns undefined for anything else. */
export function parseLine(line: string): NewRecord | Removal | undefined {
  if (line.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isNewRecord(value) || isRemoval(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRemoval(value: unknown): value is Removal {
  return typeof value === 'object' && value !== null && 'removed' in value && isTexts(value.removed);
}

/** Checks every field: files are written by this server, but edited by people. */
function isNewRecord(value: unknown): value is NewRecord {
  const record = asRecord(value);
  return (
    isText(record['id']) &&
    isText(record['userId']) &&
    isText(record['receivedAt']) &&
    isText(record['timestamp']) &&
    !Number.isNaN(Date.parse(record['timestamp'])) &&
    isTexts(record['tags']) &&
    typeof record['properties'] === 'object' &&
    record['properties'] !== null &&
    (record['kind'] === 'event'
      ? isText(record['event'])
      : record['kind'] === 'prompt' && isText(record['prompt']) && isText(record['generation']))
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
