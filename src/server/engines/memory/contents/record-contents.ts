import type { PropertyCondition } from '../../../query/record-query.js';
import { visitTextsBesideContents } from '../../../model/search-text.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import { ByteChunks, type Place } from './byte-chunks.js';
import { JsonBuffer } from './json-buffer.js';
import { endOfValue, isNull } from './json-values.js';
import { RecordShapes, type ShapeField } from './record-shapes.js';
import { SearchTextBuffer } from './search-text-buffer.js';
import { CountReader, CountWriter } from './text-edits.js';
import { isWellFormed } from './utf-8.js';

/** Places of one record. */
export interface ContentPlaces {
  readonly text: Place;
  readonly json: Place;
  /** {@link NEW_TEXT}, {@link NO_EDITS}, or the place of the edits plus 1. */
  readonly edits: number;
}

/** In place of the edits of a record whose text is not searchable yet. */
export const NEW_TEXT = 0;
/** In place of the edits of a record that has neither prompt nor answer. */
const NO_EDITS = 0xff_ff_ff_ff;

export interface RecordContentsOptions {
  readonly chunkBytes?: number;
  readonly onMoveText: (seq: number, place: Place) => void;
  readonly onMoveJson: (seq: number, place: Place) => void;
  readonly onMoveEdits: (seq: number, edits: number) => void;
}

/**
 * Records of the pages that were read last, as objects. Not those that were put last: objects that live for a while and are then dropped
 * by the thousand fill the heap with garbage, a quarter of the memory of 100,000 records.
 */
const MAX_KEPT = 500;
/** Bytes of a UTF-16 code unit in UTF-8, at most. */
const MAX_UNIT_BYTES = 3;

const [NEWLINE, QUOTE, OPENING_BRACE, COMMA, CLOSING_BRACE] = [0x0a, 0x22, 0x7b, 0x2c, 0x7d];
/** Ends the prompt in a text that is not searchable yet. No byte of UTF-8 has this value. */
const END_OF_PROMPT = 0xfe;
/** Texts of a record that are among the values of its JSON. */
const [PROMPT_IN_JSON, ANSWER_IN_JSON] = [1, 2];

/** A record's parts, as places in the bytes of its JSON and of its text. */
interface Parts {
  readonly stored: Buffer;
  readonly shape: readonly ShapeField[];
  readonly firstValue: number;
  /** Undefined if the text is among the values. */
  readonly prompt: EditedText | undefined;
  readonly answer: EditedText | undefined;
}

/** A text in its searchable form, with the edits that make it. */
interface EditedText {
  readonly lines: Buffer;
  readonly start: number;
  readonly end: number;
  /** The text itself as JSON, if edits cannot make it: no byte of edits is a quote. */
  readonly edits: CountReader;
}

/**
 * The contents of records, outside of the JavaScript heap: prompt and answer, and JSON of everything else.
 *
 * What a put adds is not searchable yet: prompt and answer are bytes as they came. `fold()` makes the text that is searched of them, of which
 * edits make prompt and answer again: they restore capitals and line breaks. That takes longer than the put, which need not wait for it.
 *
 * The JSON is a list of the record's values. Before it stand the number of the record's shape, and which texts are among the values.
 */
export class RecordContents {
  /** Prompts and answers as they came. */
  readonly #newTexts: ByteChunks;
  /** Searched text. */
  readonly #texts: ByteChunks;
  readonly #jsons: ByteChunks;
  /** Edits that make prompt and answer of the searched text: the length of the prompt's edits, these, and those of the answer. */
  readonly #edits: ByteChunks;
  /** By sequence number. */
  readonly #kept = new Map<number, StoredRecord>();
  readonly #shapes = new RecordShapes();
  readonly #searched = new SearchTextBuffer();
  readonly #addLine = (text: string): void => this.#searched.addLine(text);
  readonly #counts = new CountWriter();
  readonly #line = new JsonBuffer();

  constructor({ chunkBytes, onMoveText, onMoveJson, onMoveEdits }: RecordContentsOptions) {
    const size = chunkBytes === undefined ? {} : { chunkBytes };
    this.#newTexts = new ByteChunks({ ...size, onMove: onMoveText });
    this.#texts = new ByteChunks({ ...size, onMove: onMoveText });
    this.#jsons = new ByteChunks({ ...size, onMove: onMoveJson });
    this.#edits = new ByteChunks({ ...size, onMove: (seq, place) => onMoveEdits(seq, place + 1) });
  }

  /** Adds a record that is not searchable yet: see `fold`. Lengths are in UTF-16 code units. */
  add(record: StoredRecord): ContentPlaces & { readonly textLength: number; readonly jsonLength: number } {
    let [prompt, answer, inJson] = ['', '', PROMPT_IN_JSON | ANSWER_IN_JSON];
    if (record.kind === 'prompt') {
      ({ prompt, generation: answer } = record);
      // A lone surrogate has no UTF-8.
      inJson = (isWellFormed(prompt) ? 0 : PROMPT_IN_JSON) | (isWellFormed(answer) ? 0 : ANSWER_IN_JSON);
    }
    const { number, values } = this.#shapes.valuesOf(
      record,
      (inJson & PROMPT_IN_JSON) !== 0,
      (inJson & ANSWER_IN_JSON) !== 0,
    );
    const json = JSON.stringify(values);
    const counts = this.#counts;
    counts.end = 0;
    counts.add(number);
    counts.add(inJson);
    return {
      text: this.#newTexts.addTwo(record.seq, prompt, END_OF_PROMPT, answer),
      json: this.#jsons.add(record.seq, json, counts),
      edits: NEW_TEXT,
      textLength: prompt.length + answer.length,
      jsonLength: json.length,
    };
  }

  /** Makes a new record searchable. Returns its new places. */
  fold(seq: number, { text, json }: ContentPlaces): ContentPlaces {
    const { prompt, answer, ...parts } = this.#partsOf({ text, json, edits: NEW_TEXT });
    const record = valuesOf(parts);
    const searched = this.#searched;
    searched.clear(this.#texts.open());
    let edits = NO_EDITS;
    if (record.kind === 'prompt') {
      const promptEdits = this.#foldText(prompt, record.prompt);
      const answerEdits = this.#foldText(answer, record.generation);
      const counts = this.#counts;
      counts.end = 0;
      counts.add(promptEdits.length);
      edits = this.#edits.addBytes(seq, Buffer.concat([counts.bytes, promptEdits, answerEdits])) + 1;
    }
    visitTextsBesideContents(record, this.#addLine);
    const end = searched.endInTarget;
    const place = end === undefined ? this.#texts.addBytes(seq, searched.bytes) : this.#texts.close(seq, end);
    this.#newTexts.remove(text);
    return { text: place, json, edits };
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
    const { stored, shape, prompt, answer, firstValue } = this.#partsOf(places);
    let [at, separator] = [firstValue, OPENING_BRACE];
    for (const { name, key } of shape) {
      const end = endOfValue(stored, at);
      // JSON has null in place of undefined, and no field of a record is null.
      if (!isNull(stored, at, end)) {
        target.addByte(separator);
        separator = COMMA;
        target.add(key, 0, key.length);
        if (name === 'prompt' && prompt) addText(target, prompt);
        else if (name === 'generation' && answer) addText(target, answer);
        else target.add(stored, at, end);
      }
      at = end + 1;
    }
    target.addByte(CLOSING_BRACE);
  }

  /** Returns the beginning of a prompt: at least `length` characters if it has as many. */
  readPromptStart(seq: number, places: ContentPlaces, length: number): string {
    const { prompt } = this.#partsOf(places);
    if (!prompt) {
      const record = this.read(seq, places);
      return record.kind === 'prompt' ? record.prompt : '';
    }
    const end = Math.min(prompt.end, MAX_UNIT_BYTES * (length + 1));
    this.#line.clear();
    addText(this.#line, { ...prompt, end });
    return JSON.parse(this.#line.bytes.toString()) as string;
  }

  /** Returns the text in which a record is searched that is not new any more. */
  readText(place: Place): string {
    return this.#texts.read(place);
  }

  remove(seq: number, { text, json, edits }: ContentPlaces): void {
    if (edits === NEW_TEXT) this.#newTexts.remove(text);
    else this.#texts.remove(text);
    if (edits !== NEW_TEXT && edits !== NO_EDITS) this.#edits.remove(edits - 1);
    this.#jsons.remove(json);
    this.#kept.delete(seq);
  }

  clear(): void {
    for (const chunks of [this.#newTexts, this.#texts, this.#jsons, this.#edits]) chunks.clear();
    this.#kept.clear();
  }

  /** Calls `onMatch` for each record in whose searched text `text` occurs. New records have none yet. */
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

  #partsOf({ text, json, edits }: ContentPlaces): Parts {
    const stored = this.#jsons.bytesAt(json);
    const counts = new CountReader(stored, 0, stored.length);
    const shape = this.#shapes.fieldsOf(counts.next());
    const inJson = counts.next();
    const isNew = edits === NEW_TEXT;
    const lines = isNew ? this.#newTexts.bytesAt(text) : this.#texts.bytesAt(text);
    const endOfPrompt = endOfLine(lines, 0, isNew ? END_OF_PROMPT : NEWLINE);
    const start = endOfPrompt + 1;
    const end = isNew ? lines.length : endOfLine(lines, start, NEWLINE);
    const made = isNew || edits === NO_EDITS ? UNEDITED : this.#editsAt(edits - 1);
    return {
      stored,
      shape,
      // After the opening bracket of the list.
      firstValue: counts.at + 1,
      prompt:
        (inJson & PROMPT_IN_JSON) === 0
          ? { lines, start: 0, end: endOfPrompt, edits: made.prompt }
          : undefined,
      answer: (inJson & ANSWER_IN_JSON) === 0 ? { lines, start, end, edits: made.answer } : undefined,
    };
  }

  #editsAt(place: Place): { readonly prompt: CountReader; readonly answer: CountReader } {
    const bytes = this.#edits.bytesAt(place);
    const counts = new CountReader(bytes, 0, bytes.length);
    const length = counts.next();
    const middle = counts.at + length;
    return {
      prompt: new CountReader(bytes, counts.at, middle),
      answer: new CountReader(bytes, middle, bytes.length),
    };
  }

  /** Adds a line of the searched text. Returns the bytes that make the text of it: its edits, or the text itself as JSON. */
  #foldText(text: EditedText | undefined, inJson: string): Buffer {
    const searched = this.#searched;
    if (!text) {
      searched.addLine(inJson);
      return NOTHING;
    }
    const { lines, start, end } = text;
    const count = searched.addBytes(lines, start, end);
    if (count === -1) return Buffer.from(JSON.stringify(lines.toString('utf8', start, end)));
    const { bytes } = searched.edits;
    return bytes.subarray(bytes.length - count);
  }
}

const NOTHING = Buffer.alloc(0);
const NONE = new CountReader(NOTHING, 0, 0);
const UNEDITED = { prompt: NONE, answer: NONE };

/** Reads the values of a record. Those that are kept elsewhere are 0. */
function valuesOf({
  stored,
  shape,
  firstValue,
}: Pick<Parts, 'stored' | 'shape' | 'firstValue'>): StoredRecord {
  const values = JSON.parse(stored.toString('utf8', firstValue - 1)) as readonly unknown[];
  const record: Record<string, unknown> = {};
  for (const [at, { name }] of shape.entries()) record[name] = values[at];
  return record as unknown as StoredRecord;
}

/** Adds a text as JSON. */
function addText(target: JsonBuffer, { lines, start, end, edits }: EditedText): void {
  if (edits.at < edits.end && edits.bytes[edits.at] === QUOTE) target.add(edits.bytes, edits.at, edits.end);
  else target.addText(lines, start, end, edits);
}

function endOfLine(bytes: Buffer, start: number, lineEnd: number): number {
  const end = bytes.indexOf(lineEnd, start);
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
