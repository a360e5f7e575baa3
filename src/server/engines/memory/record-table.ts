import { evaluationOf, feedbackCode, feedbackTarget } from '../../model/feedback.js';
import { latencyOf, summedTokens, type ModelTokens } from '../../model/measures.js';
import { isPlausible } from '../../model/record-time.js';
import { isError, modelName, ownerIdsOf, type StoredRecord } from '../../model/stored-record.js';
import type { PropertyCondition } from '../../query/record-query.js';
import type { JsonBuffer } from './contents/json-buffer.js';
import { RecordContents, type ContentPlaces } from './contents/record-contents.js';
import { StringInterner } from './string-interner.js';

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
 * Column store. Records have rows, in order of arrival; what is filtered and counted lies in typed arrays with the same row numbers, the
 * contents in {@link RecordContents}. Texts that repeat (users, models, …) are interned, so that a filter compares integers and a count
 * increments an array element.
 *
 * A row number is `seq - base`. Removed records leave empty rows, which readers have to skip: `has(row)` is false there.
 * `node test/bench/server-answers.mjs` measures answers over 100,000 records.
 */
export class RecordTable {
  /** Counts changes to the records, removals included, evictions not. Maintained by the store. */
  revision = 0;
  /** Id of the record in each row; undefined in an empty one. */
  #ids: (string | undefined)[] = [];
  readonly #contents: RecordContents;
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
  /** Names of evaluations. */
  readonly evaluations = new StringInterner();
  /** Labels of evaluations. */
  readonly labels = new StringInterner();
  /** Ids of records that events belong to. */
  readonly owners = new StringInterner();
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
  /** Interned name of the evaluation; 0 for other records. */
  evaluation = new Uint32Array(FIRST_CAPACITY);
  label = new Uint32Array(FIRST_CAPACITY);
  /** Score of the evaluation; NaN without one. */
  score = new Float64Array(FIRST_CAPACITY);
  /** Interned ids of `ownerIdsOf()`: the first. */
  firstOwner = new Uint32Array(FIRST_CAPACITY);
  /** The second. */
  secondOwner = new Uint32Array(FIRST_CAPACITY);
  isError = new Uint8Array(FIRST_CAPACITY);
  /** See `feedbackOfCode()`. */
  feedback = new Uint8Array(FIRST_CAPACITY);
  /** Seconds; NaN for events and if it is unknown. */
  latency = new Float64Array(FIRST_CAPACITY);
  inputTokens = new Uint32Array(FIRST_CAPACITY);
  outputTokens = new Uint32Array(FIRST_CAPACITY);
  totalTokens = new Uint32Array(FIRST_CAPACITY);
  /** 1 if no property is an object. */
  isFlat = new Uint8Array(FIRST_CAPACITY);
  /** Estimated memory. */
  bytes = new Uint32Array(FIRST_CAPACITY);
  #textPlace = new Uint32Array(FIRST_CAPACITY);
  #jsonPlace = new Uint32Array(FIRST_CAPACITY);
  /** Tokens of other models than that of the record, by sequence number: few turns have any. */
  readonly #tokenParts = new Map<number, readonly TokenPart[]>();

  constructor(chunkBytes?: number) {
    this.#contents = new RecordContents({
      ...(chunkBytes !== undefined && { chunkBytes }),
      onMoveText: (seq, place) => (this.#textPlace[this.rowOf(seq)] = place),
      onMoveJson: (seq, place) => (this.#jsonPlace[this.rowOf(seq)] = place),
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

  /** Returns the text in which the record is searched; it has to be there. */
  searchText(row: number): string {
    return this.#contents.readText(this.#textPlace[row] ?? 0);
  }

  /** Calls `onMatch` with each row whose search text contains `text`. */
  findText(text: string, onMatch: (row: number) => void): void {
    this.#contents.findText(text, (seq) => onMatch(this.rowOf(seq)));
  }

  /** Calls `onMatch` with all rows that may meet a condition, and tells whether they do for sure. */
  findProperty(condition: PropertyCondition, onMatch: (row: number, isSure: boolean) => void): void {
    this.#contents.findProperty(condition, (seq, isSure) => {
      const row = this.rowOf(seq);
      onMatch(row, isSure && this.isFlat[row] === 1);
    });
  }

  /** Returns the tokens of a turn by model, if it has several. */
  tokenParts(row: number): readonly TokenPart[] {
    return this.#tokenParts.size === 0 ? NO_PARTS : (this.#tokenParts.get(this.#base + row) ?? NO_PARTS);
  }

  /** Writes a record to the row of its sequence number: after the last row, or over an earlier version. */
  set(record: StoredRecord): void {
    const row = this.rowOf(record.seq);
    if (row === this.#capacity) this.#resize(this.#capacity * 2);
    if (this.has(row)) this.#release(row);
    else this.#count++;
    this.#ids[row] = record.id;
    this.#fill(row, record);
  }

  /** Empties a row. Empty rows at the front are skipped, and from time to time closed up. */
  remove(row: number): void {
    if (!this.has(row)) return;
    this.#count--;
    this.#release(row);
    this.#ids[row] = undefined;
    while (this.#first < this.end && !this.has(this.#first)) this.#first++;
    if (this.#first >= CLOSE_UP_AT && this.#first > this.end / 2) this.#closeUp();
  }

  /** Removes all rows. `nextSeq` is the sequence number of the next record. */
  clear(nextSeq: number): void {
    this.#ids = [];
    this.#contents.clear();
    this.#count = 0;
    this.#base = nextSeq;
    this.#first = 0;
    for (const { names } of this.#namedColumns()) names.clear();
    this.#tokenParts.clear();
  }

  #fill(row: number, record: StoredRecord): void {
    const at = Date.parse(record.timestamp);
    const receivedAt = Date.parse(record.receivedAt);
    this.at[row] = at;
    this.seen[row] = isPlausible(at, receivedAt) ? at : receivedAt;
    this.user[row] = this.users.acquire(record.userId);
    this.thread[row] = this.threads.acquire(record.threadId);
    this.model[row] = this.models.acquire(modelName(record));
    this.event[row] = this.events.acquire(record.kind === 'event' ? record.event : undefined);
    this.tagList[row] = this.tagLists.acquire(
      record.tags.length === 0 ? undefined : JSON.stringify(record.tags),
    );
    this.target[row] = this.targets.acquire(feedbackTarget(record));
    const evaluation = evaluationOf(record);
    this.evaluation[row] = this.evaluations.acquire(evaluation?.name);
    this.label[row] = this.labels.acquire(evaluation?.label);
    this.score[row] = evaluation?.score ?? Number.NaN;
    const [first, second] = ownerIdsOf(record);
    this.firstOwner[row] = this.owners.acquire(first);
    this.secondOwner[row] = this.owners.acquire(second);
    this.isError[row] = isError(record) ? 1 : 0;
    this.feedback[row] = feedbackCode(record);
    this.latency[row] = latencyOf(record) ?? Number.NaN;
    const tokens = summedTokens(record);
    this.inputTokens[row] = tokens.input;
    this.outputTokens[row] = tokens.output;
    this.totalTokens[row] = tokens.total;
    this.isFlat[row] = areFlat(record.properties) ? 1 : 0;
    const { text, json, textLength, jsonLength } = this.#contents.add(record);
    this.#textPlace[row] = text;
    this.#jsonPlace[row] = json;
    // Two bytes for each character, as in a string of any script, and an estimate for the columns.
    this.bytes[row] = 2 * textLength + jsonLength + 600;
    if (tokens.byModel.length > 0) this.#tokenParts.set(record.seq, this.#acquireParts(tokens.byModel));
  }

  #acquireParts(parts: readonly ModelTokens[]): readonly TokenPart[] {
    return parts.map(({ model, input, output }) => ({ model: this.models.acquire(model), input, output }));
  }

  #placesOf(row: number): ContentPlaces {
    return { text: this.#textPlace[row] ?? 0, json: this.#jsonPlace[row] ?? 0 };
  }

  #release(row: number): void {
    this.#contents.remove(this.#base + row, this.#placesOf(row));
    for (const { names, column } of this.#namedColumns()) names.release(column[row] ?? 0);
    for (const { model } of this.tokenParts(row)) this.models.release(model);
    this.#tokenParts.delete(this.#base + row);
  }

  #closeUp(): void {
    const shift = this.#first;
    this.#ids = this.#ids.slice(shift);
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
    this.evaluation = grown(this.evaluation, new Uint32Array(capacity));
    this.label = grown(this.label, new Uint32Array(capacity));
    this.score = grown(this.score, new Float64Array(capacity));
    this.firstOwner = grown(this.firstOwner, new Uint32Array(capacity));
    this.secondOwner = grown(this.secondOwner, new Uint32Array(capacity));
    this.isError = grown(this.isError, new Uint8Array(capacity));
    this.feedback = grown(this.feedback, new Uint8Array(capacity));
    this.latency = grown(this.latency, new Float64Array(capacity));
    this.inputTokens = grown(this.inputTokens, new Uint32Array(capacity));
    this.outputTokens = grown(this.outputTokens, new Uint32Array(capacity));
    this.totalTokens = grown(this.totalTokens, new Uint32Array(capacity));
    this.isFlat = grown(this.isFlat, new Uint8Array(capacity));
    this.bytes = grown(this.bytes, new Uint32Array(capacity));
    this.#textPlace = grown(this.#textPlace, new Uint32Array(capacity));
    this.#jsonPlace = grown(this.#jsonPlace, new Uint32Array(capacity));
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
      this.score,
      this.inputTokens,
      this.outputTokens,
      this.totalTokens,
      this.isFlat,
      this.bytes,
      this.#textPlace,
      this.#jsonPlace,
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
      { names: this.evaluations, column: this.evaluation },
      { names: this.labels, column: this.label },
      { names: this.owners, column: this.firstOwner },
      { names: this.owners, column: this.secondOwner },
    ];
  }
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(column: T, larger: T): T {
  larger.set(column);
  return larger;
}

function areFlat(properties: StoredRecord['properties']): boolean {
  for (const name in properties) if (!isFlat(properties[name])) return false;
  return true;
}

/** Returns true for scalars and lists of scalars. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Array.isArray(value) && value.every((item) => typeof item !== 'object');
}
