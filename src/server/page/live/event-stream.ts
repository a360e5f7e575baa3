/** One server-sent event. */
export interface StreamEvent {
  readonly event: string;
  /** Id of the latest event that had one. */
  readonly id: string;
  readonly data: unknown;
}

export interface StreamHandlers {
  readonly onOpen: () => void;
  /** Called after each attempt that failed and when a connection has ended. `reason` is a sentence for the reader of the page. */
  readonly onLost: (reason: string) => void;
  readonly onEvent: (event: StreamEvent) => void;
}

/** Delays before the first and any further attempt to connect, growing by two. */
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 10_000;
/** Interval of the heartbeat until the server has named its own. */
const DEFAULT_BEAT_MS = 15_000;
/** Heartbeats that may be late before the connection counts as dead. */
const MISSED_BEATS = 2.5;

export const UNREACHABLE = 'The server cannot be reached.';

/**
 * Server-sent events, with reconnection until `close()`. Unlike `EventSource` it tells why a connection was refused, and it notices a
 * connection that died in silence, as it does while a laptop sleeps: no heartbeat has come for too long.
 */
export class EventStream {
  readonly #url: string;
  readonly #handlers: StreamHandlers;
  #lastEventId: string;
  #beatMs = DEFAULT_BEAT_MS;
  #lastHeard = 0;
  #delayMs = FIRST_DELAY_MS;
  #request: AbortController | undefined;
  #next: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(url: string, lastEventId: string, handlers: StreamHandlers) {
    this.#url = url;
    this.#lastEventId = lastEventId;
    this.#handlers = handlers;
  }

  open(): void {
    clearTimeout(this.#next);
    this.#next = undefined;
    this.#lastHeard = Date.now();
    this.#watch();
    void this.#connect();
  }

  /** Skips the delay before the next attempt. */
  reconnect(): void {
    if (this.#next === undefined) return;
    this.#delayMs = FIRST_DELAY_MS;
    this.open();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#next);
    clearTimeout(this.#watchdog);
    this.#request?.abort();
  }

  async #connect(): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    let reason = UNREACHABLE;
    try {
      const headers = this.#lastEventId === '' ? undefined : { 'last-event-id': this.#lastEventId };
      const response = await fetch(this.#url, { signal: request.signal, ...(headers && { headers }) });
      if (response.ok && response.body) await this.#read(response.body);
      else reason = await refusalOf(response);
    } catch {
      // The network failed, or the watchdog has ended the request.
    }
    if (this.#isClosed || this.#request !== request) return;
    clearTimeout(this.#watchdog);
    this.#next = setTimeout(() => this.open(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, MAX_DELAY_MS);
    this.#handlers.onLost(reason);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    this.#handlers.onOpen();
    const [reader, decoder] = [body.getReader(), new TextDecoder()];
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#lastHeard = Date.now();
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#onBlock(block);
    }
  }

  #onBlock(block: string): void {
    if (this.#isClosed) return;
    const fields = new Map(block.split('\n').map(splitField));
    this.#lastEventId = fields.get('id') ?? this.#lastEventId;
    const data = fields.get('data');
    if (data === undefined) return;
    const event = {
      event: fields.get('event') ?? '',
      id: this.#lastEventId,
      data: JSON.parse(data) as unknown,
    };
    if (event.event === 'hello') this.#onHello(event.data);
    this.#handlers.onEvent(event);
  }

  #onHello(data: unknown): void {
    this.#delayMs = FIRST_DELAY_MS;
    const beatMs = (data as { readonly beatMs?: number }).beatMs ?? DEFAULT_BEAT_MS;
    if (beatMs === this.#beatMs) return;
    this.#beatMs = beatMs;
    this.#watch();
  }

  /** Ends the request when nothing was heard for too long. By the clock, because timers stand still while a computer sleeps. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    const silent = Date.now() - this.#lastHeard;
    if (silent > this.#beatMs * MISSED_BEATS) this.#request?.abort();
    else this.#watchdog = setTimeout(() => this.#watch(), this.#beatMs / 3);
  }
}

/** Returns why the server refused a request, as a sentence. */
export async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : undefined;
  return typeof detail === 'string' ? detail : `The server answered ${response.status}.`;
}

function splitField(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
