import type { ResetReason } from '../../live/live-updates.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { toServerUrl } from '../browser/base-path.js';

export type Connection = 'connecting' | 'live' | 'lost';

export interface LiveHandlers {
  readonly onConnection: (connection: Connection) => void;
  readonly onRecords: (records: readonly StoredRecord[]) => void;
  readonly onRemoved: (ids: readonly string[]) => void;
  readonly onReset: (reason: ResetReason) => void;
  readonly onRejection: () => void;
}

/** Delay before the page connects again after a response other than 200, when the browser does not. */
const RECONNECT_MS = 5000;

/** The server-sent events of `/api/live`, parsed and passed to `LiveHandlers`. Reconnects until `close()`. */
export class LiveEvents {
  readonly #url: string;
  readonly #handlers: LiveHandlers;
  #events: EventSource | undefined;
  #reconnect: ReturnType<typeof setTimeout> | undefined;

  constructor(query: string, handlers: LiveHandlers) {
    this.#url = toServerUrl(`/api/live?${query}`);
    this.#handlers = handlers;
  }

  open(): void {
    const events = new EventSource(this.#url);
    const { onConnection, onRecords, onRemoved, onReset, onRejection } = this.#handlers;
    this.#events = events;
    events.addEventListener('open', () => onConnection('live'));
    events.addEventListener('error', () => {
      onConnection('lost');
      // After a lost connection the browser reconnects. After a response other than 200 it gives up.
      if (events.readyState === EventSource.CLOSED)
        this.#reconnect = setTimeout(() => this.open(), RECONNECT_MS);
    });
    events.addEventListener('records', ({ data }) => onRecords(JSON.parse(data) as StoredRecord[]));
    events.addEventListener('removed', ({ data }) => onRemoved((JSON.parse(data) as { ids: string[] }).ids));
    events.addEventListener('reset', ({ data }) =>
      onReset((JSON.parse(data) as { reason: ResetReason }).reason),
    );
    events.addEventListener('rejection', onRejection);
  }

  close(): void {
    clearTimeout(this.#reconnect);
    this.#events?.close();
  }
}
