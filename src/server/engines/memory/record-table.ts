import { feedbackCode, feedbackTarget } from '../../model/feedback.js';
import { latencyOf, summedTokens, type ModelTokens } from '../../model/measures.js';
import { isTimePlausible } from '../../model/record-time.js';
import { modelName, type StoredRecord } from '../../model/stored-record.js';
import { StringInterner } from './string-interner.js';

/** A record with what filters and searches need of it, computed once. */
export interface TableEntry {
  readonly record: StoredRecord;
  /** `RecordTable.revision` when it was stored or replaced. */
  readonly revision: number;
  /** `record.timestamp` in milliseconds. */
  readonly at: number;
  readonly searchText: string;
  /** True if the record counts as an error. */
  readonly isError: boolean;
}

/** Tokens that an interned model used in a turn of several models. They are included in those of its row. */
export interface TokenPart {
  readonly model: number;
  readonly input: number;
  readonly output: number;
}

const NO_PARTS: readonly TokenPart[] = [];

const FIRST_CAPACITY = 1024;
/** Empty rows at the front are removed once there are this many, and more than half of all: each removal copies every column. */
const CLOSE_UP_AT = 4096;

/**
 * Column store. Records lie in rows, in order of arrival; what is filtered and counted lies in typed arrays with the same row numbers.
 * Texts that repeat (users, models, …) are interned, so that a filter compares integers and a count increments an array element.
 *
 * A row number is `seq - base`. Removed records leave empty rows, which readers have to skip: `entry(row)` is undefined there.
 * `node test/bench/server.mjs` measures intake and answers over 100,000 records.
 */
export class RecordTable {
  /** Counts changes to the records, removals included, evictions not. Maintained by the store. */
  revision = 0;
  #entries: (TableEntry | undefined)[] = [];
  #capacity = FIRST_CAPACITY;
  #base = 1;
  #first = 0;
  #count = 0;
  readonly users = new StringInterner();
  readonly threads = new StringInterner();
  readonly models = new StringInterner();
  readonly events = new StringInterner();
  /** JSON of tag lists: few combinations occur. */
  readonly tagLists = new StringInterner();
  /** Ids of records that events give feedback on. */
  readonly targets = new StringInterner();
  /** Milliseconds since 1970. */
  at = new Float64Array(FIRST_CAPACITY);
  /** The same if the time is plausible, else the time of arrival. */
  seen = new Float64Array(FIRST_CAPACITY);
  user = new Uint32Array(FIRST_CAPACITY);
  thread = new Uint32Array(FIRST_CAPACITY);
  /** Interned `modelName()`. */
  model = new Uint32Array(FIRST_CAPACITY);
  /** Interned name of the event; 0 for prompts. */
  event = new Uint32Array(FIRST_CAPACITY);
  tagList = new Uint32Array(FIRST_CAPACITY);
  target = new Uint32Array(FIRST_CAPACITY);
  isError = new Uint8Array(FIRST_CAPACITY);
  /** See `feedbackOfCode()`. */
  feedback = new Uint8Array(FIRST_CAPACITY);
  /** Seconds; NaN for events and if it is unknown. */
  latency = new Float64Array(FIRST_CAPACITY);
  inputTokens = new Float64Array(FIRST_CAPACITY);
  outputTokens = new Float64Array(FIRST_CAPACITY);
  totalTokens = new Float64Array(FIRST_CAPACITY);
  /** Tokens of other models than that of the record, by sequence number: few turns have any. */
  readonly #tokenParts = new Map<number, readonly TokenPart[]>();

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
    return this.#entries.length;
  }

  /** Sequence number of the record in row `first`. */
  get firstSeq(): number {
    return this.#base + this.#first;
  }

  /** Returns the row of a sequence number. It may be empty or out of range. */
  rowOf(seq: number): number {
    return seq - this.#base;
  }

  entry(row: number): TableEntry | undefined {
    return this.#entries[row];
  }

  /** Returns the tokens of a turn by model, if it has several. */
  tokenParts(row: number): readonly TokenPart[] {
    return this.#tokenParts.size === 0 ? NO_PARTS : (this.#tokenParts.get(this.#base + row) ?? NO_PARTS);
  }

  /** Writes an entry to the row of its sequence number: after the last row, or over an earlier version. */
  set(entry: TableEntry): void {
    const row = this.rowOf(entry.record.seq);
    if (row === this.#capacity) this.#resize(this.#capacity * 2);
    if (this.#entries[row] === undefined) this.#count++;
    this.#releaseNames(row);
    this.#entries[row] = entry;
    this.#fill(row, entry);
  }

  /** Empties a row. Empty rows at the front are skipped, and from time to time closed up. */
  remove(row: number): void {
    if (this.#entries[row] !== undefined) this.#count--;
    this.#releaseNames(row);
    this.#entries[row] = undefined;
    while (this.#first < this.end && this.#entries[this.#first] === undefined) this.#first++;
    if (this.#first >= CLOSE_UP_AT && this.#first > this.end / 2) this.#closeUp();
  }

  /** Removes all rows. `nextSeq` is the sequence number of the next record. */
  clear(nextSeq: number): void {
    this.#entries = [];
    this.#count = 0;
    this.#base = nextSeq;
    this.#first = 0;
    for (const { names } of this.#namedColumns()) names.clear();
    this.#tokenParts.clear();
  }

  #fill(row: number, { record, at, isError }: TableEntry): void {
    this.at[row] = at;
    this.seen[row] = isTimePlausible(record) ? at : Date.parse(record.receivedAt);
    this.user[row] = this.users.acquire(record.userId);
    this.thread[row] = this.threads.acquire(record.threadId);
    this.model[row] = this.models.acquire(modelName(record));
    this.event[row] = this.events.acquire(record.kind === 'event' ? record.event : undefined);
    this.tagList[row] = this.tagLists.acquire(
      record.tags.length === 0 ? undefined : JSON.stringify(record.tags),
    );
    this.target[row] = this.targets.acquire(feedbackTarget(record));
    this.isError[row] = isError ? 1 : 0;
    this.feedback[row] = feedbackCode(record);
    this.latency[row] = latencyOf(record) ?? Number.NaN;
    const tokens = summedTokens(record);
    this.inputTokens[row] = tokens.input;
    this.outputTokens[row] = tokens.output;
    this.totalTokens[row] = tokens.total;
    if (tokens.byModel.length > 0) this.#tokenParts.set(record.seq, this.#acquireParts(tokens.byModel));
  }

  #acquireParts(parts: readonly ModelTokens[]): readonly TokenPart[] {
    return parts.map(({ model, input, output }) => ({ model: this.models.acquire(model), input, output }));
  }

  #releaseNames(row: number): void {
    if (this.#entries[row] === undefined) return;
    for (const { names, column } of this.#namedColumns()) names.release(column[row] ?? 0);
    for (const { model } of this.tokenParts(row)) this.models.release(model);
    this.#tokenParts.delete(this.#base + row);
  }

  #closeUp(): void {
    const shift = this.#first;
    this.#entries = this.#entries.slice(shift);
    this.#base += shift;
    this.#first = 0;
    for (const column of this.#columns()) column.copyWithin(0, shift);
  }

  #resize(capacity: number): void {
    this.#capacity = capacity;
    this.at = grown(this.at, new Float64Array(capacity));
    this.seen = grown(this.seen, new Float64Array(capacity));
    this.user = grown(this.user, new Uint32Array(capacity));
    this.thread = grown(this.thread, new Uint32Array(capacity));
    this.model = grown(this.model, new Uint32Array(capacity));
    this.event = grown(this.event, new Uint32Array(capacity));
    this.tagList = grown(this.tagList, new Uint32Array(capacity));
    this.target = grown(this.target, new Uint32Array(capacity));
    this.isError = grown(this.isError, new Uint8Array(capacity));
    this.feedback = grown(this.feedback, new Uint8Array(capacity));
    this.latency = grown(this.latency, new Float64Array(capacity));
    this.inputTokens = grown(this.inputTokens, new Float64Array(capacity));
    this.outputTokens = grown(this.outputTokens, new Float64Array(capacity));
    this.totalTokens = grown(this.totalTokens, new Float64Array(capacity));
  }

  #columns() {
    const named = this.#namedColumns().map(({ column }) => column);
    return [
      ...named,
      this.at,
      this.seen,
      this.isError,
      this.feedback,
      this.latency,
      this.inputTokens,
      this.outputTokens,
      this.totalTokens,
    ];
  }

  #namedColumns() {
    return [
      { names: this.users, column: this.user },
      { names: this.threads, column: this.thread },
      { names: this.models, column: this.model },
      { names: this.events, column: this.event },
      { names: this.tagLists, column: this.tagList },
      { names: this.targets, column: this.target },
    ];
  }
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(column: T, larger: T): T {
  larger.set(column);
  return larger;
}
