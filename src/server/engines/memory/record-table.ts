import { feedbackCode, feedbackTarget } from '../../model/feedback.js';
import { modelName, turnOf, type StoredRecord } from '../../model/stored-record.js';
import { StringInterner } from './string-interner.js';
import type { StoreEntry } from '../record-store.js';

const FIRST_CAPACITY = 1024;
/** Rows at the front that were given up are closed up once there are this many, and more than half of all. */
const CLOSE_UP_AT = 4096;

/**
 * The records in rows, in the order of their arrival, and beside them columns with what is filtered by and counted. A row is
 * `seq - base`; rows that were given up are empty, and are skipped by whoever walks over them.
 */
export class RecordTable {
  #entries: (StoreEntry | undefined)[] = [];
  #capacity = FIRST_CAPACITY;
  #base = 1;
  #first = 0;
  readonly users = new StringInterner();
  readonly threads = new StringInterner();
  readonly models = new StringInterner();
  readonly events = new StringInterner();
  /** Lists of tags, as JSON: few combinations occur. */
  readonly tagLists = new StringInterner();
  /** Ids of records that events give feedback on. */
  readonly targets = new StringInterner();
  /** Milliseconds. */
  at = new Float64Array(FIRST_CAPACITY);
  user = new Uint32Array(FIRST_CAPACITY);
  thread = new Uint32Array(FIRST_CAPACITY);
  /** Of an event that names one as well. */
  model = new Uint32Array(FIRST_CAPACITY);
  /** 0 for prompts. */
  event = new Uint32Array(FIRST_CAPACITY);
  tagList = new Uint32Array(FIRST_CAPACITY);
  target = new Uint32Array(FIRST_CAPACITY);
  isError = new Uint8Array(FIRST_CAPACITY);
  /** As `feedbackOfCode` reads it. */
  feedback = new Uint8Array(FIRST_CAPACITY);
  /** Seconds; NaN when it was not measured, and for events. */
  latency = new Float64Array(FIRST_CAPACITY);
  inputTokens = new Float64Array(FIRST_CAPACITY);
  outputTokens = new Float64Array(FIRST_CAPACITY);

  /** The first row that may be filled. */
  get first(): number {
    return this.#first;
  }

  /** One more than the last row. */
  get end(): number {
    return this.#entries.length;
  }

  /** Number of the record in the first row. */
  get firstSeq(): number {
    return this.#base + this.#first;
  }

  /** Row of the record with this number; it may be empty, or outside. */
  rowOf(seq: number): number {
    return seq - this.#base;
  }

  entry(row: number): StoreEntry | undefined {
    return this.#entries[row];
  }

  /** Puts an entry into the row of its number: a new one at the end, or in place of an earlier one. */
  set(entry: StoreEntry): void {
    const row = this.rowOf(entry.record.seq);
    if (row === this.#capacity) this.#resize(this.#capacity * 2);
    this.#releaseNames(row);
    this.#entries[row] = entry;
    this.#fill(row, entry);
  }

  /** Empties a row, and gives up those at the front that are empty. */
  remove(row: number): void {
    this.#releaseNames(row);
    this.#entries[row] = undefined;
    while (this.#first < this.end && this.#entries[this.#first] === undefined) this.#first++;
    if (this.#first >= CLOSE_UP_AT && this.#first > this.end / 2) this.#closeUp();
  }

  clear(nextSeq: number): void {
    this.#entries = [];
    this.#base = nextSeq;
    this.#first = 0;
    for (const { names } of this.#namedColumns()) names.clear();
  }

  #fill(row: number, { record, at, isError }: StoreEntry): void {
    this.at[row] = at;
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
    this.latency[row] = record.kind === 'prompt' ? (record.latency ?? Number.NaN) : Number.NaN;
    this.inputTokens[row] = tokensOf(record, 'input_tokens');
    this.outputTokens[row] = tokensOf(record, 'output_tokens');
  }

  #releaseNames(row: number): void {
    if (this.#entries[row] === undefined) return;
    for (const { names, column } of this.#namedColumns()) names.release(column[row] ?? 0);
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
  }

  #columns() {
    const named = this.#namedColumns().map(({ column }) => column);
    return [
      ...named,
      this.at,
      this.isError,
      this.feedback,
      this.latency,
      this.inputTokens,
      this.outputTokens,
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

/** Those of a call within a turn are in the record of the turn. */
function tokensOf(record: StoredRecord, name: string): number {
  if (turnOf(record) !== undefined) return 0;
  const value = record.properties[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
