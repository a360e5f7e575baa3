import { FeedbackIndex } from '../../model/feedback.js';
import type { RecordList, RecordOrder } from '../../model/lists.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { LiveEvents } from '../live/live-events.js';
import { PREVIEW_LENGTH } from '../live/live-hub.js';
import type { Connection, LiveMessage } from '../live/live-message.js';
import { toApiError, type ApiError } from './api-error.js';
import { getResource } from './api.js';

/** Records per request of the list. */
const PAGE_SIZE = 200;
/** Limit on the records in memory while the top of the list is shown, for pages that are open all day. */
const MAX_KEPT_AT_TOP = 2000;
/** Shortest time between two reloads of the list while records arrive faster than the server announces them one by one. */
const RELOAD_MS = 500;
/** Interval at which numbers are asked for anew where no live events tell of changes. */
const NUMBERS_MS = 30_000;
/** Longest wait for the live events before the list is loaded without them. */
const FIRST_LOAD_MS = 500;

/**
 * Records that match a query, latest first by arrival or by time, kept up to date from `start()` to `stop()`.
 *
 * The list is loaded once the live events are subscribed to, so that nothing is missed in between, and then follows them. When the server has skipped events (`isBehind`), the list is loaded again: at
 * once if its top is shown, otherwise when the reader returns to the top. During a load, new records are collected in
 * `#arrivedDuringLoad`; during a pause, in `#arrivedDuringPause`. By time, a new record may belong anywhere: the list is then always behind.
 */
export class RecordFeed {
  records: readonly StoredRecord[] = [];
  readonly feedback = new FeedbackIndex();
  total = 0;
  /** More records match than were counted. */
  isTotalCapped = false;
  /** True when the server has older records than those in `records`. */
  hasMore = false;
  /** True when `records` lacks new records, because the server skipped events or the pause was too long. */
  isBehind = false;
  isLoading = true;
  /** Why the latest load has failed; undefined if it has not. */
  error: ApiError | undefined;
  connection: Connection = 'connecting';
  /** Why the connection is lost; undefined unless it is. */
  lostReason: string | undefined;
  isPaused = false;
  /** Incremented when records have changed, so that counts and summaries are fetched again. */
  changes = 0;
  /** Incremented when somebody has changed a document. */
  documentChanges = 0;
  /** Number of requests that the server rejected since `start()`, or since they were last looked at. */
  rejections = 0;
  /** Incremented when records were removed. */
  removals = 0;
  readonly query: string;
  readonly order: RecordOrder;
  /** False for readers who may see numbers alone: nothing is loaded, and changes are assumed at intervals. */
  readonly hasRecords: boolean;
  /** Cursor of the page that follows on the loaded ones. */
  #before: RecordList['before'] = null;
  #arrivedDuringPause: StoredRecord[] = [];
  #arrivedDuringLoad: StoredRecord[] | undefined;
  readonly #events: LiveEvents;
  #isAtTop = true;
  #lastReload = 0;
  #nextReload: ReturnType<typeof setTimeout> | undefined;
  #loads = 0;
  #hasSubscribed = false;
  #refresh: ReturnType<typeof setInterval> | undefined;
  #firstLoad: ReturnType<typeof setTimeout> | undefined;
  #repeat = (): void => void this.reload();
  readonly #listeners = new Set<() => void>();

  constructor(query: string, order: RecordOrder, hasRecords = true) {
    this.query = query;
    this.order = order;
    this.hasRecords = hasRecords;
    this.#events = new LiveEvents(query, (message) => this.#onMessage(message));
  }

  /** Number of new records that are shown after the pause. */
  get pausedCount(): number {
    return this.#arrivedDuringPause.length;
  }

  start(): void {
    if (!this.hasRecords) {
      this.isLoading = false;
      this.connection = 'off';
      this.#refresh = setInterval(() => this.#changed(), NUMBERS_MS);
      return;
    }
    this.#firstLoad = setTimeout(() => void this.reload(), FIRST_LOAD_MS);
    this.#events.open();
  }

  stop(): void {
    clearTimeout(this.#firstLoad);
    clearTimeout(this.#nextReload);
    clearInterval(this.#refresh);
    this.#events.close();
    this.#loads++;
  }

  /** Connects again, and repeats the load that has failed. */
  retry(): void {
    this.#events.reconnect();
    this.isLoading = false;
    this.#repeat();
    this.#changed();
  }

  /** Call when the rejected requests are shown. */
  clearRejections(): void {
    if (this.rejections === 0) return;
    this.rejections = 0;
    this.#notify();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  togglePause(): void {
    this.isPaused = !this.isPaused;
    const arrived = this.#arrivedDuringPause;
    this.#arrivedDuringPause = [];
    if (!this.isPaused) this.#merge(arrived);
    if (!this.isPaused && this.isBehind) this.#catchUp();
    this.#notify();
  }

  /** Call when the list is scrolled to its top or away from it. The list is reloaded only at its top. */
  setAtTop(isAtTop: boolean): void {
    this.#isAtTop = isAtTop;
    if (isAtTop && this.isBehind) this.#catchUp();
  }

  async reload(): Promise<void> {
    clearTimeout(this.#firstLoad);
    this.isLoading = true;
    this.#repeat = () => void this.reload();
    this.#lastReload = Date.now();
    this.#arrivedDuringPause = [];
    this.#arrivedDuringLoad = [];
    await this.#load('', (list) => {
      this.records = list.records;
      this.total = list.total;
      this.isTotalCapped = list.isTotalCapped === true;
      this.isBehind = false;
      // A record that was announced before the response came may be newer than the response.
      this.#merge(this.#arrivedDuringLoad ?? []);
      this.#arrivedDuringLoad = undefined;
    });
  }

  async loadMore(): Promise<void> {
    const oldest = this.records.at(-1);
    if (!this.hasMore || this.isLoading || !oldest) return;
    this.isLoading = true;
    this.#repeat = () => void this.loadMore();
    // After `trim()`, only the order of arrival has a cursor.
    await this.#load(
      `&before=${this.order === 'time' ? encodeURIComponent(String(this.#before)) : oldest.seq}`,
      (list) => {
        this.records = [...this.records, ...list.records];
      },
    );
  }

  /** Drops the oldest records when there are twice as many as wanted. Call when the top of the list is shown. */
  trim(): void {
    if (this.order === 'time' || this.records.length <= MAX_KEPT_AT_TOP * 2) return;
    this.records = this.records.slice(0, MAX_KEPT_AT_TOP);
    this.hasMore = true;
  }

  async #load(more: string, onList: (list: RecordList) => void): Promise<void> {
    // A response that was overtaken by a later load is ignored.
    const load = ++this.#loads;
    try {
      const list = await getResource(
        'records',
        `${this.query}&limit=${PAGE_SIZE}&preview=${PREVIEW_LENGTH}${this.order === 'time' ? '&order=time' : ''}${more}`,
      );
      if (load !== this.#loads) return;
      this.feedback.add(list.feedback);
      onList(list);
      this.#before = list.before;
      this.hasMore = list.before !== null;
      this.error = undefined;
    } catch (error) {
      if (load !== this.#loads) return;
      this.error = toApiError(error);
    }
    this.isLoading = false;
    this.#changed();
  }

  /** Schedules a reload, at most one per `RELOAD_MS`. Does nothing more while the list is paused or scrolled away from its top. */
  #catchUp(): void {
    this.isBehind = true;
    this.#changed();
    if (!this.#isAtTop || this.isPaused || this.#nextReload !== undefined) return;
    const wait = this.isLoading ? RELOAD_MS : Math.max(0, this.#lastReload + RELOAD_MS - Date.now());
    this.#nextReload = setTimeout(() => {
      this.#nextReload = undefined;
      if (!this.#isAtTop || this.isPaused) return;
      // A reload that takes longer than the interval would be overtaken by the next one, again and again.
      if (this.isLoading) this.#catchUp();
      else void this.reload();
    }, wait);
  }

  #onMessage(message: LiveMessage): void {
    switch (message.type) {
      case 'connection':
        this.#setConnection(message.connection, message.reason);
        break;
      case 'hello':
        // Records between an earlier load and this first subscription are not announced.
        if (this.#loads === 0) void this.reload();
        else if (!this.#hasSubscribed) this.#catchUp();
        else this.#changed();
        this.#hasSubscribed = true;
        break;
      case 'records':
        this.#onRecords(message.records);
        break;
      case 'removed':
        this.#onRemoved(message.ids);
        break;
      case 'reset':
        this.removals++;
        if (message.reason === 'behind') this.#catchUp();
        else void this.reload();
        break;
      case 'rejection':
        this.rejections++;
        this.#changed();
        break;
      case 'document':
        this.documentChanges++;
        this.#notify();
    }
  }

  #setConnection(connection: Connection, reason: string | undefined): void {
    const isBack = this.connection === 'lost' && connection === 'live';
    this.connection = connection;
    this.lostReason = reason;
    if ((connection === 'lost' || connection === 'off') && this.#loads === 0) void this.reload();
    if (isBack && this.error) this.#repeat();
    if (isBack) this.#changed();
    this.#notify();
  }

  #onRecords(records: readonly StoredRecord[]): void {
    this.feedback.add(records);
    if (this.isPaused) this.#keepForLater(records);
    // When the list is behind, these records do not follow on those shown. The next reload brings both.
    else if (!this.isBehind) this.#merge(records);
    if (!this.isPaused) this.#arrivedDuringLoad?.push(...records);
    if (!this.isPaused && this.order === 'time') this.#catchUp();
    else this.#changed();
  }

  /** Collects records during a pause, which may last for days: above the limit, the oldest are dropped and the list is reloaded later. */
  #keepForLater(records: readonly StoredRecord[]): void {
    this.#arrivedDuringPause.push(...records);
    if (this.#arrivedDuringPause.length <= MAX_KEPT_AT_TOP) return;
    this.#arrivedDuringPause = this.#arrivedDuringPause.slice(-MAX_KEPT_AT_TOP);
    this.isBehind = true;
  }

  #onRemoved(ids: readonly string[]): void {
    const kept = this.records.filter(({ id }) => !ids.includes(id));
    this.removals++;
    this.total -= this.records.length - kept.length;
    this.records = kept;
    this.#arrivedDuringPause = this.#arrivedDuringPause.filter(({ id }) => !ids.includes(id));
    this.#arrivedDuringLoad = this.#arrivedDuringLoad?.filter(({ id }) => !ids.includes(id));
    this.#changed();
  }

  /** Adds new records at the top and replaces those that were delivered again. `this.records` is sorted by falling `seq`. */
  #merge(records: readonly StoredRecord[]): void {
    if (this.order === 'time') {
      this.isBehind ||= records.length > 0;
      return;
    }
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
