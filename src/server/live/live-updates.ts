import { cursorToJson } from '../engines/cursor.js';
import type { Cursor, RecordStore } from '../engines/record-store.js';
import { previewOf } from '../model/preview.js';
import type { Rejection } from '../model/rejections.js';
import type { StoredRecord } from '../model/stored-record.js';
import { parseCount } from '../query/parse-query.js';
import { parseWatches, type Watch } from './watches.js';

interface Client {
  readonly watches: readonly Watch[];
  /** Longest text in characters; 0 for whole texts. */
  readonly preview: number;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** It reads too slowly and has missed messages. It gets a `reset` once it keeps up. */
  isBehind: boolean;
  /** Messages that wait while missed records are read; undefined afterwards. */
  backlog: Message[] | undefined;
}

interface Message {
  readonly event: 'hello' | 'beat' | 'records' | 'removed' | 'rejection' | 'reset';
  readonly data: unknown;
}

/** Why a client has to list the records anew. */
export type ResetReason = 'cleared' | 'behind' | 'restarted';

const MAX_CLIENTS = 32;
/** Proxies close connections that are silent for 30 to 60 s. */
const HEARTBEAT_MS = 15_000;
/** Records that arrive within this time make one message: at 2,000 records/s, 10 messages a second. */
const BATCH_MS = 100;
/** Above this, a `reset` is sent instead: listing anew costs less. */
const MAX_RECORDS_PER_MESSAGE = 100;
/** Most missed records that a returning client is sent. Above it, a `reset`. */
const MAX_MISSED = 1000;
/** Bytes that may wait for a slow client. */
const MAX_BUFFERED = 4 * 1024 * 1024;

/**
 * Sends changes to open pages as server-sent events: `records` (a list, each new or replaced), `removed` (`ids`), `rejection`, `reset`
 * with a reason, and `beat` every `beatMs` of the first event, `hello`, so that a page notices a connection that died in silence.
 *
 * With a parameter `watch` for each of several queries, one stream serves several pages: the data of `records` is `{ watch, records }`, and
 * `reset` names the `watch` that it is about, or none if it is about all.
 *
 * The id of an event is `<start of this server>-<change cursor>`. It names the latest change that was sent with its predecessors,
 * so that a client that reconnects gets what it has missed.
 */
export class LiveUpdates {
  readonly #store: RecordStore;
  readonly #clients = new Set<Client>();
  readonly #startId = Date.now().toString(36);
  readonly #encoder = new TextEncoder();
  /** Everything up to here has been sent. Undefined before the first change or client. */
  #sentCursor: Cursor | undefined;
  /** Not sent yet, and the change cursor after it. */
  #pending: StoredRecord[] = [];
  #pendingCursor: Cursor | undefined;
  #batchTimer: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Opens a stream of events. Returns undefined if there are too many clients. @throws BadQueryError */
  async subscribe(
    params: URLSearchParams,
    lastEventId: string | undefined,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const watches = parseWatches(params);
    const preview = parseCount(params, 'preview', 0, 10_000);
    if (this.#sentCursor === undefined) {
      const { cursor } = await this.#store.changes(undefined, 0);
      this.#sentCursor ??= cursor;
    }
    if (this.#clients.size >= MAX_CLIENTS) return undefined;
    let client: Client | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = { watches, preview, controller, isBehind: false, backlog: lastEventId ? [] : undefined };
          this.#flush();
          this.#clients.add(client);
          this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
          this.#sendRaw(client, 'retry: 1000\n\n');
          const revision = cursorToJson(this.#sentCursor ?? '0');
          this.#write(client, { event: 'hello', data: { revision, beatMs: HEARTBEAT_MS } });
          if (lastEventId) void this.#resume(client, lastEventId);
        },
        pull: () => {
          if (!client?.isBehind) return;
          client.isBehind = false;
          this.#send(client, reset('behind'));
        },
        cancel: () => this.#remove(client),
      },
      { highWaterMark: MAX_BUFFERED, size: (chunk) => chunk.byteLength },
    );
  }

  /** Call after records were stored. `cursor` is the change cursor after them. */
  publish(records: readonly StoredRecord[], cursor: Cursor): void {
    if (this.#clients.size === 0) {
      this.#sentCursor = cursor;
      return;
    }
    this.#pending.push(...records);
    this.#pendingCursor = cursor;
    this.#batchTimer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  publishRejection(rejection: Rejection): void {
    this.#broadcast({ event: 'rejection', data: rejection });
  }

  /** Call after records were removed. */
  publishRemoval(ids: readonly string[], cursor: Cursor): void {
    // Drops pending updates of removed records, because clients get the removal first.
    this.#pending = this.#pending.filter(({ id }) => !ids.includes(id));
    if (this.#pending.length > 0) this.#pendingCursor = cursor;
    else this.#sentCursor = cursor;
    this.#broadcast({ event: 'removed', data: { ids } });
  }

  /** Tells all clients to list anew. */
  publishReset(reason: ResetReason, cursor: Cursor): void {
    this.#pending = [];
    this.#pendingCursor = undefined;
    this.#sentCursor = cursor;
    this.#broadcast(reset(reason));
  }

  /** Ends all streams. */
  close(): void {
    clearTimeout(this.#batchTimer);
    for (const client of this.#clients) {
      this.#remove(client);
      client.controller.close();
    }
  }

  #flush(): void {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    const records = this.#pending;
    this.#sentCursor = this.#pendingCursor ?? this.#sentCursor;
    this.#pending = [];
    this.#pendingCursor = undefined;
    if (records.length > 0) for (const client of this.#clients) this.#sendBatch(client, records);
  }

  #sendBatch(client: Client, records: readonly StoredRecord[]): void {
    for (const message of toMessages(client, records, MAX_RECORDS_PER_MESSAGE)) this.#send(client, message);
  }

  /** Sends what a client has missed since `lastEventId`, then the messages of the meantime. */
  async #resume(client: Client, lastEventId: string): Promise<void> {
    const missed = await this.#missedSince(client, lastEventId).catch(() => [reset('restarted')]);
    const messages = [...missed, ...(client.backlog ?? [])];
    client.backlog = undefined;
    if (!this.#clients.has(client)) return;
    for (const message of messages) this.#write(client, message);
  }

  /** Returns the messages that the client has missed. Rejects if its cursor cannot be read. */
  async #missedSince(client: Client, lastEventId: string): Promise<readonly Message[]> {
    const [startId, cursor] = splitEventId(lastEventId);
    if (startId !== this.#startId) return [reset('restarted')];
    const { records, isComplete } = await this.#store.changes(cursor, MAX_MISSED);
    return isComplete ? toMessages(client, records, MAX_MISSED) : [reset('behind')];
  }

  #beat(): void {
    for (const client of this.#clients) this.#sendRaw(client, 'event: beat\ndata: {}\n\n');
  }

  #broadcast(message: Message): void {
    for (const client of this.#clients) this.#send(client, message);
  }

  #send(client: Client, message: Message): void {
    if (client.backlog) client.backlog.push(message);
    else this.#write(client, message);
  }

  #write(client: Client, { event, data }: Message): void {
    const id = `${this.#startId}-${this.#sentCursor ?? ''}`;
    this.#sendRaw(client, `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #sendRaw(client: Client, text: string): void {
    if ((client.controller.desiredSize ?? 0) <= 0) client.isBehind = true;
    if (!client.isBehind) client.controller.enqueue(this.#encoder.encode(text));
  }

  #remove(client: Client | undefined): void {
    if (client) this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}

/** Returns the records that a client wants: a message for each watch that has any; a `reset` if there are more than `limit`. */
function toMessages(
  { watches, preview }: Client,
  records: readonly StoredRecord[],
  limit: number,
): readonly Message[] {
  return watches.flatMap(({ name, matches }) => {
    const wanted = records.filter((record) => matches(record));
    if (wanted.length === 0) return [];
    if (wanted.length > limit) return [reset('behind', name)];
    const shown = preview > 0 ? wanted.map((record) => previewOf(record, preview)) : wanted;
    return [{ event: 'records', data: name === undefined ? shown : { watch: name, records: shown } }];
  });
}

function reset(reason: ResetReason, watch?: string): Message {
  return { event: 'reset', data: watch === undefined ? { reason } : { reason, watch } };
}

function splitEventId(id: string): readonly [startId: string, cursor: Cursor] {
  const dash = id.indexOf('-');
  return dash === -1 ? [id, ''] : [id.slice(0, dash), id.slice(dash + 1)];
}
