import { Hono } from 'hono';
import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { callback, flag, objectWith, record, text, texts } from '../../common/options/option-kinds.js';
import type { DeliveryStats } from '../../delivery/model/settlement.js';
import { apiRoutes } from './api-routes.js';
import { Forwarding, type ForwardTarget } from '../ingest/forwarding.js';
import { ingestionRoutes } from '../ingest/ingestion/ingestion-routes.js';
import { Intake } from '../ingest/intake.js';
import { LiveUpdates } from '../live/live-updates.js';
import { otlpRoutes } from '../ingest/otlp/otlp-routes.js';
import { pageAsset, pageDocument } from './page-assets.js';
import { Rejections, type Rejection } from '../model/rejections.js';
import { requestGuard } from '../security/request-guard.js';
import { securityHeaders } from '../security/security-headers.js';
import { tokenGuard } from '../security/token-guard.js';
import { MemoryStore } from '../engines/memory/memory-store.js';
import type { RecordStore } from '../engines/record-store.js';
import type { StoredRecord } from '../model/stored-record.js';

/** Path of the ingestion API: what `TRUBRICS_HOST` points at, after the server's address. */
export const INGESTION_PATH = '/api/ingestion';

/** Path of the OTLP receiver, below which is `/traces`: what `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` points at. */
export const OTLP_PATH = '/v1';

/** Where applications send to: open to other origins of this machine, and with keys of their own. */
const INGEST_PATHS = [`${INGESTION_PATH}/`, `${OTLP_PATH}/`];

/** Paths of the page's views; all of them are one document. */
const VIEWS = ['/', '/conversations', '/people', '/overview', '/rejected'];

export interface CreateServerOptions {
  /** Where the records are kept. Default: in memory, the latest 100,000. */
  readonly store?: RecordStore;
  /** The only `x-api-key` that senders may use. Default: the token when there is one, else any that is not empty. */
  readonly apiKey?: string;
  /** Everything but ingestion asks for it. Needed as soon as others than this machine can reach the server. */
  readonly token?: string;
  /** Hostnames, besides the loopback ones, under which the server may be addressed. */
  readonly allowedHosts?: readonly string[];
  /** Takes any IP address as `Host`. For servers that listen on the network; asks for `token`. Default false. */
  readonly anyAddress?: boolean;
  /**
   * Another host that everything received is sent on to, for instance the hosted service. The `host` must not be this server. What
   * became of it is in `forwarding` of `GET /api/stats`.
   */
  readonly forwardTo?: ForwardTarget;
  /** Called with records that were stored. */
  readonly onRecords?: (records: readonly StoredRecord[]) => void;
  /** Called with each request of a sender that was refused. */
  readonly onRejection?: (rejection: Rejection) => void;
}

export const SERVER_OPTIONS = {
  store: objectWith('a RecordStore', 'put', 'close'),
  apiKey: { secret: true, ...text },
  token: { secret: true, ...text },
  allowedHosts: { default: [], ...texts },
  anyAddress: { default: false, ...flag },
  forwardTo: record,
  onRecords: callback,
  onRejection: callback,
} as const satisfies OptionTable<CreateServerOptions>;

const resolveOptions = defineOptions<CreateServerOptions, typeof SERVER_OPTIONS>(SERVER_OPTIONS);

export interface TrubricsServer {
  /** Answers one request. A Web-standard handler: mount it wherever there is a `Request`. */
  fetch(request: Request): Promise<Response>;
  readonly store: RecordStore;
  /** What became of the records that were to be forwarded; `undefined` without `forwardTo`. */
  forwarding(): DeliveryStats | undefined;
  /** Ends all live streams, sends what is still to be forwarded (10 s at most), and closes the store. */
  close(): Promise<void>;
}

/**
 * The local Trubrics as a request handler: the ingestion API, the JSON API and the web page.
 *
 * @throws TypeError when `anyAddress` is set without a `token`, or `forwardTo` is wrong.
 */
export function createServer(options: CreateServerOptions = {}): TrubricsServer {
  const { token, apiKey, allowedHosts, anyAddress, forwardTo, onRecords, onRejection, ...given } =
    resolveOptions(options);
  if (anyAddress && token === undefined)
    throw new TypeError('Option "anyAddress" needs a token, because others can reach the records.');
  const store = given.store ?? new MemoryStore();
  const rejections = new Rejections();
  const live = new LiveUpdates(store);
  const forwarding = forwardTo && new Forwarding(forwardTo);
  const intake = new Intake({ store, live, forwarding, onRecords });
  const app = new Hono();

  app.use(securityHeaders);
  app.use(
    requestGuard({
      allowedHosts: new Set(allowedHosts.map((host) => host.toLowerCase())),
      anyAddress,
      ingestPaths: INGEST_PATHS,
    }),
  );
  if (token !== undefined) app.use(tokenGuard(token, INGEST_PATHS));
  const senders = {
    apiKey: apiKey ?? token,
    onRejection(refused: Omit<Rejection, 'id'>): void {
      const rejection = rejections.add(refused);
      live.publishRejection(rejection);
      onRejection?.(rejection);
    },
  };
  app.route(INGESTION_PATH, ingestionRoutes({ ...senders, onRecords: (records) => intake.take(records) }));
  app.route(
    OTLP_PATH,
    otlpRoutes({
      ...senders,
      onRecords: (records, superseded) => intake.takeTraced(records, superseded),
    }),
  );
  app.route('/api', apiRoutes({ store, live, rejections, intake, forwarding }));
  app.route('/', pageRoutes());
  app.notFound((c) => c.json({ detail: 'Not Found' }, 404));
  app.onError((_error, c) => c.json({ detail: 'Internal Server Error' }, 500));

  return {
    store,
    fetch: async (request) => app.fetch(request),
    forwarding: () => forwarding?.stats(),
    async close() {
      live.close();
      await forwarding?.close();
      await store.close();
    },
  };
}

function pageRoutes(): Hono {
  const app = new Hono();
  for (const view of VIEWS)
    app.get(view, (c) => {
      const page = pageDocument();
      if (page) return c.body(page.body, 200, { 'content-type': page.contentType });
      return c.text(
        'The page is not built: run "npm run build" in the package. The API works without it.',
        503,
      );
    });
  app.get('/:file', (c) => {
    const asset = pageAsset(c.req.path);
    if (!asset) return c.notFound();
    return c.body(asset.body, 200, { 'content-type': asset.contentType, 'cache-control': 'no-cache' });
  });
  return app;
}
