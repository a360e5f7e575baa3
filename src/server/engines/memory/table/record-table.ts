import type { StoredRecord } from '../../../model/stored-record.js';
import type { PropertyCondition } from '../../../query/record-query.js';
import type { JsonBuffer } from '../contents/json-buffer.js';
import { NEW_TEXT, RecordContents, type ContentPlaces } from '../contents/record-contents.js';
import { KeptProperties } from './kept-properties.js';
import { PropertyColumn } from './property-column.js';
import { latestScores, ratedAnswers } from './rated-answers.js';
import { RecordColumns } from './record-columns.js';
import { RowMarks } from './row-marks.js';
import { RowParts, type RowPart } from './row-parts.js';

/** Feedback on answers as of one revision. */
interface AnswerFeedback {
  readonly revision: number;
  ratings?: Uint8Array;
  scores?: readonly number[];
}

/** Records that are listed as not searchable, above twice as many as there are records. */
const MAX_UNFOLDED = 10_000;

/** Empty rows at the front are removed once there are this many, and more than half of all: each removal copies every column. */
const CLOSE_UP_AT = 4096;

/**
 * Column store. Records have rows, in order of arrival; what is filtered and counted lies in {@link RecordColumns} with the same row numbers,
 * the contents in {@link RecordContents}.
 *
 * A row number is `seq - base`. Removed records leave empty rows, which readers have to skip: `has(row)` is false there.
 * `node test/bench/server-answers.mjs` measures answers over 100,000 records.
 */
export class RecordTable extends RecordColumns {
  /** Counts changes to the records, removals included, evictions not. Maintained by the store. */
  revision = 0;
  /** Id of the record in each row; undefined in an empty one. */
  #ids: (string | undefined)[] = [];
  /** Sequence numbers by id. */
  readonly #seqs = new Map<string, number>();
  readonly #contents: RecordContents;
  /** Sequence numbers of records that may not be searchable yet. Some may be removed, or be there twice. */
  #unfolded: number[] = [];
  #base = 1;
  #first = 0;
  #count = 0;
  readonly #parts = new RowParts(this.models);
  readonly #properties = new KeptProperties();

  #feedback: AnswerFeedback = { revision: 0 };

  /** Rows that match queries which were asked for often: see `selectRows`. */
  readonly marks = new RowMarks();

  constructor(chunkBytes?: number) {
    super();
    this.#contents = new RecordContents({
      ...(chunkBytes !== undefined && { chunkBytes }),
      onMoveText: (seq, place) => (this.textPlace[this.rowOf(seq)] = place),
      onMoveJson: (seq, place) => (this.jsonPlace[this.rowOf(seq)] = place),
      onMoveEdits: (seq, edits) => (this.edits[this.rowOf(seq)] = edits),
    });
  }

  /** Number of records. */
  get count(): number {
    return this.#count;
  }

  /** The first row that is not empty, if any is. */
  get first(): number {
    return this.#first;
  }

  /** One more than the last row. */
  get end(): number {
    return this.#ids.length;
  }

  /** Sequence number of the record in row `first`. */
  get firstSeq(): number {
    return this.#base + this.#first;
  }

  /** Returns the row of a sequence number. It may be empty or out of range. */
  rowOf(seq: number): number {
    return seq - this.#base;
  }

  seqOf(row: number): number {
    return this.#base + row;
  }

  has(row: number): boolean {
    return this.#ids[row] !== undefined;
  }

  idOf(row: number): string | undefined {
    return this.#ids[row];
  }

  /** Returns the ids of all records. */
  ids(): Iterable<string> {
    return this.#seqs.keys();
  }

  /** Returns the sequence number of a record; undefined if there is none with this id. */
  seqOfId(id: string): number | undefined {
    return this.#seqs.get(id);
  }

  /** Returns the row of a record; undefined if there is none with this id. */
  rowOfId(id: string): number | undefined {
    const seq = this.#seqs.get(id);
    return seq === undefined ? undefined : this.rowOf(seq);
  }

  /** Returns the record with an id; undefined if there is none. */
  recordOfId(id: string): StoredRecord | undefined {
    const row = this.rowOfId(id);
    return row === undefined ? undefined : this.record(row);
  }

  record(row: number): StoredRecord | undefined {
    return this.has(row) ? this.#contents.read(this.#base + row, this.#placesOf(row)) : undefined;
  }

  /** Returns a record that will probably be read again soon: that of a page. */
  recordOfPage(row: number): StoredRecord | undefined {
    return this.has(row) ? this.#contents.readAndKeep(this.#base + row, this.#placesOf(row)) : undefined;
  }

  /** Adds a record as JSON, which is less work than reading it. Returns false, and adds nothing, if the row is empty. */
  writeJson(row: number, target: JsonBuffer): boolean {
    if (!this.has(row)) return false;
    this.#contents.writeJson(this.#placesOf(row), target);
    return true;
  }

  /** Returns the beginning of a prompt, which is less work than the record: at least `length` characters if it has as many. */
  promptStart(row: number, length: number): string {
    return this.has(row) ? this.#contents.readPromptStart(this.#base + row, this.#placesOf(row), length) : '';
  }

  /**
   * Makes records searchable that were set since, the earliest first, until `isOver` returns true. A search does it for all of them first;
   * done before, it need not wait. Returns true if nothing is left.
   */
  fold(isOver: () => boolean = () => false): boolean {
    if (this.#unfolded.length === 0) return true;
    let done = 0;
    while (done < this.#unfolded.length && !isOver()) this.#fold(this.#unfolded[done++] ?? 0);
    this.#unfolded = this.#unfolded.slice(done);
    return this.#unfolded.length === 0;
  }

  /** Number of records that may not be searchable yet. */
  get unfolded(): number {
    return this.#unfolded.length;
  }

  /** Returns the text in which the record is searched; it has to be there. */
  searchText(row: number): string {
    this.fold();
    return this.#contents.readText(this.textPlace[row] ?? 0);
  }

  /** Calls `onMatch` with each row whose search text contains `text`. */
  findText(text: string, onMatch: (row: number) => void): void {
    this.fold();
    this.#contents.findText(text, (seq) => onMatch(this.rowOf(seq)));
  }

  /** Calls `onMatch` with all rows that may meet a condition, and tells whether they do for sure. */
  findProperty(condition: PropertyCondition, onMatch: (row: number, isSure: boolean) => void): void {
    this.#contents.findProperty(condition, (seq, isSure) => {
      const row = this.rowOf(seq);
      onMatch(row, isSure && this.isFlat[row] === 1);
    });
  }

  /** Returns the texts of a property by row. They are read from the contents at first, and then kept. */
  property(name: string): PropertyColumn {
    return this.#properties.getOrRead(name, this.#count, () => this.#readProperty(name));
  }

  /** Returns the texts of a property if they are kept already; they are not read for a single query. */
  keptProperty(name: string): PropertyColumn | undefined {
    return this.#properties.get(name);
  }

  /** Returns tokens and costs of a turn by model, if it has several. */
  modelParts(row: number): readonly RowPart[] {
    return this.#parts.of(this.#base + row);
  }

  /** Returns {@link ratedAnswers}, kept until a record changes. */
  ratings(): Uint8Array {
    return (this.#feedbackOfNow().ratings ??= ratedAnswers(this));
  }

  /** Returns {@link latestScores}, kept until a record changes. */
  scores(): readonly number[] {
    return (this.#feedbackOfNow().scores ??= latestScores(this));
  }

  /** Writes a record to the row of its sequence number: after the last row, or over an earlier version. */
  set(record: StoredRecord): void {
    const row = this.rowOf(record.seq);
    this.reserve(row);
    if (this.has(row)) this.#giveUp(row);
    else this.#count++;
    this.#ids[row] = record.id;
    this.#seqs.set(record.id, record.seq);
    this.#write(row, record);
  }

  /** Empties a row. Empty rows at the front are skipped, and from time to time closed up. */
  remove(row: number): void {
    const id = this.#ids[row];
    if (id === undefined) return;
    this.#count--;
    this.#giveUp(row);
    this.#seqs.delete(id);
    this.#ids[row] = undefined;
    while (this.#first < this.end && !this.has(this.#first)) this.#first++;
    if (this.#first >= CLOSE_UP_AT && this.#first > this.end / 2) this.#closeUp();
  }

  /** Removes all rows. `nextSeq` is the sequence number of the next record. */
  restart(nextSeq: number): void {
    this.#ids = [];
    this.#seqs.clear();
    this.#unfolded = [];
    this.#contents.clear();
    this.#count = 0;
    this.#base = nextSeq;
    this.#first = 0;
    this.clear();
    this.#parts.clear();
    this.#properties.clear();
    this.marks.clear();
  }

  #write(row: number, record: StoredRecord): void {
    this.marks.update(row, record);
    this.#parts.set(record.seq, this.fill(row, record));
    this.#properties.set(row, record);
    const places = this.#contents.add(record);
    this.#place(row, places);
    // Bounds the list: records that were removed meanwhile stay in it until then.
    if (this.#unfolded.push(record.seq) > 2 * this.#count + MAX_UNFOLDED) this.fold();
    // Two bytes for each character, as in a string of any script, and an estimate for the columns.
    this.bytes[row] = 2 * (places.textLength + places.jsonLength) + 600;
  }

  #fold(seq: number): void {
    const row = this.rowOf(seq);
    const places = this.#placesOf(row);
    if (this.has(row) && places.edits === NEW_TEXT) this.#place(row, this.#contents.fold(seq, places));
  }

  #feedbackOfNow(): AnswerFeedback {
    if (this.#feedback.revision !== this.revision) this.#feedback = { revision: this.revision };
    return this.#feedback;
  }

  #readProperty(name: string): PropertyColumn {
    const column = new PropertyColumn(this.end);
    this.#contents.findValues(name, (seq, bytes, start, end) => {
      const row = this.rowOf(seq);
      // The match can be a property of an object among the properties.
      if (this.isFlat[row] === 1) column.setJson(row, bytes, start, end);
      else column.set(row, this.record(row)?.properties[name]);
    });
    column.finish();
    return column;
  }

  #place(row: number, { text, json, edits }: ContentPlaces): void {
    this.textPlace[row] = text;
    this.jsonPlace[row] = json;
    this.edits[row] = edits;
  }

  #placesOf(row: number): ContentPlaces {
    return {
      text: this.textPlace[row] ?? 0,
      json: this.jsonPlace[row] ?? 0,
      edits: this.edits[row] ?? NEW_TEXT,
    };
  }

  #giveUp(row: number): void {
    this.#contents.remove(this.#base + row, this.#placesOf(row));
    this.release(row);
    this.#parts.remove(this.#base + row);
  }

  #closeUp(): void {
    const shift = this.#first;
    this.#ids = this.#ids.slice(shift);
    this.#base += shift;
    this.#first = 0;
    this.shift(shift);
    this.#properties.shift(shift);
    this.marks.shift(shift);
  }
}
