import type { RecordList } from '../../engines/memory/list-records.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { get } from './api.js';
import { FeedbackIndex } from './feedback-index.js';
import { LiveEvents, type Connection } from './live-events.js';

/** What a row can show of a text. */
const PREVIEW = 300;
const PAGE = 200;
/** A page that is open all day keeps no more rows than this while nobody scrolls. */
const KEPT_AT_TOP = 2000;
/** While more arrives than anybody can read, the list is read anew at most this often. */
const RELOAD_MS = 500;

/** The records that a query matches, latest first, and what happens to them, until `stop`. */
export class RecordFeed {
  records: readonly StoredRecord[] = [];
  readonly feedback = new FeedbackIndex();
  total = 0;
  /** Older records than those in `records` are at the server. */
  hasMore = false;
  /** More have arrived than were told one by one, while somebody reads further down: they are shown at the top. */
  isBehind = false;
  isLoading = true;
  error: string | undefined;
  connection: Connection = 'connecting';
  isPaused = false;
  /** Counts up whenever counts and summaries may have changed. */
  changes = 0;
  /** Refused requests since the page was opened. */
  rejections = 0;
  readonly query: string;
  #held: StoredRecord[] = [];
  /** What arrived since the list was asked for, until it is there. */
  #meanwhile: StoredRecord[] | undefined;
  readonly #events: LiveEvents;
  #isAtTop = true;
  #lastReload = 0;
  #nextReload: ReturnType<typeof setTimeout> | undefined;
  #loads = 0;
  readonly #listeners = new Set<() => void>();

  constructor(query: string) {
    this.query = query;
    this.#events = new LiveEvents(`${query}&preview=${PREVIEW}`, {
      connection: (connection) => this.#setConnection(connection),
      records: (records) => this.#take(records),
      removed: (ids) => this.#drop(ids),
      reset: (reason) => (reason === 'behind' ? this.#catchUp() : void this.reload()),
      rejection: () => {
        this.rejections++;
        this.#changed();
      },
    });
  }

  /** New records that wait for the end of a pause. */
  get held(): number {
    return this.#held.length;
  }

  start(): void {
    this.#events.open();
    void this.reload();
  }

  stop(): void {
    clearTimeout(this.#nextReload);
    this.#events.close();
    this.#loads++;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  togglePause(): void {
    this.isPaused = !this.isPaused;
    const held = this.#held;
    this.#held = [];
    if (!this.isPaused) this.#merge(held);
    if (!this.isPaused && this.isBehind) this.#catchUp();
    this.#notify();
  }

  /** Whoever reads further down is left alone; at the top, the latest are shown. */
  setAtTop(isAtTop: boolean): void {
    this.#isAtTop = isAtTop;
    if (isAtTop && this.isBehind) this.#catchUp();
  }

  async reload(): Promise<void> {
    this.isLoading = true;
    this.#lastReload = Date.now();
    this.#held = [];
    this.#meanwhile = [];
    await this.#load('', (list) => {
      this.records = list.records;
      this.total = list.total;
      this.isBehind = false;
      // They may have been told before the list came, and be younger than it.
      this.#merge(this.#meanwhile ?? []);
      this.#meanwhile = undefined;
    });
  }

  async loadMore(): Promise<void> {
    const oldest = this.records.at(-1);
    if (!this.hasMore || this.isLoading || !oldest) return;
    this.isLoading = true;
    await this.#load(`&before=${oldest.seq}`, (list) => {
      this.records = [...this.records, ...list.records];
    });
  }

  /** Lets go of rows far below a list that shows its top. */
  trim(): void {
    if (this.records.length <= KEPT_AT_TOP * 2) return;
    this.records = this.records.slice(0, KEPT_AT_TOP);
    this.hasMore = true;
  }

  async #load(more: string, take: (list: RecordList) => void): Promise<void> {
    const load = ++this.#loads;
    try {
      const list = await get('records', `${this.query}&limit=${PAGE}&preview=${PREVIEW}${more}`);
      if (load !== this.#loads) return;
      this.feedback.add(list.feedback);
      take(list);
      this.hasMore = list.before !== null;
      this.error = undefined;
    } catch (error) {
      if (load !== this.#loads) return;
      this.error = error instanceof Error ? error.message : 'The server cannot be reached';
    }
    this.isLoading = false;
    this.#changed();
  }

  /** Reads the list anew, not too often, and not under the eyes of somebody who reads. */
  #catchUp(): void {
    this.isBehind = true;
    this.#changed();
    if (!this.#isAtTop || this.isPaused || this.#nextReload !== undefined) return;
    const wait = Math.max(0, this.#lastReload + RELOAD_MS - Date.now());
    this.#nextReload = setTimeout(() => {
      this.#nextReload = undefined;
      if (this.#isAtTop && !this.isPaused) void this.reload();
    }, wait);
  }

  #setConnection(connection: Connection): void {
    if (this.connection === 'lost' && connection === 'live' && this.error) void this.reload();
    this.connection = connection;
    this.#notify();
  }

  #take(records: readonly StoredRecord[]): void {
    this.feedback.add(records);
    if (this.isPaused) this.#hold(records);
    // What is told now does not follow what is shown: both come with the next reading.
    else if (!this.isBehind) this.#merge(records);
    if (!this.isPaused) this.#meanwhile?.push(...records);
    this.#changed();
  }

  #hold(records: readonly StoredRecord[]): void {
    this.#held.push(...records);
    if (this.#held.length <= KEPT_AT_TOP) return;
    // A pause may last for days.
    this.#held = this.#held.slice(-KEPT_AT_TOP);
    this.isBehind = true;
  }

  #drop(ids: readonly string[]): void {
    const kept = this.records.filter(({ id }) => !ids.includes(id));
    this.total -= this.records.length - kept.length;
    this.records = kept;
    this.#held = this.#held.filter(({ id }) => !ids.includes(id));
    this.#meanwhile = this.#meanwhile?.filter(({ id }) => !ids.includes(id));
    this.#changed();
  }

  /** `seq` falls along the list; a record that is there already was delivered again and is replaced. */
  #merge(records: readonly StoredRecord[]): void {
    const newest = this.records[0]?.seq ?? -1;
    const added = records.filter((record) => record.seq > newest).sort((a, b) => b.seq - a.seq);
    const replaced = new Map(
      records.filter(({ seq }) => seq <= newest).map((record) => [record.seq, record]),
    );
    const kept =
      replaced.size === 0 ? this.records : this.records.map((record) => replaced.get(record.seq) ?? record);
    this.records = [...added, ...kept];
    this.total += added.length;
  }

  #changed(): void {
    this.changes++;
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
