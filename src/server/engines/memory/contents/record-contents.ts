import type { PropertyCondition } from '../../../query/record-query.js';
import { textsBesideContents } from '../../../model/search-text.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import { ByteChunks, type Place } from './byte-chunks.js';
import { SearchTextBuffer } from './search-text-buffer.js';
import { withEdits, type TextEdits } from './text-edits.js';

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

/**
 * Records of the pages that were read last, as objects. Not those that were put last: objects that live for a while and are then dropped
 * by the thousand fill the heap with garbage, a quarter of the memory of 100,000 records.
 */
const MAX_KEPT = 500;

/**
 * The contents of records, outside of the JavaScript heap: the text that is searched, and JSON of everything else. Prompt and answer are
 * not in the JSON: they are read from the searched text, and what it lacks, capitals and line breaks, is in the JSON.
 *
 * The JSON is that of the properties, a line break, and a list: the number of the record's shape, and its values. A shape is the names of a
 * record's fields, of which there are few: repeated in each record, they would be a third of its JSON.
 */
export class RecordContents {
  readonly #texts: ByteChunks;
  readonly #jsons: ByteChunks;
  /** By sequence number. */
  readonly #kept = new Map<number, StoredRecord>();
  readonly #shapes: (readonly string[])[] = [];
  readonly #shapeNumbers = new Map<string, number>();
  /** Shape of the record that was added last, and its number. */
  #lastShape: readonly string[] = [];
  #lastNumber = -1;
  readonly #searched = new SearchTextBuffer();

  constructor({ chunkBytes, onMoveText, onMoveJson }: RecordContentsOptions) {
    const size = chunkBytes === undefined ? {} : { chunkBytes };
    this.#texts = new ByteChunks({ ...size, onMove: onMoveText });
    this.#jsons = new ByteChunks({ ...size, onMove: onMoveJson });
  }

  /** Lengths are in UTF-16 code units. */
  add(record: StoredRecord): ContentPlaces & { readonly textLength: number; readonly jsonLength: number } {
    const searched = this.#searched;
    searched.clear();
    const isPrompt = record.kind === 'prompt';
    const prompt = isPrompt ? searched.addLine(record.prompt) : undefined;
    const generation = isPrompt ? searched.addLine(record.generation) : undefined;
    for (const text of textsBesideContents(record)) searched.addLine(text);
    const values = this.#valuesOf(record, prompt, generation);
    const json = `${JSON.stringify(record.properties)}\n${JSON.stringify(values)}`;
    const text = this.#texts.addBytes(record.seq, searched.bytes);
    const place = this.#jsons.add(record.seq, json);
    return { text, json: place, textLength: searched.length, jsonLength: json.length };
  }

  /** Reads a record that will probably be read again soon. */
  readAndKeep(seq: number, places: ContentPlaces): StoredRecord {
    const record = this.read(seq, places);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(seq, record);
    return record;
  }

  read(seq: number, { text, json }: ContentPlaces): StoredRecord {
    const kept = this.#kept.get(seq);
    if (kept) return kept;
    const stored = this.#jsons.read(json);
    const end = stored.indexOf('\n');
    const record = this.#parse(stored.slice(end + 1));
    record['properties'] = JSON.parse(stored.slice(0, end));
    const [prompt, generation] = [record['prompt'], record['generation']];
    if (typeof prompt === 'object' || typeof generation === 'object') {
      const [promptLine = '', generationLine = ''] = this.#texts.read(text).split('\n', 2);
      if (typeof prompt === 'object') record['prompt'] = withEdits(promptLine, prompt as TextEdits);
      if (typeof generation === 'object')
        record['generation'] = withEdits(generationLine, generation as TextEdits);
    }
    return record as unknown as StoredRecord;
  }

  /** Returns the prompt alone; undefined for an event. */
  readPrompt({ text, json }: ContentPlaces): string | undefined {
    const stored = this.#jsons.read(json);
    const values = JSON.parse(stored.slice(stored.indexOf('\n') + 1)) as [number, ...unknown[]];
    const index = this.#shapes[values[0]]?.indexOf('prompt') ?? -1;
    const prompt = index === -1 ? undefined : (values[index + 1] as string | TextEdits);
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
    this.#kept.delete(seq);
  }

  clear(): void {
    this.#texts.clear();
    this.#jsons.clear();
    this.#kept.clear();
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
    const key = `${JSON.stringify(name)}:`;
    for (const value of values) {
      this.#jsons.find(Buffer.from(key + JSON.stringify(value)), (seq) => onMatch(seq, true));
      if (!isJson(value)) continue;
      this.#jsons.find(Buffer.from(key + value), (seq, next) => {
        // 1 is also the beginning of 12.
        onMatch(seq, next === COMMA || next === BRACE);
      });
    }
  }

  /** Returns the number of the record's shape, and its values, with edits in place of texts. */
  #valuesOf(record: StoredRecord, prompt?: TextEdits, generation?: TextEdits): unknown[] {
    const fields = record as unknown as Readonly<Record<string, unknown>>;
    const values: unknown[] = [0];
    // Records that arrive together have one shape, mostly: their names are compared, in place of a key that has to be built.
    let isLast = true;
    for (const name in fields) {
      isLast &&= this.#lastShape[values.length - 1] === name;
      if (name === 'properties') values.push(0);
      else if (name === 'prompt') values.push(prompt ?? fields[name]);
      else values.push(name === 'generation' ? (generation ?? fields[name]) : fields[name]);
    }
    if (!isLast || values.length - 1 !== this.#lastShape.length) this.#lastNumber = this.#shapeOf(fields);
    this.#lastShape = this.#shapes[this.#lastNumber] ?? [];
    values[0] = this.#lastNumber;
    return values;
  }

  #shapeOf(record: object): number {
    const names = Object.keys(record);
    const key = names.join();
    const known = this.#shapeNumbers.get(key);
    if (known !== undefined) return known;
    this.#shapeNumbers.set(key, this.#shapes.length);
    return this.#shapes.push(names) - 1;
  }

  #parse(json: string): Record<string, unknown> {
    const [shape, ...values] = JSON.parse(json) as [number, ...unknown[]];
    const record: Record<string, unknown> = {};
    // JSON has null in place of undefined, and no field of a record is null.
    for (const [index, name] of (this.#shapes[shape] ?? []).entries())
      if (values[index] !== null) record[name] = values[index];
    return record;
  }
}

const COMMA = 0x2c;
const BRACE = 0x7d;

/** Returns true if the text is how JSON writes a number, a boolean, null, an object or a list. */
function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== 'string' && JSON.stringify(value) === text;
  } catch {
    return false;
  }
}
