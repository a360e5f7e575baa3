import type { ResetReason } from '../../live/live-updates.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { EventStream, type StreamEvent } from './event-stream.js';
import type { Connection, LiveListener, LiveMessage, LiveSource } from './live-message.js';

interface Subscriber {
  readonly query: string;
  readonly listener: LiveListener;
  /** False until the stream that is open includes the query. */
  isGreeted: boolean;
}

/** Length at which the server cuts prompts and answers of the list, in characters. A row shows no more. */
export const PREVIEW_LENGTH = 300;
/** Subscriptions that begin within this time, as those of a page that is restored, cost one connection. */
const GATHER_MS = 20;

/** One connection to `/api/live` for any number of subscribers, each with its own query. It is open while there is one. */
export class LiveHub implements LiveSource {
  readonly #url: string;
  readonly #subscribers = new Set<Subscriber>();
  /** Queries of the stream that is open. */
  #watched: ReadonlySet<string> = new Set();
  #stream: EventStream | undefined;
  #position = '';
  #state: LiveMessage = { type: 'connection', connection: 'connecting' };
  #restart: ReturnType<typeof setTimeout> | undefined;

  /** @param url address of `/api/live` */
  constructor(url: string) {
    this.#url = url;
  }

  get connection(): Connection {
    return this.#state.type === 'connection' ? this.#state.connection : 'connecting';
  }

  subscribe(query: string, listener: LiveListener): () => void {
    const subscriber = { query, listener, isGreeted: false };
    this.#subscribers.add(subscriber);
    listener(this.#state);
    if (this.#stream === undefined || !this.#watched.has(query))
      this.#restart ??= setTimeout(() => this.#open(), GATHER_MS);
    else if (this.connection === 'live' && this.#position !== '') this.#greet(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.#close();
    };
  }

  reconnect(): void {
    this.#stream?.reconnect();
  }

  #open(): void {
    this.#restart = undefined;
    this.#stream?.close();
    this.#watched = new Set(Array.from(this.#subscribers, ({ query }) => query));
    const params = new URLSearchParams({ preview: String(PREVIEW_LENGTH) });
    for (const query of this.#watched) params.append('watch', query);
    // From the latest position on, so that the subscribers of the stream before miss nothing.
    this.#stream = new EventStream(`${this.#url}?${params.toString()}`, this.#position, {
      onOpen: () => this.#setState({ type: 'connection', connection: 'live' }),
      onLost: (reason) => this.#setState({ type: 'connection', connection: 'lost', reason }),
      onEvent: (event) => this.#onEvent(event),
    });
    this.#stream.open();
  }

  #close(): void {
    clearTimeout(this.#restart);
    this.#restart = undefined;
    this.#stream?.close();
    this.#stream = undefined;
    this.#position = '';
    this.#state = { type: 'connection', connection: 'connecting' };
  }

  #setState(state: LiveMessage): void {
    this.#state = state;
    for (const { listener } of this.#subscribers) listener(state);
  }

  #greet(subscriber: Subscriber): void {
    if (subscriber.isGreeted) return;
    subscriber.isGreeted = true;
    subscriber.listener({ type: 'hello', position: this.#position });
  }

  #onEvent({ event, id, data }: StreamEvent): void {
    this.#position = id;
    const { watch, ...body } = data as { readonly watch?: string };
    for (const subscriber of this.#subscribers) {
      if (!this.#watched.has(subscriber.query)) continue;
      if (event === 'hello') this.#greet(subscriber);
      const message = toMessage(event, id, body);
      if (message && (watch === undefined || watch === subscriber.query)) subscriber.listener(message);
    }
  }
}

function toMessage(event: string, position: string, body: object): LiveMessage | undefined {
  switch (event) {
    case 'records':
      return { type: 'records', position, ...(body as { readonly records: readonly StoredRecord[] }) };
    case 'removed':
      return { type: 'removed', position, ...(body as { readonly ids: readonly string[] }) };
    case 'reset':
      return { type: 'reset', position, ...(body as { readonly reason: ResetReason }) };
    case 'rejection':
      return { type: 'rejection', position };
    case 'document':
      return { type: 'document', position, ...(body as { readonly kind: string; readonly name: string }) };
    default:
      return undefined;
  }
}
