import type { PropertyCondition } from '../../../query/record-query.js';
import { visitTextsBesideContents } from '../../../model/search-text.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import { ByteChunks, type Place } from './byte-chunks.js';
import { JsonBuffer } from './json-buffer.js';
import { endOfValue, isNull } from './json-values.js';
import { RecordShapes, type ShapeField } from './record-shapes.js';
import { SearchTextBuffer } from './search-text-buffer.js';
import { CountReader, CountWriter } from './text-edits.js';

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
/** Bytes of a UTF-16 code unit in UTF-8, at most. */
const MAX_UNIT_BYTES = 3;

const [NEWLINE, OPENING_BRACE, COMMA, CLOSING_BRACE] = [0x0a, 0x7b, 0x2c, 0x7d];

/** A record's parts, as places in the bytes of its JSON and of its searched text. */
interface Parts {
  readonly stored: Buffer;
  readonly searched: Buffer;
  readonly shape: readonly ShapeField[];
  /** Undefined if the text is among the values. */
  readonly promptEdits: CountReader | undefined;
  readonly answerEdits: CountReader | undefined;
  readonly firstValue: number;
}

/**
 * The contents of records, outside of the JavaScript heap: the text that is searched, and JSON of everything else. Prompt and answer are
 * not in the JSON: they are made of the searched text by edits, which restore capitals and line breaks.
 *
 * The JSON is a list of the record's values. Before it stand counts: the number of the record's shape, the bytes of the edits of prompt and
 * answer, plus 1, or 0 without edits; and the edits.
 */
export class RecordContents {
  readonly #texts: ByteChunks;
  readonly #jsons: ByteChunks;
  /** By sequence number. */
  readonly #kept = new Map<number, StoredRecord>();
  readonly #shapes = new RecordShapes();
  readonly #searched = new SearchTextBuffer();
  readonly #addLine = (text: string): void => this.#searched.addLine(text);
  readonly #counts = new CountWriter();
  readonly #line = new JsonBuffer();

  constructor({ chunkBytes, onMoveText, onMoveJson }: RecordContentsOptions) {
    const size = chunkBytes === undefined ? {} : { chunkBytes };
    this.#texts = new ByteChunks({ ...size, onMove: onMoveText });
    this.#jsons = new ByteChunks({ ...size, onMove: onMoveJson });
  }

  /** Lengths are in UTF-16 code units. */
  add(record: StoredRecord): ContentPlaces & { readonly textLength: number; readonly jsonLength: number } {
    const searched = this.#searched;
    searched.clear(this.#texts.open());
    const isPrompt = record.kind === 'prompt';
    const promptEdits = isPrompt ? searched.addText(record.prompt) : -1;
    const answerEdits = isPrompt ? searched.addText(record.generation) : -1;
    visitTextsBesideContents(record, this.#addLine);
    const { number, values } = this.#shapes.valuesOf(record, promptEdits === -1, answerEdits === -1);
    const json = JSON.stringify(values);
    const counts = this.#counts;
    counts.end = 0;
    counts.add(number);
    counts.add(promptEdits + 1);
    counts.add(answerEdits + 1);
    const { edits, endInTarget } = searched;
    const text =
      endInTarget === undefined
        ? this.#texts.addBytes(record.seq, searched.bytes)
        : this.#texts.close(record.seq, endInTarget);
    const place = this.#jsons.add(record.seq, json, counts, edits);
    const jsonLength = counts.end + edits.end + json.length;
    return { text, json: place, textLength: searched.length, jsonLength };
  }

  /** Reads a record that will probably be read again soon. */
  readAndKeep(seq: number, places: ContentPlaces): StoredRecord {
    const record = this.read(seq, places);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(seq, record);
    return record;
  }

  read(seq: number, places: ContentPlaces): StoredRecord {
    const kept = this.#kept.get(seq);
    if (kept) return kept;
    this.#line.clear();
    this.writeJson(places, this.#line);
    return JSON.parse(this.#line.bytes.toString()) as StoredRecord;
  }

  /** Adds a record to `target`, as `JSON.stringify()` writes it. */
  writeJson(places: ContentPlaces, target: JsonBuffer): void {
    const { stored, searched, shape, promptEdits, answerEdits, firstValue } = this.#partsOf(places);
    const endOfPrompt = promptEdits || answerEdits ? endOfLine(searched, 0) : 0;
    let [at, separator] = [firstValue, OPENING_BRACE];
    for (const { name, key } of shape) {
      const end = endOfValue(stored, at);
      // JSON has null in place of undefined, and no field of a record is null.
      if (!isNull(stored, at, end)) {
        target.addByte(separator);
        separator = COMMA;
        target.add(key, 0, key.length);
        if (name === 'prompt' && promptEdits) target.addText(searched, 0, endOfPrompt, promptEdits);
        else if (name === 'generation' && answerEdits) {
          const start = endOfPrompt + 1;
          target.addText(searched, start, endOfLine(searched, start), answerEdits);
        } else target.add(stored, at, end);
      }
      at = end + 1;
    }
    target.addByte(CLOSING_BRACE);
  }

  /** Returns the beginning of a prompt: at least `length` characters if it has as many. */
  readPromptStart(seq: number, places: ContentPlaces, length: number): string {
    const { searched, promptEdits } = this.#partsOf(places);
    if (!promptEdits) {
      const record = this.read(seq, places);
      return record.kind === 'prompt' ? record.prompt : '';
    }
    const end = Math.min(endOfLine(searched, 0), MAX_UNIT_BYTES * (length + 1));
    this.#line.clear();
    this.#line.addText(searched, 0, end, promptEdits);
    return JSON.parse(this.#line.bytes.toString()) as string;
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
      this.#jsons.find(Buffer.from(key + value), (seq, bytes, end) => {
        const next = bytes[end];
        // 1 is also the beginning of 12.
        onMatch(seq, next === COMMA || next === CLOSING_BRACE);
      });
    }
  }

  /**
   * Calls `onValue` for the records that have a property of this name, with the bytes that its JSON lies in, and the JSON's place. Of a record
   * that has objects among its properties, it may be the value of a property within one of them.
   */
  findValues(name: string, onValue: (seq: number, bytes: Buffer, start: number, end: number) => void): void {
    this.#jsons.find(Buffer.from(`${JSON.stringify(name)}:`), (seq, bytes, start) =>
      onValue(seq, bytes, start, endOfValue(bytes, start)),
    );
  }

  #partsOf({ text, json }: ContentPlaces): Parts {
    const stored = this.#jsons.bytesAt(json);
    const counts = new CountReader(stored, 0, stored.length);
    const shape = this.#shapes.fieldsOf(counts.next());
    const [promptBytes, answerBytes] = [counts.next(), counts.next()];
    const endOfPrompt = counts.at + Math.max(0, promptBytes - 1);
    const endOfAnswer = endOfPrompt + Math.max(0, answerBytes - 1);
    return {
      stored,
      searched: this.#texts.bytesAt(text),
      shape,
      promptEdits: promptBytes === 0 ? undefined : new CountReader(stored, counts.at, endOfPrompt),
      answerEdits: answerBytes === 0 ? undefined : new CountReader(stored, endOfPrompt, endOfAnswer),
      // After the opening bracket of the list.
      firstValue: endOfAnswer + 1,
    };
  }
}

function endOfLine(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(NEWLINE, start);
  return end === -1 ? bytes.length : end;
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
