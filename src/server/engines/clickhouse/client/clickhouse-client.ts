import { setTimeout as delay } from 'node:timers/promises';
import { formatParameter, type Parameters } from './parameters.js';

/** Address of a ClickHouse server, and the account to use. */
export interface ClickHouseAddress {
  /** Origin and path of the HTTP interface, for instance `http://127.0.0.1:8123/`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** An answer of ClickHouse that is no result. `code` is its error code, for instance 60 for an unknown table. */
export class ClickHouseError extends Error {
  override readonly name = 'ClickHouseError';
  readonly code: number | undefined;

  constructor(message: string, code?: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface StatementOptions {
  readonly parameters?: Parameters;
  /** Settings of this statement, for instance `{ max_threads: 2 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Longest time without an answer. A statistics query over years of records takes seconds. */
const TIMEOUT_MS = 60_000;

/**
 * Delays after which a request is sent again because its connection was closed: until the pool of `fetch` has noticed that others of the same age are closed as
 * well. On a machine that is busy for longer than `keep_alive_timeout`, the next one can be such a connection as well.
 */
const CLOSED_DELAYS_MS = [50, 100, 200, 400] as const;

/** Longest part of an error message that is passed on. Messages repeat the statement, which can be long. */
const MAX_MESSAGE = 500;

/**
 * Reads `clickhouse://user:password@host:8123/database`, or the same with `http://`, `https://` or `clickhouses://` (TLS). The default port is 8123, with
 * TLS 8443; the default database and user are `default`.
 *
 * @throws TypeError without repeating the password.
 */
export function parseClickHouseUrl(text: string): ClickHouseAddress {
  const scheme = /^(clickhouses?|https?):\/\//.exec(text)?.[1];
  const url = scheme && URL.parse(text.replace(/^[a-z]+/, 'http'));
  if (!url)
    throw new TypeError('A ClickHouse address looks like clickhouse://user:password@host:8123/database.');
  const isSecure = scheme.endsWith('s');
  const path = decodeURIComponent(url.pathname.replace(/^\//, ''));
  if (path.includes('/'))
    throw new TypeError('The path of a ClickHouse address is the name of one database.');
  const isPlainHttp = scheme.startsWith('http');
  const port = url.port || (isPlainHttp ? '' : isSecure ? '8443' : '8123');
  return {
    url: `${isSecure ? 'https' : 'http'}://${url.hostname}${port && `:${port}`}/`,
    user: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
    database: path || 'default',
  };
}

/**
 * Sends statements to the HTTP interface of ClickHouse. Values are sent as parameters and rows as JSON, so that no text of a record is
 * ever part of a statement.
 */
export class ClickHouseClient {
  readonly #address: ClickHouseAddress;
  readonly #fetch: typeof fetch;

  /** @param fetch for tests; the default is the global one */
  constructor(address: ClickHouseAddress, send: typeof fetch = fetch) {
    this.#address = address;
    this.#fetch = send;
  }

  get database(): string {
    return this.#address.database;
  }

  /** Runs a statement without a result: DDL, or `INSERT … SELECT`. @throws ClickHouseError */
  async command(statement: string, options: StatementOptions = {}): Promise<void> {
    const response = await this.#send(statement, options);
    await response.text();
  }

  /** Returns the rows of a query. @throws ClickHouseError */
  async query<Row>(statement: string, options: StatementOptions = {}): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for await (const chunk of this.stream<Row>(statement, {
      ...options,
      // Without it, an error in the middle of the answer comes with the status 200.
      settings: { wait_end_of_query: 1, ...options.settings },
    }))
      for (const row of chunk) rows.push(row);
    return rows;
  }

  /** Yields the rows of a query as they arrive. @throws ClickHouseError, also after the first rows */
  async *stream<Row>(statement: string, options: StatementOptions = {}): AsyncIterable<readonly Row[]> {
    const response = await this.#send(`${statement}\nFORMAT JSONEachRow`, options);
    const decoder = new TextDecoder();
    // Pieces of a row that has not ended: joined once, because a row can have many megabytes.
    let pieces: string[] = [];
    for await (const bytes of response.body ?? []) {
      const text = decoder.decode(bytes as Uint8Array, { stream: true });
      const end = text.lastIndexOf('\n');
      if (end === -1) {
        pieces.push(text);
        continue;
      }
      const lines = `${pieces.join('')}${text.slice(0, end)}`.split('\n');
      pieces = [text.slice(end + 1)];
      const rows = lines.filter((line) => line !== '').map((line) => parseRow(line) as Row);
      if (rows.length > 0) yield rows;
    }
    const rest = pieces.join('');
    if (rest !== '') yield [parseRow(rest) as Row];
  }

  /** Inserts rows. Resolves after ClickHouse has acknowledged them. @throws ClickHouseError */
  async insert(
    table: string,
    rows: readonly object[],
    settings: StatementOptions['settings'] = {},
  ): Promise<void> {
    if (rows.length === 0) return;
    const url = this.#url(settings);
    url.searchParams.set('query', `INSERT INTO ${table} FORMAT JSONEachRow`);
    const body = rows.map((row) => JSON.stringify(row)).join('\n');
    const response = await this.#request(url, body);
    await response.text();
  }

  /** The statement and its parameters are sent as form fields: lists of ids would be too long for a URL. */
  #send(statement: string, { parameters = {}, settings = {} }: StatementOptions): Promise<Response> {
    const form = new FormData();
    form.set('query', statement);
    for (const [name, value] of Object.entries(parameters)) form.set(`param_${name}`, formatParameter(value));
    return this.#request(this.#url(settings), form);
  }

  #url(settings: Readonly<Record<string, string | number>>): URL {
    const url = new URL(this.#address.url);
    url.searchParams.set('database', this.#address.database);
    // 64-bit numbers as text: JSON.parse would round them.
    const all = { output_format_json_quote_64bit_integers: 1, ...settings };
    for (const [name, value] of Object.entries(all)) url.searchParams.set(name, String(value));
    return url;
  }

  async #request(url: URL, body: string | FormData): Promise<Response> {
    const { user, password } = this.#address;
    const headers = { 'x-clickhouse-user': user, ...(password !== '' && { 'x-clickhouse-key': password }) };
    const send = (): Promise<Response> =>
      this.#fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    let response: Response;
    try {
      response = await repeatIfClosed(send);
    } catch (error) {
      throw new ClickHouseError(`ClickHouse at ${url.host} cannot be reached`, undefined, { cause: error });
    }
    if (response.ok) return response;
    const text = await response.text();
    const code = response.headers.get('x-clickhouse-exception-code') ?? /^Code: (\d+)/.exec(text)?.[1];
    throw new ClickHouseError(
      text.slice(0, MAX_MESSAGE) || `status ${response.status}`,
      code === undefined ? undefined : Number(code),
    );
  }
}

async function repeatIfClosed(send: () => Promise<Response>): Promise<Response> {
  for (const ms of CLOSED_DELAYS_MS) {
    try {
      return await send();
    } catch (error) {
      if (!isClosedConnection(error)) throw error;
      await delay(ms);
    }
  }
  return send();
}

/**
 * Returns true if a connection was closed before an answer: ClickHouse closes idle ones after `keep_alive_timeout`, by default 10 s or less, while
 * a request may be on its way. Then it can be sent again, because every statement of this engine can be repeated.
 */
function isClosedConnection(error: unknown): boolean {
  const { code } = ((error as Error | undefined)?.cause ?? {}) as { readonly code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}

/** An error in the middle of a stream comes as a line of text, or as a row with the field `exception`. */
function parseRow(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ClickHouseError(line.slice(0, MAX_MESSAGE), undefined, { cause: error });
  }
}
