import { readCount, readFilter, type RecordFilter } from '../query/record-filter.js';
import { previewOf } from '../model/preview.js';
import type { Rejection } from '../model/rejections.js';
import type { RecordStore, StoreEntry } from '../engines/record-store.js';

interface Client {
  readonly filter: RecordFilter;
  readonly preview: number;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** It reads too slowly: it has missed something, and is told to read everything anew once it keeps up. */
  behind: boolean;
}

/** Why a client has to read the list anew. */
export type ResetReason = 'cleared' | 'behind' | 'restarted';

const MAX_CLIENTS = 32;
const HEARTBEAT_MS = 15_000;
/** Records of so long a time make one message: at 2,000 records/s a page gets 10 messages a second, not 2,000. */
const BATCH_MS = 100;
/** More records at once are not told one by one: nobody could read them, and reading the list anew costs less. */
const MAX_RECORDS_PER_MESSAGE = 100;
/** The same for what a page has missed while it was away. */
const MAX_MISSED = 1000;
/** What may wait for a slow client, in bytes. */
const MAX_WAITING = 4 * 1024 * 1024;

/**
 * Tells open pages what happens, as server-sent events: `records` (a list, each new or changed), `removed` (`ids`), `rejection`,
 * and `reset` with a reason. The id of an event is `<start of the server>-<revision>`, so that after a drop a page gets what it has missed.
 */
export class LiveUpdates {
  readonly #store: RecordStore;
  readonly #clients = new Set<Client>();
  readonly #start = Date.now().toString(36);
  readonly #encoder = new TextEncoder();
  #waiting: StoreEntry[] = [];
  #gather: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** `undefined` when there are too many clients. @throws BadQueryError */
  subscribe(
    params: URLSearchParams,
    lastEventId: string | undefined,
  ): ReadableStream<Uint8Array> | undefined {
    if (this.#clients.size >= MAX_CLIENTS) return undefined;
    const filter = readFilter(params, Date.now());
    const preview = readCount(params, 'preview', 0, 10_000);
    let client: Client | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = { filter, preview, controller, behind: false };
          this.#flush();
          this.#clients.add(client);
          this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
          this.#sendRaw(client, 'retry: 1000\n\n');
          this.#send(client, 'hello', { revision: this.#store.revision });
          if (lastEventId) this.#resume(client, lastEventId);
        },
        pull: () => {
          if (!client?.behind) return;
          client.behind = false;
          this.#send(client, 'reset', { reason: 'behind' satisfies ResetReason });
        },
        cancel: () => this.#remove(client),
      },
      { highWaterMark: MAX_WAITING, size: (chunk) => chunk.byteLength },
    );
  }

  publish(entries: readonly StoreEntry[]): void {
    if (this.#clients.size === 0) return;
    this.#waiting.push(...entries);
    this.#gather ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  publishRejection(rejection: Rejection): void {
    for (const client of this.#clients) this.#send(client, 'rejection', rejection);
  }

  publishRemoval(ids: readonly string[]): void {
    // What is gone must not be told after that.
    this.#waiting = this.#waiting.filter(({ record }) => !ids.includes(record.id));
    for (const client of this.#clients) this.#send(client, 'removed', { ids });
  }

  publishReset(reason: ResetReason): void {
    this.#waiting = [];
    for (const client of this.#clients) this.#send(client, 'reset', { reason });
  }

  /** Ends all streams. */
  close(): void {
    clearTimeout(this.#gather);
    for (const client of this.#clients) {
      this.#remove(client);
      client.controller.close();
    }
  }

  #flush(): void {
    clearTimeout(this.#gather);
    this.#gather = undefined;
    const entries = this.#waiting;
    this.#waiting = [];
    if (entries.length > 0) for (const client of this.#clients) this.#sendEntries(client, entries);
  }

  #sendEntries(client: Client, entries: readonly StoreEntry[]): void {
    const wanted = entries.filter(client.filter);
    if (wanted.length > MAX_RECORDS_PER_MESSAGE)
      this.#send(client, 'reset', { reason: 'behind' satisfies ResetReason });
    else this.#sendRecords(client, wanted);
  }

  #sendRecords(client: Client, entries: readonly StoreEntry[]): void {
    const records = entries.map(({ record }) =>
      client.preview > 0 ? previewOf(record, client.preview) : record,
    );
    if (records.length > 0) this.#send(client, 'records', records);
  }

  #resume(client: Client, lastEventId: string): void {
    const [start, revision] = lastEventId.split('-');
    if (start !== this.#start || !/^\d+$/.test(revision ?? '')) {
      this.#send(client, 'reset', { reason: 'restarted' satisfies ResetReason });
      return;
    }
    const missed: StoreEntry[] = [];
    for (const entry of this.#store.entries())
      if (entry.revision > Number(revision) && missed.push(entry) > MAX_MISSED) break;
    // More changes than records: something was cleared or has made room.
    const changes = this.#store.revision - Number(revision);
    if (changes > missed.length) this.#send(client, 'reset', { reason: 'behind' satisfies ResetReason });
    else this.#sendRecords(client, missed.filter(client.filter));
  }

  #beat(): void {
    for (const client of this.#clients) this.#sendRaw(client, ': still here\n\n');
  }

  #send(client: Client, event: string, data: unknown): void {
    const id = `${this.#start}-${this.#store.revision}`;
    this.#sendRaw(client, `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #sendRaw(client: Client, text: string): void {
    if ((client.controller.desiredSize ?? 0) <= 0) client.behind = true;
    if (!client.behind) client.controller.enqueue(this.#encoder.encode(text));
  }

  #remove(client: Client | undefined): void {
    if (client) this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
