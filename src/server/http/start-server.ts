import { hostname } from 'node:os';
import type { DeliveryStats } from '../../delivery/model/delivery-stats.js';
import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { callback, filePath, text } from '../../common/options/option-kinds.js';
import { composeServer, SERVER_OPTIONS, type CreateServerOptions } from './create-server.js';
import { addressOf, createHttpServer, listen } from './node-server.js';
import { INGESTION_PATH, OTLP_PATH } from './paths.js';
import { OwnPricesFile } from '../insights/prices/own-prices-file.js';
import { isLoopbackAddress } from '../security/loopback.js';
import { openFileStore } from '../engines/file/file-record-store.js';
import { MemoryStore, type MemoryStoreOptions } from '../engines/memory/memory-store.js';
import type { RecordStore } from '../engines/record-store.js';
import type { StoredRecord } from '../model/stored-record.js';

/** T-R-U-B on a telephone keypad. No registered service and no well-known tool uses it. */
export const DEFAULT_PORT = 8782;

export interface StartServerOptions extends Omit<CreateServerOptions, 'anyAddress'>, MemoryStoreOptions {
  /** 0 picks a free port. Default {@link DEFAULT_PORT}. */
  readonly port?: number | undefined;
  /** Address to listen on. Any other than a loopback address requires a `token`. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** File that keeps the records across restarts: JSON lines, created if needed. Not together with `store`. */
  readonly file?: string | undefined;
  /** Called while `file` is read at the start, with the share (0 to 1) that has been read. */
  readonly onLoadProgress?: ((share: number) => void) | undefined;
  /** Called with the number of lines of `file` that are no records, if there are any. */
  readonly onSkippedLines?: ((count: number) => void) | undefined;
}

/** Ports to which browsers and `fetch` refuse to connect (Fetch Standard, "bad port"). */
const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
]);

const sizeLimit = {
  accepts: 'a number above 0',
  check: (value: unknown) => typeof value === 'number' && value > 0,
} as const;

// `host` decides whether any address is accepted.
const { anyAddress: _, ...serverOptions } = SERVER_OPTIONS;

const OPTIONS = {
  port: {
    default: DEFAULT_PORT,
    accepts: 'a whole number from 0 to 65535 that browsers do not block',
    check: (value: unknown) =>
      Number.isInteger(value) &&
      Number(value) >= 0 &&
      Number(value) <= 65_535 &&
      !BLOCKED_PORTS.has(Number(value)),
  },
  host: { default: '127.0.0.1', ...text },
  file: filePath('file', 'trubrics.jsonl'),
  maxRecords: sizeLimit,
  maxBytes: sizeLimit,
  onLoadProgress: callback,
  onSkippedLines: callback,
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
 * @throws TypeError for wrong options or options that contradict each other; PricesError; an Error with a `code` such as `EADDRINUSE` if the port
 * or the file is not available.
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const resolved = resolveOptions(options);
  checkTogether(resolved);
  const { port, host, file, maxRecords, maxBytes, onLoadProgress, onSkippedLines, ...given } = resolved;
  const limits = { ...(maxRecords && { maxRecords }), ...(maxBytes && { maxBytes }) };
  const store =
    given.store ??
    (file === undefined
      ? new MemoryStore(limits)
      : await openFileStore({
          ...limits,
          file,
          ...(onLoadProgress && { onLoadProgress }),
          ...(onSkippedLines && { onSkippedLines }),
        }));
  // Problems of the start are the caller's; later ones go to `onPricesProblem`.
  if (given.prices !== undefined) await new OwnPricesFile({ path: given.prices }).open();
  const isPublic = !isLoopbackAddress(host);
  const server = composeServer({
    ...given,
    store,
    anyAddress: isPublic,
    allowedHosts: [...given.allowedHosts, ...(isPublic ? [hostname(), host] : [])],
  });
  const http = createHttpServer(
    (request, environment) => server.fetch(request, environment),
    (refused) => server.reject(refused),
  );
  try {
    await listen(http, port, host);
  } catch (error) {
    await server.close();
    throw error;
  }
  const { url, port: boundPort } = addressOf(http, host);
  return {
    url,
    port: boundPort,
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
