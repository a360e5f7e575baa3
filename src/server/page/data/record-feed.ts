import type { RecordList } from '../../query/list-records.js';
import type { StoredRecord } from '../../stored-record.js';
import { get } from './api.js';

export type Connection = 'connecting' | 'live' | 'lost';

/** What a row can show of a text. */
const PREVIEW = 300;
const PAGE = 200;
/** A page that is open all day keeps no more rows than this while nobody scrolls. */
const KEPT_AT_TOP = 2000;
const RECONNECT_MS = 5000;

/** The records that a query matches, latest first, and what happens to them, until `stop`. */
export class RecordFeed {
  records: readonly StoredRecord[] = [];
  total = 0;
  /** Older records than those in `records` are at the server. */
  hasMore = false;
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
  #events: EventSource | undefined;
  #reconnect: ReturnType<typeof setTimeout> | undefined;
  #loads = 0;
  readonly #listeners = new Set<() => void>();

  constructor(query: string) {
    this.query = query;
  }

  /** New records that wait for the end of a pause. */
  get held(): number {
    return this.#held.length;
  }

  start(): void {
    this.#connect();
    void this.reload();
  }

  stop(): void {
    clearTimeout(this.#reconnect);
    this.#events?.close();
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
    this.#notify();
  }

  async reload(): Promise<void> {
    this.isLoading = true;
    this.#held = [];
    this.#meanwhile = [];
    await this.#load('', (list) => {
      this.records = list.records;
      this.total = list.total;
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
      take(list);
      this.hasMore = list.before !== null;
      this.error = undefined;
    } catch (error) {
      if (load !== this.#loads) return;
      this.error = error instanceof Error ? error.message : 'The server cannot be reached';
    }
    this.isLoading = false;
    this.changes++;
    this.#notify();
  }

  #connect(): void {
    const events = new EventSource(`/api/live?${this.query}&preview=${PREVIEW}`);
    this.#events = events;
    events.addEventListener('open', () => this.#setConnection('live'));
    events.addEventListener('error', () => {
      this.#setConnection('lost');
      // After an answer other than 200 a browser gives up.
      if (events.readyState === EventSource.CLOSED)
        this.#reconnect = setTimeout(() => this.#connect(), RECONNECT_MS);
    });
    events.addEventListener('records', (event) => this.#take(JSON.parse(event.data) as StoredRecord[]));
    events.addEventListener('reset', () => void this.reload());
    events.addEventListener('rejection', () => {
      this.rejections++;
      this.changes++;
      this.#notify();
    });
  }

  #setConnection(connection: Connection): void {
    if (this.connection === 'lost' && connection === 'live' && this.error) void this.reload();
    this.connection = connection;
    this.#notify();
  }

  #take(records: readonly StoredRecord[]): void {
    this.changes++;
    if (this.isPaused) this.#held.push(...records);
    else this.#merge(records);
    if (!this.isPaused) this.#meanwhile?.push(...records);
    this.#notify();
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

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
