import type { LiveListener, LiveSource, WorkerRequest, WorkerResponse } from './live-message.js';

const PING_MS = 10_000;
/** A worker that has twice not answered a ping for this long is not there. */
const SILENT_MS = 4000;

interface Subscription {
  readonly query: string;
  readonly listener: LiveListener;
}

/**
 * The live stream of the shared worker.
 *
 * @throws where shared workers do not exist (Chrome for Android) or are not allowed
 */
export class WorkerSource implements LiveSource {
  readonly #port: MessagePort;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #onDead: () => void;
  #nextKey = 1;
  #pinger: ReturnType<typeof setInterval> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #unanswered = 0;

  /** @param onDead called if the worker cannot be started or no longer answers */
  constructor(url: string, onDead: () => void) {
    const worker = new SharedWorker(url, { name: 'trubrics-live' });
    worker.addEventListener('error', () => this.#die());
    this.#onDead = onDead;
    this.#port = worker.port;
    this.#port.addEventListener('message', ({ data }: MessageEvent<WorkerResponse>) =>
      this.#onResponse(data),
    );
    this.#port.start();
  }

  subscribe(query: string, listener: LiveListener): () => void {
    const key = this.#nextKey++;
    this.#subscriptions.set(key, { query, listener });
    this.#send({ type: 'subscribe', key, query });
    this.#pinger ??= setInterval(() => this.#ping(), PING_MS);
    this.#ping();
    return () => {
      this.#subscriptions.delete(key);
      this.#send({ type: 'unsubscribe', key });
      if (this.#subscriptions.size === 0) this.#rest();
    };
  }

  reconnect(): void {
    this.#send({ type: 'reconnect' });
  }

  #ping(): void {
    this.#send({ type: 'ping' });
    this.#patience ??= setTimeout(() => this.#onSilence(), SILENT_MS);
  }

  #onResponse(response: WorkerResponse): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#unanswered = 0;
    if (response.type === 'message') this.#subscriptions.get(response.key)?.listener(response.message);
    else this.#subscribeAgain(response.keys);
  }

  /** Pings a second time, because after a sleep the time has passed but not the chance to answer. */
  #onSilence(): void {
    this.#patience = undefined;
    if (++this.#unanswered > 1) this.#die();
    else this.#ping();
  }

  /** The worker ends the subscriptions of a page that was silent for long, as a page is that a browser has frozen. */
  #subscribeAgain(known: readonly number[]): void {
    for (const [key, { query }] of this.#subscriptions)
      if (!known.includes(key)) this.#send({ type: 'subscribe', key, query });
  }

  #rest(): void {
    clearInterval(this.#pinger);
    clearTimeout(this.#patience);
    [this.#pinger, this.#patience] = [undefined, undefined];
  }

  #die(): void {
    this.#rest();
    this.#onDead();
  }

  #send(request: WorkerRequest): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- ports have no origin
    this.#port.postMessage(request);
  }
}
