import { asRecord } from '../../../common/unknown-values.js';
import type { NewRecord } from '../../model/stored-record.js';

/** A line that says which records were removed. */
export interface Removal {
  readonly removed: readonly string[];
}

/** Beginnings of an object that are tried in one line. */
const MAX_BEGINNINGS = 1000;

/**
 * Reads one line of the file: a record or a removal. Returns undefined for anything else. What stands before the object is passed
 * over: a byte order mark, zeros after a loss of power, a torn line to which a whole one was appended.
 */
export function parseLine(line: string): NewRecord | Removal | undefined {
  let start = line.indexOf('{');
  for (let tried = 0; start !== -1 && tried < MAX_BEGINNINGS; tried++) {
    const value = parseJson(start === 0 ? line : line.slice(start));
    if (value !== undefined) return isNewRecord(value) || isRemoval(value) ? value : undefined;
    start = line.indexOf('{', start + 1);
  }
  return undefined;
}

/** Returns undefined if the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
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
