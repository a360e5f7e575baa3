import { evaluationOf, feedbackCode, feedbackTarget, ratingCode } from '../../../model/feedback.js';
import { costOf, toNanoDollars } from '../../../model/cost.js';
import { latencyOf, summedTokens } from '../../../model/measures.js';
import { modelParts, type ModelPart } from '../../../model/model-parts.js';
import { isPlausible } from '../../../model/record-time.js';
import {
  isError,
  modelName,
  ownerIdsOf,
  turnOf,
  type StoredEvent,
  type StoredRecord,
} from '../../../model/stored-record.js';
import { StringInterner } from './string-interner.js';

const FIRST_CAPACITY = 1024;

/** Names of the columns by the type of their arrays. */
const FLOATS = ['at', 'seen', 'score', 'latency', 'nanoDollars'] as const;
const INTEGERS = [
  'user',
  'thread',
  'model',
  'event',
  'tagList',
  'target',
  'evaluation',
  'label',
  'firstOwner',
  'secondOwner',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'pricedCalls',
  'unpricedCalls',
  'bytes',
  'textPlace',
  'jsonPlace',
  'edits',
] as const;
const BYTES = ['isError', 'isCall', 'feedback', 'rating', 'isFlat'] as const;

/**
 * Columns that are filtered and counted, in typed arrays with the same row numbers. Texts that repeat (users, models, …) are interned, so
 * that a filter compares integers and a count increments an array element.
 */
export class RecordColumns {
  #capacity = FIRST_CAPACITY;
  /** Tags of the record that was added last, and their JSON. */
  #lastTags: readonly string[] = [];
  #lastTagList = '';
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
  /** Time of the record if it is plausible, else the time of arrival. */
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
  /** 1 for a call within a turn. */
  isCall = new Uint8Array(FIRST_CAPACITY);
  /** See `feedbackOfCode()`. */
  feedback = new Uint8Array(FIRST_CAPACITY);
  /** See `ratingOfCode()`. */
  rating = new Uint8Array(FIRST_CAPACITY);
  /** Seconds; NaN for events and if it is unknown. */
  latency = new Float64Array(FIRST_CAPACITY);
  inputTokens = new Uint32Array(FIRST_CAPACITY);
  outputTokens = new Uint32Array(FIRST_CAPACITY);
  totalTokens = new Uint32Array(FIRST_CAPACITY);
  /** Billionths of a US dollar. */
  nanoDollars = new Float64Array(FIRST_CAPACITY);
  pricedCalls = new Uint32Array(FIRST_CAPACITY);
  unpricedCalls = new Uint32Array(FIRST_CAPACITY);
  /** 1 if no property is an object. */
  isFlat = new Uint8Array(FIRST_CAPACITY);
  /** Estimated memory. */
  bytes = new Uint32Array(FIRST_CAPACITY);
  /** Places of the contents: see `ContentPlaces`. */
  textPlace = new Uint32Array(FIRST_CAPACITY);
  jsonPlace = new Uint32Array(FIRST_CAPACITY);
  edits = new Uint32Array(FIRST_CAPACITY);

  /**
   * Writes all columns of a row but the places of its contents and `bytes`. There has to be room for it, and it must not be in use. Returns
   * the tokens and costs of a turn by model.
   */
  fill(row: number, record: StoredRecord): readonly ModelPart[] {
    const at = Date.parse(record.timestamp);
    const receivedAt = record.receivedAt === record.timestamp ? at : Date.parse(record.receivedAt);
    this.at[row] = at;
    this.seen[row] = isPlausible(at, receivedAt) ? at : receivedAt;
    this.user[row] = this.users.acquire(record.userId);
    this.thread[row] = this.threads.acquire(record.threadId);
    this.model[row] = this.models.acquire(modelName(record));
    this.tagList[row] = this.#acquireTags(record.tags);
    this.isError[row] = isError(record) ? 1 : 0;
    this.latency[row] = latencyOf(record) ?? Number.NaN;
    const tokens = summedTokens(record);
    this.inputTokens[row] = tokens.input;
    this.outputTokens[row] = tokens.output;
    this.totalTokens[row] = tokens.total;
    const costs = costOf(record);
    this.nanoDollars[row] = toNanoDollars(costs.cost);
    this.pricedCalls[row] = costs.pricedCalls;
    this.unpricedCalls[row] = costs.unpricedCalls;
    this.isFlat[row] = areFlat(record.properties) ? 1 : 0;
    if (record.kind === 'event') this.#fillEvent(row, record);
    else this.#clearEvent(row);
    return modelParts(tokens, costs);
  }

  /** Returns true if a row is a prompt, or an error that left none. */
  isRequest(row: number): boolean {
    return this.event[row] === 0 || this.isError[row] === 1;
  }

  /** Gives up the names of a row. */
  release(row: number): void {
    for (const { names, column } of this.#named()) names.release(column[row] ?? 0);
  }

  /** Makes room for a row, for which all columns are copied; each time, for twice as many. */
  reserve(row: number): void {
    if (row < this.#capacity) return;
    this.#capacity *= 2;
    for (const name of FLOATS) this[name] = grown(this[name], new Float64Array(this.#capacity));
    for (const name of INTEGERS) this[name] = grown(this[name], new Uint32Array(this.#capacity));
    for (const name of BYTES) this[name] = grown(this[name], new Uint8Array(this.#capacity));
  }

  /** Removes the first rows. */
  shift(count: number): void {
    for (const name of [...FLOATS, ...INTEGERS, ...BYTES]) this[name].copyWithin(0, count);
  }

  /** Gives up all names. */
  clear(): void {
    for (const { names } of this.#named()) names.clear();
  }

  #acquireTags(tags: readonly string[]): number {
    if (tags.length === 0) return 0;
    // Records that arrive together have the same tags, mostly.
    const isLast =
      tags.length === this.#lastTags.length && tags.every((tag, at) => tag === this.#lastTags[at]);
    if (!isLast) {
      this.#lastTags = [...tags];
      this.#lastTagList = JSON.stringify(tags);
    }
    return this.tagLists.acquire(this.#lastTagList);
  }

  /** Columns that only events have. */
  #fillEvent(row: number, event: StoredEvent): void {
    const evaluation = evaluationOf(event);
    const [first, second] = ownerIdsOf(event);
    this.event[row] = this.events.acquire(event.event);
    this.target[row] = this.targets.acquire(feedbackTarget(event));
    this.evaluation[row] = this.evaluations.acquire(evaluation?.name);
    this.label[row] = this.labels.acquire(evaluation?.label);
    this.score[row] = evaluation?.score ?? Number.NaN;
    this.firstOwner[row] = this.owners.acquire(first);
    this.secondOwner[row] = this.owners.acquire(second);
    this.feedback[row] = feedbackCode(event);
    this.rating[row] = ratingCode(event);
    this.isCall[row] = turnOf(event) === undefined ? 0 : 1;
  }

  /** The row may have been an event before. */
  #clearEvent(row: number): void {
    this.event[row] = 0;
    this.target[row] = 0;
    this.evaluation[row] = 0;
    this.label[row] = 0;
    this.score[row] = Number.NaN;
    this.firstOwner[row] = 0;
    this.secondOwner[row] = 0;
    this.feedback[row] = 0;
    this.rating[row] = 0;
    this.isCall[row] = 0;
  }

  #named() {
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
