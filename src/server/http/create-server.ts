import { Hono } from 'hono';
import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import {
  callback,
  filePath,
  flag,
  objectWith,
  record,
  text,
  texts,
} from '../../common/options/option-kinds.js';
import type { DeliveryStats } from '../../delivery/model/delivery-stats.js';
import { withoutBasePath } from './base-path.js';
import type { ForwardTarget } from '../ingest/forwarding.js';
import { OwnPricesFile } from '../insights/prices/own-prices-file.js';
import { Pricing } from '../insights/prices/pricing.js';
import { ByteBudget } from '../ingest/body/byte-budget.js';
import { toRejection } from '../ingest/ingest-request.js';
import { NOTHING_TAKEN, suggestPath } from '../ingest/unknown-path.js';
import { INGEST_PATHS } from './paths.js';
import { openOutgoing, type OutgoingOptions } from './outgoing/outgoing.js';
import { pageRoutes } from './page-routes.js';
import { createProject } from './project.js';
import type { RequestEnvironment } from './request-environment.js';
import { requesterOf } from './requester.js';
import { isTraceUrlTemplate, TRACE_URL_SHAPE } from '../model/trace-url.js';
import type { Rejection } from '../model/intake/rejections.js';
import { allowedHostNames, requestGuard } from '../security/request-guard.js';
import { securityHeaders } from '../security/security-headers.js';
import { tokenGuard } from '../security/token-guard.js';
import { MemoryStore } from '../engines/memory/memory-store.js';
import type { RecordStore } from '../engines/record-store.js';
import type { StoreOutage } from '../model/intake/intake-status.js';
import type { StoredRecord } from '../model/stored-record.js';

export interface CreateServerOptions extends OutgoingOptions {
  /** The engine that keeps the records. Default: in memory, the latest 100,000. */
  readonly store?: RecordStore | undefined;
  /** The only `x-api-key` that is accepted. Default: the token if there is one, else any key that is not empty. */
  readonly apiKey?: string | undefined;
  /** Required for everything but ingestion. Needed if other machines can reach the server. */
  readonly token?: string | undefined;
  /** Hostnames, besides the loopback ones, under which the server may be addressed. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Accepts any IP address as `Host`, for servers that listen on the network. Requires `token`. Default false. */
  readonly anyAddress?: boolean | undefined;
  /** Path below which a proxy shows the server, for instance `/trubrics`. The proxy may remove it from requests or not. */
  readonly basePath?: string | undefined;
  /**
   * Another host to which everything received is forwarded, for instance the hosted service. Its `host` must not be this server. The
   * counters are in `forwarding` of `GET /api/stats`.
   */
  readonly forwardTo?: ForwardTarget | undefined;
  /** Address of a trace in another tool, with `{trace_id}` and, if wanted, `{span_id}`: the page links to it. Default: no link. */
  readonly traceUrl?: string | undefined;
  /** A JSON file of own prices, which is read again when it changes. Its form: `docs/cost.md`. Default: the prices of the package. */
  readonly prices?: string | undefined;
  /** Called once for each change of that file that cannot be read. The prices of before stay. */
  readonly onPricesProblem?: ((problem: string) => void) | undefined;
  /** Days after which records are deleted, within six hours. Default: they are kept. An engine with a retention of its own needs none here. */
  readonly retentionDays?: number | undefined;
  /** Days after which the texts of records are erased, within six hours, and their numbers kept. Default: they are kept. */
  readonly textRetentionDays?: number | undefined;
  /** Property that names the organization of a person, unless the setting of the store names another. Default `organization_id`. */
  readonly organizationProperty?: string | undefined;
  /** Called with records that were stored. */
  readonly onRecords?: ((records: readonly StoredRecord[]) => void) | undefined;
  /** Called with each ingestion request that was refused. */
  readonly onRejection?: ((rejection: Rejection) => void) | undefined;
  /** Called once when the store begins to fail, and with `undefined` when it works again. What is sent meanwhile is answered 503. */
  readonly onStoreOutage?: ((outage: StoreOutage | undefined) => void) | undefined;
}

/** A text that a header can carry: exporters and browsers send it in one. */
const headerText = {
  accepts: 'letters, digits and signs of ASCII, without spaces',
  check: (value: unknown) => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
} as const;

const wholeDays = {
  accepts: 'a whole number of days above 0',
  check: (value: unknown) => Number.isInteger(value) && Number(value) > 0,
} as const;

export const SERVER_OPTIONS = {
  store: objectWith('a RecordStore', 'put', 'close'),
  apiKey: { secret: true, ...headerText },
  token: { secret: true, ...headerText },
  allowedHosts: { default: [], ...texts },
  anyAddress: { default: false, ...flag },
  basePath: {
    default: '',
    accepts: 'a path such as "/trubrics", without a slash at its end',
    check: (value: unknown) => typeof value === 'string' && /^(?:\/[\w.~-]+)*$/.test(value),
  },
  forwardTo: record,
  traceUrl: { accepts: TRACE_URL_SHAPE, check: isTraceUrlTemplate },
  prices: filePath('file', 'prices.json'),
  webhooks: texts,
  webhookSecret: { secret: true, ...text },
  privateTargets: texts,
  labels: record,
  onPricesProblem: callback,
  retentionDays: wholeDays,
  textRetentionDays: wholeDays,
  organizationProperty: text,
  onRecords: callback,
  onRejection: callback,
  onStoreOutage: callback,
} as const satisfies OptionTable<CreateServerOptions>;

const resolveOptions = defineOptions<CreateServerOptions, typeof SERVER_OPTIONS>(SERVER_OPTIONS);

export interface TrubricsServer {
  /** Answers one request. A Web-standard handler: mount it wherever there is a `Request`. */
  fetch(request: Request): Promise<Response>;
  readonly store: RecordStore;
  /** Returns the counters of the forwarding; undefined without `forwardTo`. */
  forwarding(): DeliveryStats | undefined;
  /** Ends all live streams, forwards what is left (10 s at most), and closes the store. */
  close(): Promise<void>;
}

/**
 * The local Trubrics as a request handler: the ingestion API, the JSON API and the web page.
 *
 * @throws TypeError when `anyAddress` is set without a `token`, or `forwardTo` is wrong.
 */
export function createServer(options: CreateServerOptions = {}): TrubricsServer {
  const { reject: _internal, ...server } = composeServer(options);
  return { ...server, fetch: (request) => server.fetch(request) };
}

/** A server, and a way to report what was refused before it became a request. */
export interface ComposedServer extends TrubricsServer {
  fetch(request: Request, environment?: RequestEnvironment): Promise<Response>;
  readonly reject: (refused: Omit<Rejection, 'id'>) => void;
}

/** Like {@link createServer}. */
export function composeServer(options: CreateServerOptions = {}): ComposedServer {
  const { token, apiKey, allowedHosts, anyAddress, basePath, forwardTo, ...given } = resolveOptions(options);
  const { onRecords, onRejection, onStoreOutage, prices, onPricesProblem, traceUrl } = given;
  if (anyAddress && token === undefined)
    throw new TypeError('Option "anyAddress" needs a token, because others can reach the records.');
  const project = createProject({
    store: given.store ?? new MemoryStore(),
    budget: new ByteBudget(),
    apiKey: apiKey ?? token,
    forwardTo,
    pricing: new Pricing({
      own: prices === undefined ? undefined : new OwnPricesFile({ path: prices, onProblem: onPricesProblem }),
    }),
    outgoing: openOutgoing(given),
    retentionDays: given.retentionDays,
    textRetentionDays: given.textRetentionDays,
    organizationProperty: given.organizationProperty,
    requesterOf: (c) => requesterOf(c, token === undefined ? 'open' : 'token'),
    onRecords,
    onRejection,
    onStoreOutage,
  });
  const { store, reject } = project;
  const app = new Hono();

  app.use(securityHeaders);
  app.use(
    requestGuard({
      allowedHosts: allowedHostNames(allowedHosts),
      anyAddress,
      ingestPaths: INGEST_PATHS,
    }),
  );
  app.use(suggestPath(reject, basePath));
  if (token !== undefined) app.use(tokenGuard(token, INGEST_PATHS, basePath));
  app.route('/', project.routes);
  app.route(
    '/',
    pageRoutes(async () => {
      const [organizationProperty, { timeZone, isUnread }] = await Promise.all([
        project.organizationProperty(),
        project.timeZone(),
      ]);
      return { basePath, traceUrl, organizationProperty, timeZone, isTimeZoneUnread: isUnread };
    }),
  );
  app.notFound((c) => {
    if (c.req.method === 'POST') reject(toRejection(c, 404, NOTHING_TAKEN));
    return c.json({ detail: 'Not Found' }, 404);
  });
  app.onError((_error, c) => c.json({ detail: 'Internal Server Error' }, 500));

  return {
    store,
    reject,
    fetch: async (request, environment) => {
      if (basePath === '') return app.fetch(request, environment);
      const url = withoutBasePath(request.url, basePath);
      return app.fetch(url === request.url ? request : new Request(url, request), environment);
    },
    forwarding: () => project.forwarding?.stats(),
    close: () => project.close(),
  };
}
