/** A request in the queue of a Collector. */
export interface CollectorRequest {
  readonly path: string;
  readonly contentType: 'application/x-protobuf' | 'application/json';
  readonly body: Uint8Array;
  /** Decides to which server it goes: the trace id, as the load-balancing exporter routes. */
  readonly routingKey: string;
}

export interface CollectorOptions {
  /** Returns the address of the server for a routing key, at the time of each attempt. */
  readonly addressOf: (routingKey: string) => string;
  /** Waits for a time of the Collector, in milliseconds. Tests let it pass faster. */
  readonly wait: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** Requests in flight at a time: `sending_queue.num_consumers`. Default 10. */
  readonly consumers?: number;
  /** Time after which an attempt is given up, in real milliseconds: `timeout`. */
  readonly timeoutMs: number;
}

/** What became of the requests. */
export interface CollectorCounts {
  /** Attempts that have ended. */
  attempts: number;
  sent: number;
  /** Attempts that failed and were repeated, by status; `transport` without an answer. */
  readonly retried: Map<number | 'transport', number>;
  /** Requests that were given up for ever: an answer that no exporter repeats. */
  readonly dropped: string[];
  /** Answers with a partial success. Its spans are lost. */
  partial: number;
}

/** `retry_on_failure` with `max_elapsed_time: 0`: for ever. */
const INITIAL_MS = 5_000;
const MULTIPLIER = 1.5;
const RANDOMIZATION = 0.5;
const MAX_INTERVAL_MS = 30_000;
/** exporter/otlphttpexporter/otlp.go, `isRetryableStatusCode`. Everything else is permanent. */
const RETRIED = new Set([429, 502, 503, 504]);
/** Those whose `Retry-After` counts. */
const THROTTLED = new Set([429, 503]);
/** `maxHTTPResponseReadBytes`: longer answers are cut. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * A model of the OpenTelemetry Collector's exporter `otlp_http` with a persistent queue: what it sends again, when, and what it drops for ever.
 * No Collector can be had from the registries of packages; its rules are read from exporter/otlphttpexporter and exporterhelper (August 2026).
 */
export class CollectorModel {
  readonly counts: CollectorCounts = { attempts: 0, sent: 0, retried: new Map(), dropped: [], partial: 0 };
  readonly #options: CollectorOptions;
  /** The queue on disk. A request leaves it when it is settled, so that a killed Collector sends it again. */
  readonly #stored = new Set<CollectorRequest>();
  readonly #waiting: CollectorRequest[] = [];
  #running = 0;
  #generation = 0;
  #onEmpty: (() => void) | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  add(request: CollectorRequest): void {
    this.#stored.add(request);
    this.#waiting.push(request);
    this.#start();
  }

  /** Ends the process without warning, and starts it again on its queue: what was in flight is sent again. */
  restart(): void {
    this.#generation += 1;
    this.#running = 0;
    this.#waiting.splice(0, Infinity, ...this.#stored);
    this.#start();
  }

  get isEmpty(): boolean {
    return this.#stored.size === 0;
  }

  /** Resolves when the queue is empty. */
  empty(): Promise<void> {
    if (this.#stored.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }

  #start(): void {
    while (this.#running < (this.#options.consumers ?? 10)) {
      const request = this.#waiting.shift();
      if (!request) return;
      this.#running += 1;
      void this.#consume(request, this.#generation);
    }
  }

  async #consume(request: CollectorRequest, generation: number): Promise<void> {
    const isAlive = (): boolean => generation === this.#generation;
    for (let interval = INITIAL_MS; ; interval = Math.min(MAX_INTERVAL_MS, interval * MULTIPLIER)) {
      const throttleMs = await this.#attempt(request, isAlive);
      this.counts.attempts += 1;
      if (!isAlive()) return;
      if (throttleMs === undefined) break;
      const backoff = interval * (1 - RANDOMIZATION + 2 * RANDOMIZATION * this.#options.random());
      await this.#options.wait(Math.max(throttleMs, backoff));
      if (!isAlive()) return;
    }
    this.#stored.delete(request);
    this.#running -= 1;
    this.#start();
    if (this.#stored.size === 0) this.#onEmpty?.();
  }

  /** Returns undefined if the request is settled, else the time that the server wants to be left alone. */
  async #attempt(request: CollectorRequest, isAlive: () => boolean): Promise<number | undefined> {
    const { contentType, path, body, routingKey } = request;
    let status: number;
    let answer: Uint8Array;
    let response: Response;
    try {
      response = await fetch(this.#options.addressOf(routingKey) + path, {
        method: 'POST',
        headers: { 'content-type': contentType, 'x-api-key': 'key' },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(this.#options.timeoutMs),
        redirect: 'manual',
      });
      status = response.status;
      answer = new Uint8Array(await response.arrayBuffer()).subarray(0, MAX_ANSWER_BYTES);
    } catch {
      this.#count('transport', isAlive);
      return 0;
    }
    if (!isAlive()) return 0;
    if (status >= 200 && status < 300) {
      this.#settle(request, answer, response.headers.get('content-type'));
      return undefined;
    }
    if (!RETRIED.has(status)) {
      this.counts.dropped.push(`${status} ${new TextDecoder().decode(answer)}`);
      return undefined;
    }
    this.#count(status, isAlive);
    return THROTTLED.has(status) ? 1000 * Number(response.headers.get('retry-after') ?? 0) : 0;
  }

  /** An answer of success that cannot be read is a permanent error. The content type is compared as text. */
  #settle({ contentType }: CollectorRequest, answer: Uint8Array, type: string | null): void {
    this.counts.sent += 1;
    if (type !== contentType) this.counts.dropped.push(`content type ${String(type)}`);
    else if (contentType === 'application/json') {
      const { partialSuccess } = JSON.parse(new TextDecoder().decode(answer)) as { partialSuccess?: unknown };
      if (partialSuccess !== undefined) this.counts.partial += 1;
    } else if (answer.length > 0) {
      // The only field of the message is number 1, a message.
      if (answer[0] === 0x0a) this.counts.partial += 1;
      else this.counts.dropped.push('an answer that is no message');
    }
  }

  #count(status: number | 'transport', isAlive: () => boolean): void {
    if (isAlive()) this.counts.retried.set(status, (this.counts.retried.get(status) ?? 0) + 1);
  }
}
