import { BadQueryError, parseQuery } from '../../query/parse-query.js';
import { toServerUrl } from '../browser/base-path.js';
import { inTimeZone } from '../browser/time-zone.js';
import { LiveHub } from './live-hub.js';
import type { LiveListener, LiveMessage, LiveSource } from './live-message.js';
import { WorkerSource } from './worker-source.js';

/** All live messages for a query while the page is visible, from `open()` to `close()`. */
export class LiveEvents {
  readonly #query: string;
  readonly #listener: LiveListener;
  #unsubscribe: (() => void) | undefined;
  /** Position of the latest message; undefined before the first. */
  #position: string | undefined;

  constructor(query: string, listener: LiveListener) {
    this.#query = inTimeZone(query);
    this.#listener = listener;
  }

  open(): void {
    document.addEventListener('visibilitychange', this.#follow);
    addEventListener('pagehide', this.#pause);
    addEventListener('pageshow', this.#follow);
    renewals.add(this.#renew);
    this.#follow();
    if (!isQuery(this.#query)) this.#listener({ type: 'connection', connection: 'off' });
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#follow);
    removeEventListener('pagehide', this.#pause);
    removeEventListener('pageshow', this.#follow);
    renewals.delete(this.#renew);
    this.#pause();
  }

  reconnect(): void {
    source().reconnect();
  }

  readonly #renew = (): void => {
    this.#pause();
    this.#follow();
  };

  /** Subscribes while the page is visible: nobody sees what a hidden one shows. */
  readonly #follow = (): void => {
    if (document.visibilityState === 'hidden') this.#pause();
    else if (!this.#unsubscribe && isQuery(this.#query))
      this.#unsubscribe = source().subscribe(this.#query, (message) => this.#onMessage(message));
  };

  readonly #pause = (): void => {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  };

  #onMessage(message: LiveMessage): void {
    const before = this.#position;
    if (message.type !== 'connection') this.#position = message.position;
    this.#listener(message);
    // Something has changed while the page was hidden.
    if (message.type === 'hello' && before !== undefined && before !== message.position)
      this.#listener({ type: 'reset', position: message.position, reason: 'behind' });
  }
}

/** Hash of the worker's script. The build (scripts/build.mjs) replaces this name. */
declare const LIVE_WORKER_VERSION: string;

/** Called when another source has replaced the one that was subscribed to. */
const renewals = new Set<() => void>();
let current: LiveSource | undefined;

/** Returns the shared worker's stream, or one of this page's own where there is no shared worker. */
function source(): LiveSource {
  current ??= startSource();
  return current;
}

function ownSource(): LiveSource {
  return new LiveHub(toServerUrl('/api/live'));
}

function startSource(): LiveSource {
  try {
    // Browsers run one worker for an address, for as long as a page uses it: also one of a version before the last update of the server.
    const url = toServerUrl(`/live-worker.js?v=${LIVE_WORKER_VERSION}`);
    return new WorkerSource(url, () => {
      current = ownSource();
      for (const renew of renewals) renew();
    });
  } catch {
    return ownSource();
  }
}

/** Returns false for a query that the server would refuse: its refusal would end the stream of all pages. */
function isQuery(query: string): boolean {
  try {
    parseQuery(new URLSearchParams(query));
    return true;
  } catch (error) {
    if (error instanceof BadQueryError) return false;
    throw error;
  }
}
