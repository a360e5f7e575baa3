import { asRecord } from '../../../common/unknown-values.js';
import type { NewRecord } from '../../model/stored-record.js';
import type { StoredDocument } from '../document-store.js';

/** A line that says which records were removed. */
export interface Removal {
  readonly removed: readonly string[];
}

/** A line that says which records were erased. Once the file was rewritten, only the hashes are left. */
export interface ErasureLine {
  readonly erased: {
    readonly ids: readonly string[];
    readonly hashes: readonly string[];
    readonly at: number;
  };
}

export interface DocumentLine {
  readonly document: StoredDocument;
}

export interface DocumentDeletion {
  readonly deletedDocument: Pick<StoredDocument, 'kind' | 'name'>;
}

/** One line of the file. */
export type FileLine = NewRecord | Removal | ErasureLine | DocumentLine | DocumentDeletion;

/** Beginnings of an object that are tried in one line, and ends that are tried with each. */
const MAX_BEGINNINGS = 1000;
const MAX_ENDS = 100;

/**
 * Reads one line of the file: its object, and all if several were written without a newline between, as when files are joined. Empty if
 * there is none. What stands before an object is passed over: a byte order mark, zeros after a loss of power, a torn line to which a
 * whole one was appended.
 */
export function parseLine(line: string): readonly FileLine[] {
  const whole = parseJson(line);
  const objects = whole === undefined ? objectsIn(line) : [whole];
  return objects.filter(isFileLine);
}

/** Returns whether a last line without a newline is the beginning of one of this server, and not the end of another file. */
export function isTorn(line: string): boolean {
  const text = line.replace(/^[\0\uFEFF\s]+/, '');
  if (text === '') return true;
  return text.startsWith('{') && parseJson(text) === undefined && parseLine(line).length === 0;
}

/** The end of an object before another one. */
const BOUNDARY = /\}(?=[\0\uFEFF\s]*\{)/g;

function objectsIn(line: string): readonly unknown[] {
  const objects: unknown[] = [];
  const ends = [...line.matchAll(BOUNDARY)].slice(0, MAX_ENDS).map(({ index }) => index + 1);
  let start = line.indexOf('{');
  for (let tried = 0; start !== -1 && tried < MAX_BEGINNINGS; tried++) {
    const from = start;
    const last = parseJson(line.slice(from));
    if (last !== undefined) return [...objects, last];
    const end = ends.find((one) => one > from && parseJson(line.slice(from, one)) !== undefined);
    if (end !== undefined) objects.push(parseJson(line.slice(from, end)));
    start = line.indexOf('{', end ?? from + 1);
  }
  return objects;
}

/** Returns undefined if the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFileLine(value: unknown): value is FileLine {
  return (
    isNewRecord(value) || Object.entries(asRecord(value)).some(([name, content]) => OTHERS[name]?.(content))
  );
}

/** Checks of lines that are no records, by their only field. */
const OTHERS: Readonly<Record<string, (content: unknown) => boolean>> = {
  removed: isTexts,
  erased: (content) => {
    const { ids, hashes, at } = asRecord(content);
    return isTexts(ids) && isTexts(hashes) && typeof at === 'number';
  },
  document: (content) => {
    const { kind, name, value, version, updatedAt } = asRecord(content);
    return (
      isText(kind) &&
      isText(name) &&
      value !== undefined &&
      Number.isSafeInteger(version) &&
      isText(updatedAt)
    );
  },
  deletedDocument: (content) => isText(asRecord(content)['kind']) && isText(asRecord(content)['name']),
};

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
    (record['forwardedTo'] === undefined || isTexts(record['forwardedTo'])) &&
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
