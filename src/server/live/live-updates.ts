import { cursorToJson } from '../engines/cursor.js';
import type { Changes, Cursor, RecordStore } from '../engines/record-store.js';
import { previewOf } from '../model/preview.js';
import type { Rejection } from '../model/intake/rejections.js';
import type { StoredRecord } from '../model/stored-record.js';
import { parseCount } from '../query/parse-query.js';
import { readWatches, type Watch } from './watches.js';

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
  readonly event: 'hello' | 'beat' | 'records' | 'removed' | 'rejection' | 'reset' | 'document';
  readonly data: unknown;
}

/** Why a client has to list the records anew. */
export type ResetReason = 'cleared' | 'behind' | 'restarted';

/** Open pages of one server, by default. */
const MAX_CLIENTS = 32;
/** Proxies close connections that are silent for 30 to 60 s. */
const HEARTBEAT_MS = 15_000;
/** Records that arrive within this time make one message: at 2,000 records/s, 10 messages a second. */
const BATCH_MS = 100;
/** Above this, a `reset` is sent instead: listing anew costs less. */
const MAX_RECORDS_PER_MESSAGE = 100;
/** Changes that are read at once, also for a returning client. Above it, a `reset`. */
const MAX_CHANGES = 1000;
/** Delay after changes could not be read. */
const RETRY_MS = 1000;
/** Bytes that may wait for a slow client. */
const MAX_BUFFERED = 4 * 1024 * 1024;

/**
 * Sends changes to open pages as server-sent events: `records` (a list, each new or replaced), `removed` (`ids`), `rejection`,
 * `document` (`kind`, `name`), `reset` with a reason, and `beat` every `beatMs` of the first event, `hello`, so that a page notices a connection that died in silence.
 *
 * With a parameter `watch` for each of several queries, one stream serves several pages: the data of `records` is `{ watch, records }`, and
 * `reset` names the `watch` that it is about, or none if it is about all.
 *
 * While a page is open, it follows the changes of the store, so that what another server wrote is seen as well.
 *
 * The id of an event is `<start of this server>-<change cursor>`. It names the latest change that was sent with its predecessors,
 * so that a client that reconnects gets what it has missed.
 */
export class LiveUpdates {
  readonly #store: RecordStore;
  readonly #maxClients: number;
  readonly #clients = new Set<Client>();
  readonly #startId = Date.now().toString(36);
  readonly #encoder = new TextEncoder();
  /** Everything up to here has been sent. Undefined before the first client. */
  #sentCursor: Cursor | undefined;
  /** Resolves when the changes of the store are followed; undefined while no page is open. */
  #following: Promise<void> | undefined;
  #stopWatching: (() => void) | undefined;
  #batchTimer: ReturnType<typeof setTimeout> | undefined;
  #isReading = false;
  /** True if the store has changed since the last read began. */
  #hasChanged = false;
  /** Incremented by a reset, which makes a read in progress obsolete. */
  #resets = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(store: RecordStore, maxClients = MAX_CLIENTS) {
    this.#store = store;
    this.#maxClients = maxClients;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Opens a stream of events. Returns undefined if there are too many clients. @throws BadQueryError */
  async subscribe(
    params: URLSearchParams,
    lastEventId: string | undefined,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const watches = await readWatches(params, this.#store);
    const preview = parseCount(params, 'preview', 0, 10_000);
    await this.#ensureFollowing();
    if (this.#clients.size >= this.#maxClients) return undefined;
    let client: Client | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = { watches, preview, controller, isBehind: false, backlog: lastEventId ? [] : undefined };
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

  publishRejection(rejection: Rejection): void {
    this.#broadcast({ event: 'rejection', data: rejection });
  }

  /** Tells all clients of this server that somebody has changed or deleted a document. */
  publishDocument(document: { readonly kind: string; readonly name: string }): void {
    this.#broadcast({ event: 'document', data: document });
  }

  /** Tells all clients to list anew. `cursor` is the change cursor after what they have to list. */
  publishReset(reason: ResetReason, cursor: Cursor): void {
    this.#resets++;
    this.#sentCursor = cursor;
    this.#broadcast(reset(reason));
  }

  /** Ends all streams. */
  close(): void {
    for (const client of this.#clients) {
      this.#remove(client);
      client.controller.close();
    }
  }

  /** Resolves when changes are followed. Begins again if the last page was closed meanwhile, which ends it. */
  async #ensureFollowing(): Promise<void> {
    for (let following; following !== this.#following || !following;) {
      following = this.#following ??= this.#follow();
      await following;
    }
  }

  async #follow(): Promise<void> {
    this.#stopWatching = this.#store.watch(() => this.#schedule(BATCH_MS));
    try {
      this.#sentCursor = (await this.#store.changes(undefined, 0)).cursor;
    } catch (error) {
      this.#unfollow();
      throw error;
    }
  }

  #unfollow(): void {
    this.#stopWatching?.();
    this.#following = undefined;
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
  }

  #schedule(delayMs: number): void {
    this.#hasChanged = true;
    if (!this.#isReading) this.#batchTimer ??= setTimeout(() => void this.#sendChanges(), delayMs);
  }

  async #sendChanges(): Promise<void> {
    this.#batchTimer = undefined;
    this.#isReading = true;
    this.#hasChanged = false;
    const [since, resets] = [this.#sentCursor, this.#resets];
    const isSent = await this.#store
      .changes(since, MAX_CHANGES)
      .then((changes) => this.#distribute(changes, resets))
      .then(
        () => true,
        () => false,
      );
    this.#isReading = false;
    if (!this.#following) return;
    if (!isSent) this.#schedule(RETRY_MS);
    else if (this.#hasChanged) this.#schedule(BATCH_MS);
  }

  /** Sends changes to all clients, unless they were reset meanwhile. Rejects if the store cannot tell what a client wants. */
  async #distribute(changes: Changes, resets: number): Promise<void> {
    const messages = new Map<Client, readonly Message[]>();
    // Clients that come while this waits are visited as well.
    for (const client of this.#clients) messages.set(client, await messagesOf(client, changes));
    if (resets !== this.#resets) return;
    this.#sentCursor = changes.cursor;
    for (const [client, own] of messages) if (this.#clients.has(client)) this.#sendMessages(client, own);
  }

  /** Sends what a client has missed since `lastEventId`, then the messages of the meantime. */
  async #resume(client: Client, lastEventId: string): Promise<void> {
    const missed = await this.#missedSince(client, lastEventId).catch(() => [reset('restarted')]);
    const messages = [...missed, ...(client.backlog ?? [])];
    client.backlog = undefined;
    if (!this.#clients.has(client)) return;
    for (const message of messages) this.#write(client, message);
  }

  /** Rejects if the cursor of the client cannot be read. */
  async #missedSince(client: Client, lastEventId: string): Promise<readonly Message[]> {
    const [startId, cursor] = splitEventId(lastEventId);
    if (startId !== this.#startId) return [reset('restarted')];
    const changes = await this.#store.changes(cursor, MAX_CHANGES);
    return await messagesOf(client, changes, MAX_CHANGES);
  }

  #beat(): void {
    for (const client of this.#clients) this.#sendRaw(client, 'event: beat\ndata: {}\n\n');
  }

  #broadcast(message: Message): void {
    for (const client of this.#clients) this.#send(client, message);
  }

  #sendMessages(client: Client, messages: readonly Message[]): void {
    for (const message of messages) this.#send(client, message);
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
    this.#unfollow();
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}

/** Returns what a client has to be sent of changes: removals first, so that a record that was put again is not removed. */
async function messagesOf(
  client: Client,
  { records, removed, isComplete }: Changes,
  maxRecords = MAX_RECORDS_PER_MESSAGE,
): Promise<readonly Message[]> {
  if (!isComplete) return [reset('behind')];
  const removal = { event: 'removed', data: { ids: removed } } as const;
  return [...(removed.length > 0 ? [removal] : []), ...(await toMessages(client, records, maxRecords))];
}

/** Returns the records that a client wants: a message for each watch that has any; a `reset` if there are more than `limit`. */
async function toMessages(
  { watches, preview }: Client,
  records: readonly StoredRecord[],
  limit: number,
): Promise<readonly Message[]> {
  const selected = await Promise.all(
    watches.map(async ({ name, select }) => ({ name, wanted: await select(records) })),
  );
  return selected.flatMap(({ name, wanted }) => {
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
