import type { PropertyCondition } from '../../../query/record-query.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import { ByteChunks, type Place } from './byte-chunks.js';
import { editsOf, withEdits, type TextEdits } from './text-edits.js';

/** Places of one record. */
export interface ContentPlaces {
  readonly text: Place;
  readonly json: Place;
}

export interface RecordContentsOptions {
  readonly chunkBytes?: number;
  readonly onMoveText: (seq: number, place: Place) => void;
  readonly onMoveJson: (seq: number, place: Place) => void;
}

/** Records that are kept as objects too: those of the first page, which is asked for most. */
const MAX_RECENT = 1000;
const MAX_RECENT_BYTES = 4 * 1024 * 1024;

/** Names that a record has itself: in its JSON, they are found beside those of its properties. */
const OWN_NAMES: ReadonlySet<string> = new Set(
  'seq id userId threadId timestamp receivedAt tags origin properties kind prompt generation assistantId latency promptEventName generationEventName event'.split(
    ' ',
  ),
);

/**
 * The contents of records, outside of the JavaScript heap: the text that is searched, and JSON of everything else. Prompt and answer are
 * not in the JSON: they are read from the searched text, and what it lacks, capitals and line breaks, is in the JSON.
 *
 * The JSON is that of the properties, a line break, and that of the record without them.
 */
export class RecordContents {
  readonly #texts: ByteChunks;
  readonly #jsons: ByteChunks;
  /** By sequence number, oldest first. */
  readonly #recent = new Map<number, { readonly record: StoredRecord; readonly bytes: number }>();
  #recentBytes = 0;

  constructor({ chunkBytes, onMoveText, onMoveJson }: RecordContentsOptions) {
    const size = chunkBytes === undefined ? {} : { chunkBytes };
    this.#texts = new ByteChunks({ ...size, onMove: onMoveText });
    this.#jsons = new ByteChunks({ ...size, onMove: onMoveJson });
  }

  add(record: StoredRecord, searchText: string): ContentPlaces & { readonly jsonLength: number } {
    const json = `${JSON.stringify(record.properties)}\n${JSON.stringify(withoutContents(record, searchText))}`;
    this.#remember(record, searchText.length + json.length);
    const [text, place] = [this.#texts.add(record.seq, searchText), this.#jsons.add(record.seq, json)];
    return { text, json: place, jsonLength: json.length };
  }

  read(seq: number, { text, json }: ContentPlaces): StoredRecord {
    const recent = this.#recent.get(seq);
    if (recent) return recent.record;
    const [properties = '{}', rest = '{}'] = this.#jsons.read(json).split('\n');
    const record = JSON.parse(rest) as Record<string, unknown>;
    record['properties'] = JSON.parse(properties);
    if (typeof record['prompt'] === 'object' || typeof record['generation'] === 'object') {
      const [prompt = '', generation = ''] = this.#texts.read(text).split('\n', 2);
      if (typeof record['prompt'] === 'object')
        record['prompt'] = withEdits(prompt, record['prompt'] as TextEdits);
      if (typeof record['generation'] === 'object')
        record['generation'] = withEdits(generation, record['generation'] as TextEdits);
    }
    return record as unknown as StoredRecord;
  }

  /** Returns the prompt alone; undefined for an event. */
  readPrompt(seq: number, { text, json }: ContentPlaces): string | undefined {
    const recent = this.#recent.get(seq)?.record;
    if (recent) return recent.kind === 'prompt' ? recent.prompt : undefined;
    const stored = this.#jsons.read(json);
    const { prompt } = JSON.parse(stored.slice(stored.indexOf('\n') + 1)) as { prompt?: string | TextEdits };
    if (typeof prompt !== 'object') return prompt;
    const searchText = this.#texts.read(text);
    return withEdits(searchText.slice(0, searchText.indexOf('\n')), prompt);
  }

  readText(place: Place): string {
    return this.#texts.read(place);
  }

  remove(seq: number, { text, json }: ContentPlaces): void {
    this.#texts.remove(text);
    this.#jsons.remove(json);
    this.#recentBytes -= this.#recent.get(seq)?.bytes ?? 0;
    this.#recent.delete(seq);
  }

  clear(): void {
    this.#texts.clear();
    this.#jsons.clear();
    this.#recent.clear();
    this.#recentBytes = 0;
  }

  /** Calls `onMatch` for each record in whose searched text `text` occurs. */
  findText(text: string, onMatch: (seq: number) => void): void {
    this.#texts.find(Buffer.from(text), onMatch);
  }

  /**
   * Calls `onMatch` for the records that may have a property with one of the values. All that have it are among them. `isSure` says that a
   * record has it, unless it has objects among its properties.
   */
  findProperty({ name, values }: PropertyCondition, onMatch: (seq: number, isSure: boolean) => void): void {
    const isSure = !OWN_NAMES.has(name);
    const key = `${JSON.stringify(name)}:`;
    for (const value of values) {
      this.#jsons.find(Buffer.from(key + JSON.stringify(value)), (seq) => onMatch(seq, isSure));
      if (!isJson(value)) continue;
      this.#jsons.find(Buffer.from(key + value), (seq, next) => {
        // 1 is also the beginning of 12.
        onMatch(seq, isSure && (next === COMMA || next === BRACE));
      });
    }
  }

  #remember(record: StoredRecord, bytes: number): void {
    this.#recentBytes += bytes - (this.#recent.get(record.seq)?.bytes ?? 0);
    this.#recent.delete(record.seq);
    this.#recent.set(record.seq, { record, bytes });
    // Not one by one, because the first of a map is found in as many steps as there were deletions.
    if (this.#recent.size <= 2 * MAX_RECENT && this.#recentBytes <= 2 * MAX_RECENT_BYTES) return;
    for (const [seq, oldest] of this.#recent) {
      if (this.#recent.size <= MAX_RECENT && this.#recentBytes <= MAX_RECENT_BYTES) return;
      this.#recent.delete(seq);
      this.#recentBytes -= oldest.bytes;
    }
  }
}

const COMMA = 0x2c;
const BRACE = 0x7d;

/** Returns a record without its properties. Texts of a prompt are edits of the first two lines of its searched text, if they can be. */
function withoutContents(record: StoredRecord, searchText: string): object {
  // One copy that is changed: each further spread costs as much as its JSON (test/bench/server-answers.mjs).
  const rest: Record<string, unknown> = { ...record, properties: 0 };
  if (record.kind !== 'prompt') return rest;
  const promptEnd = searchText.indexOf('\n');
  const end = promptEnd === -1 ? -1 : searchText.indexOf('\n', promptEnd + 1);
  if (end === -1) return rest;
  const prompt = editsOf(record.prompt, searchText.slice(0, promptEnd));
  const generation = editsOf(record.generation, searchText.slice(promptEnd + 1, end));
  if (prompt) rest['prompt'] = prompt;
  if (generation) rest['generation'] = generation;
  return rest;
}

/** Returns true if the text is how JSON writes a number, a boolean, null, an object or a list. */
function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== 'string' && JSON.stringify(value) === text;
  } catch {
    return false;
  }
}
