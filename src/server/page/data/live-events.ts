import type { ResetReason } from '../../live/live-updates.js';
import type { StoredRecord } from '../../model/stored-record.js';

export type Connection = 'connecting' | 'live' | 'lost';

export interface LiveHandlers {
  readonly connection: (connection: Connection) => void;
  readonly records: (records: readonly StoredRecord[]) => void;
  readonly removed: (ids: readonly string[]) => void;
  readonly reset: (reason: ResetReason) => void;
  readonly rejection: () => void;
}

const RECONNECT_MS = 5000;

/** What the server tells while the page is open. The browser connects again by itself; after a refusal this does. */
export class LiveEvents {
  readonly #address: string;
  readonly #handlers: LiveHandlers;
  #events: EventSource | undefined;
  #reconnect: ReturnType<typeof setTimeout> | undefined;

  constructor(query: string, handlers: LiveHandlers) {
    this.#address = `/api/live?${query}`;
    this.#handlers = handlers;
  }

  open(): void {
    const events = new EventSource(this.#address);
    const { connection, records, removed, reset, rejection } = this.#handlers;
    this.#events = events;
    events.addEventListener('open', () => connection('live'));
    events.addEventListener('error', () => {
      connection('lost');
      // After an answer other than 200 a browser gives up.
      if (events.readyState === EventSource.CLOSED)
        this.#reconnect = setTimeout(() => this.open(), RECONNECT_MS);
    });
    events.addEventListener('records', ({ data }) => records(JSON.parse(data) as StoredRecord[]));
    events.addEventListener('removed', ({ data }) => removed((JSON.parse(data) as { ids: string[] }).ids));
    events.addEventListener('reset', ({ data }) =>
      reset((JSON.parse(data) as { reason: ResetReason }).reason),
    );
    events.addEventListener('rejection', rejection);
  }

  close(): void {
    clearTimeout(this.#reconnect);
    this.#events?.close();
  }
}
