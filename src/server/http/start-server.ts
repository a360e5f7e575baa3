import { createServer as createNodeServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import type { DeliveryStats } from '../../delivery/model/settlement.js';
import { checkOptionNames } from '../../common/option-names.js';
import { createServer, INGESTION_PATH, OTLP_PATH, type CreateServerOptions } from './create-server.js';
import { isLoopbackAddress } from '../security/loopback.js';
import { openFileStore } from '../engines/file/file-store.js';
import { MemoryStore, type MemoryStoreOptions } from '../engines/memory/memory-store.js';
import type { StoredRecord } from '../model/stored-record.js';

/** T-R-U-B on the keys of a telephone: no registered service and no well-known tool uses it. */
export const DEFAULT_PORT = 8782;

export interface StartServerOptions extends Omit<CreateServerOptions, 'anyAddress'>, MemoryStoreOptions {
  /** 0 takes a free one. Default {@link DEFAULT_PORT}. */
  readonly port?: number;
  /** Address to listen at. Any but a loopback address needs a `token`. Default `127.0.0.1`. */
  readonly host?: string;
  /** Keeps the records in this file (JSON lines, made if needed) across restarts. Not together with `store`. */
  readonly file?: string;
  /** Called while `file` is read at the start, with the share (0 to 1) that has been read. */
  readonly onLoadProgress?: (share: number) => void;
}

export interface RunningServer {
  /** Of the page, for instance `http://127.0.0.1:8782`. With a token, `?token=…` has to be added once. */
  readonly url: string;
  readonly port: number;
  /** What `TRUBRICS_HOST` and the `host` option of the SDKs have to be. */
  readonly ingestionUrl: string;
  /** What `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` has to be. */
  readonly tracesUrl: string;
  /** What has been received and is still kept, in order of arrival. */
  records(): readonly StoredRecord[];
  /** What became of the records that were to be forwarded; `undefined` without `forwardTo`. */
  forwarding(): DeliveryStats | undefined;
  /** Stops listening, ends open requests and live streams, sends what is still to be forwarded (10 s at most), and closes the file. */
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
 * @throws TypeError for options that contradict each other; an Error with a `code` such as `EADDRINUSE` when the port or the file
 * cannot be had.
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const { port = DEFAULT_PORT, host = '127.0.0.1' } = options;
  checkOptions(options, port, host);
  const store = options.store ?? (await openStore(options));
  const isPublic = !isLoopbackAddress(host);
  const server = createServer({
    ...options,
    store,
    anyAddress: isPublic,
    allowedHosts: [...(options.allowedHosts ?? []), ...(isPublic ? [hostname(), host] : [])],
  });
  const http = createAdaptorServer({
    fetch: (request) => server.fetch(request),
    createServer: createNodeServer,
    serverOptions: {
      headersTimeout: 30_000,
      requestTimeout: 60_000,
      // Longer than senders keep theirs: a connection that is closed while a request is on its way is a lost answer.
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
    records: () => Array.from(store.entries(), (entry) => entry.record),
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await server.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** The compiler keeps the list whole. */
const OPTION_NAMES: Readonly<Record<keyof StartServerOptions, true>> = {
  port: true,
  host: true,
  file: true,
  token: true,
  apiKey: true,
  allowedHosts: true,
  store: true,
  maxRecords: true,
  maxBytes: true,
  forwardTo: true,
  onRecords: true,
  onRejection: true,
  onLoadProgress: true,
};

function checkOptions(options: StartServerOptions, port: number, host: string): void {
  checkOptionNames(options, OPTION_NAMES);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(`port must be a whole number from 0 to 65535, not ${String(port)}`);
  if (options.store && options.file !== undefined) throw new TypeError('Give either store or file, not both');
  if (options.token === '') throw new TypeError('token must not be empty');
  if (options.apiKey === '') throw new TypeError('apiKey must not be empty');
  if (!isLoopbackAddress(host) && options.token === undefined)
    throw new TypeError(
      `host ${host} can be reached by other machines: give a token as well, or leave host out to stay on this one`,
    );
}

function openStore(options: StartServerOptions): Promise<MemoryStore> | ReturnType<typeof openFileStore> {
  const { file } = options;
  return file === undefined ? Promise.resolve(new MemoryStore(options)) : openFileStore({ ...options, file });
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

/** How the address is reached from this machine. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
