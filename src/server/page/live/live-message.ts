import type { ResetReason } from '../../live/live-updates.js';
import type { StoredRecord } from '../../model/stored-record.js';

/** `off`: nothing can be announced, because the query is wrong. */
export type Connection = 'connecting' | 'live' | 'lost' | 'off';

/** Message to a subscriber of the live stream. Plain data, so that it can be sent from a worker to a page. */
export type LiveMessage =
  /** `reason` says why a connection was lost. */
  | { readonly type: 'connection'; readonly connection: Connection; readonly reason?: string }
  /** The subscription holds: what arrives from now on is announced. `position` is that of the latest change before. */
  | { readonly type: 'hello'; readonly position: string }
  | { readonly type: 'records'; readonly position: string; readonly records: readonly StoredRecord[] }
  | { readonly type: 'removed'; readonly position: string; readonly ids: readonly string[] }
  | { readonly type: 'reset'; readonly position: string; readonly reason: ResetReason }
  | { readonly type: 'rejection'; readonly position: string }
  /** Somebody has changed a document. */
  | { readonly type: 'document'; readonly position: string; readonly kind: string; readonly name: string };

export type LiveListener = (message: LiveMessage) => void;

/** A source of live messages: a hub in this page, or one in a worker that several pages share. */
export interface LiveSource {
  /** Passes the messages for a query to `listener`, from `hello` on. Returns a function that ends that. */
  subscribe(query: string, listener: LiveListener): () => void;
  /** Tries at once to connect again, if the connection is lost. */
  reconnect(): void;
}

/** Message from a page to the worker. `key` numbers the subscriptions of one page. */
export type WorkerRequest =
  | { readonly type: 'subscribe'; readonly key: number; readonly query: string }
  | { readonly type: 'unsubscribe'; readonly key: number }
  | { readonly type: 'reconnect' }
  | { readonly type: 'ping' };

/** Message from the worker to a page. `pong` lists the subscriptions that the worker has of it. */
export type WorkerResponse =
  | { readonly type: 'message'; readonly key: number; readonly message: LiveMessage }
  | { readonly type: 'pong'; readonly keys: readonly number[] };
