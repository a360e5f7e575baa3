import { createServer as createNodeServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import type { DeliveryStats } from '../../delivery/model/settlement.js';
import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { callback, filePath, text } from '../../common/options/option-kinds.js';
import {
  createServer,
  INGESTION_PATH,
  OTLP_PATH,
  SERVER_OPTIONS,
  type CreateServerOptions,
} from './create-server.js';
import { isLoopbackAddress } from '../security/loopback.js';
import { openFileStore } from '../engines/file/file-record-store.js';
import { MemoryStore, type MemoryStoreOptions } from '../engines/memory/memory-store.js';
import type { RecordStore } from '../engines/record-store.js';
import type { StoredRecord } from '../model/stored-record.js';

/** T-R-U-B on a telephone keypad. No registered service and no well-known tool uses it. */
export const DEFAULT_PORT = 8782;

export interface StartServerOptions extends Omit<CreateServerOptions, 'anyAddress'>, MemoryStoreOptions {
  /** 0 picks a free port. Default {@link DEFAULT_PORT}. */
  readonly port?: number;
  /** Address to listen on. Any other than a loopback address requires a `token`. Default `127.0.0.1`. */
  readonly host?: string;
  /** File that keeps the records across restarts: JSON lines, created if needed. Not together with `store`. */
  readonly file?: string;
  /** Called while `file` is read at the start, with the share (0 to 1) that has been read. */
  readonly onLoadProgress?: (share: number) => void;
}

const sizeLimit = {
  accepts: 'a number above 0',
  check: (value: unknown) => typeof value === 'number' && value > 0,
} as const;

// Whether any address is accepted follows from `host`.
const { anyAddress: _, ...serverOptions } = SERVER_OPTIONS;

const OPTIONS = {
  port: {
    default: DEFAULT_PORT,
    accepts: 'a whole number from 0 to 65535',
    check: (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  },
  host: { default: '127.0.0.1', ...text },
  file: filePath('file', 'trubrics.jsonl'),
  maxRecords: sizeLimit,
  maxBytes: sizeLimit,
  onLoadProgress: callback,
  ...serverOptions,
} as const satisfies OptionTable<StartServerOptions>;

const resolveOptions = defineOptions<StartServerOptions, typeof OPTIONS>(OPTIONS);

export interface RunningServer {
  /** Address of the page, for instance `http://127.0.0.1:8782`. With a token, add `?token=…` once. */
  readonly url: string;
  readonly port: number;
  /** Value for `TRUBRICS_HOST` and the `host` option of the SDKs. */
  readonly ingestionUrl: string;
  /** Value for `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`. */
  readonly tracesUrl: string;
  /**
   * Returns all records in order of arrival. For tests: `GET /api/export` reads any store.
   *
   * @throws Error if the `store` does not keep its records in memory.
   */
  records(): readonly StoredRecord[];
  /** Returns the counters of the forwarding; undefined without `forwardTo`. */
  forwarding(): DeliveryStats | undefined;
  /** Stops listening, ends requests and live streams, forwards what is left (10 s at most), and closes the file. */
  close(): Promise<void>;
}

/**
 * Starts a local Trubrics on a port: for `opentelemetry-exporter-trubrics dev`, and for tests.
 *
 * ```ts
 * const server = await startServer({ port: 0 });
 * const processor = new TrubricsSpanProcessor({ host: server.ingestionUrl, apiKey: 'test' });
 * // …
 * expect(server.records()).toHaveLength(1);
 * await server.close();
 * ```
 *
 * @throws TypeError for wrong options or options that contradict each other; an Error with a `code` such as `EADDRINUSE` if the port
 * or the file is not available.
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const resolved = resolveOptions(options);
  checkTogether(resolved);
  const { port, host, file, maxRecords, maxBytes, onLoadProgress, ...given } = resolved;
  const limits = { ...(maxRecords && { maxRecords }), ...(maxBytes && { maxBytes }) };
  const store =
    given.store ??
    (file === undefined
      ? new MemoryStore(limits)
      : await openFileStore({ ...limits, file, ...(onLoadProgress && { onLoadProgress }) }));
  const isPublic = !isLoopbackAddress(host);
  const server = createServer({
    ...given,
    store,
    anyAddress: isPublic,
    allowedHosts: [...given.allowedHosts, ...(isPublic ? [hostname(), host] : [])],
  });
  const http = createAdaptorServer({
    fetch: (request) => server.fetch(request),
    createServer: createNodeServer,
    serverOptions: {
      headersTimeout: 30_000,
      requestTimeout: 60_000,
      // Longer than clients keep idle connections (undici: 4 s). A request on a connection that was just closed gets no answer.
      keepAliveTimeout: 65_000,
    },
  }) as Server;
  try {
    await listen(http, port, host);
  } catch (error) {
    await server.close();
    throw error;
  }
  const address = http.address() as AddressInfo;
  const url = `http://${urlHost(host)}:${address.port}`;
  return {
    url,
    port: address.port,
    ingestionUrl: `${url}${INGESTION_PATH}`,
    tracesUrl: `${url}${OTLP_PATH}/traces`,
    forwarding: () => server.forwarding(),
    records: () => readSnapshot(store),
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await server.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** @throws TypeError */
function checkTogether({ store, file, host, token }: StartServerOptions & { readonly host: string }): void {
  if (store && file !== undefined) throw new TypeError('Give either the option store or file, not both.');
  if (!isLoopbackAddress(host) && token === undefined)
    throw new TypeError(
      `Option "host" is ${host}, which other machines can reach: give a token as well, or leave host out to stay on this one.`,
    );
}

function readSnapshot(store: RecordStore): readonly StoredRecord[] {
  if (!store.snapshot) throw new Error('records() needs a store in memory; use GET /api/export instead');
  return store.snapshot();
}

function listen(http: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen({ port, host }, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

/** Returns the host part of a URL under which this machine reaches the server. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
