import { Hono, type Context } from 'hono';
import { readRequestTimeZone } from '../../audience/project-time-zone.js';
import { readOnce } from '../../audience/read-once.js';
import { readQuery } from '../../audience/read-query.js';
import { cursorToJson } from '../../engines/cursor.js';
import type { RecordLines, RecordStore } from '../../engines/record-store.js';
import type { Forwarding } from '../../ingest/forwarding.js';
import type { AlertWatch } from '../../insights/alerts/alert-watch.js';
import type { Pricing } from '../../insights/prices/pricing.js';
import type { PartialSummary } from '../../insights/summary/summary.js';
import type { TopicResponse } from '../../insights/topics/topic-summary.js';
import type { LiveUpdates } from '../../live/live-updates.js';
import type { IntakeStatus } from '../../model/intake/intake-status.js';
import { THREAD_ORDERS, type RecordList, type ThreadOrder } from '../../model/lists.js';
import { previewOf } from '../../model/preview.js';
import type { Requester } from '../../model/privacy/audit.js';
import type { Rejection } from '../../model/intake/rejections.js';
import type { AuditLog } from '../../privacy/audit-log.js';
import type { RecordQuery } from '../../query/record-query.js';
import { BadQueryError, parseCount, parseRecordOrder } from '../../query/parse-query.js';
import { measureRoutes } from '../measure/measure-routes.js';
import type { PendingAnswers } from '../measure/pending-answers.js';
import { summaryRoutes } from '../summary/summary-routes.js';
import { alertRoutes } from '../outgoing/alert-routes.js';
import { reviewRoutes } from '../review/review-routes.js';
import { topicRoutes } from '../topics/topic-routes.js';
import { answerError } from './answer-error.js';
import { answerWith } from '../answers/api-responses.js';
import { explainResponse } from './explain-response.js';
import type { SpanExplanation } from '../../../reading/advice/span-explanation.js';
import { auditedExport, subjectOf } from '../export/audited-export.js';
import { changesRoute } from '../export/changes-route.js';
import { exportedQuery, exportedRecords, isOfPeople } from '../export/exported-records.js';
import { digestOf, QUERY_HEADER } from '../export/query-digest.js';
import { exportCsv, exportJsonLines, type ExportFormat } from '../export/export-records.js';

/** Records of a page, by default and at most. */
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;
/** Most feedback on a batch of records of an export. */
const MAX_FEEDBACK = 100_000;
/** Longest cut of a text that `preview` may ask for. */
const MAX_PREVIEW = 10_000;
/** Rows of the lists of users and conversations, by default and at most. */
const DEFAULT_ROWS = 1000;
const MAX_ROWS = 100_000;

export interface ApiParts {
  readonly store: RecordStore;
  readonly live: LiveUpdates;
  /** All refused requests since the start are counted in `total`. */
  readonly rejections: { readonly list: () => Promise<readonly Rejection[]>; readonly total: () => number };
  readonly audit: AuditLog;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
  readonly forwarding?: Forwarding | undefined;
  readonly intakeStatus: () => IntakeStatus;
  /** Explains the last spans that came over OTLP. */
  readonly explain: () => readonly SpanExplanation[];
  readonly pricing: Pricing;
  readonly alerts: AlertWatch;
  /** Answers that are being made. */
  readonly answers: {
    readonly topics: PendingAnswers<TopicResponse>;
    readonly summary: PendingAnswers<PartialSummary>;
  };
}

/**
 * Routes of the JSON API, below `/api`, besides those that delete (`erasure-routes.ts`) and those about people (`people-routes.ts`). All routes that list, count or export take the parameters of {@link readQuery}.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /records` | `{ records, total, before, feedback }`, latest first; `limit` (100, at most 1000), `before`, `order` = `arrival` or `time`, `preview` |
 * | `GET /records/:id`, `GET /records/?id=` | one record |
 * | `GET /users` | `{ users, total }`, latest active first; `limit` (1000) |
 * | `GET /threads` | `{ threads, total }`; `limit` (1000), `order` = `latest`, `earliest`, `prompts`, `tokens`, `cost` or `errors` |
 * | `GET /stats` | `Statistics`, usage of the `store`, counters of the `forwarding`, the `intake`, and the `prices`; `buckets` (60), `timezone` (that of the project) |
 * | `GET /measure` | see {@link measureRoutes} |
 * | `GET /summary` | see {@link summaryRoutes} |
 * | `GET /review` | see {@link reviewRoutes} |
 * | `GET /topics` | see {@link topicRoutes} |
 * | `GET /alerts`, `/alerts/preview` | see {@link alertRoutes} |
 * | `GET /intake` | `IntakeStatus`: whether the store fails, bytes in flight, log records that wait, skipped spans; also in `intake` of `GET /stats` |
 * | `GET /explain` | `{ spans, reasons }`: what became of the last spans that came over OTLP; `reason`, which may be repeated, `limit` (200) |
 * | `GET /rejections` | `{ rejections, total }`, latest first |
 * | `GET /export` | a file; `format` = `jsonl` or `csv`; with `user` as the only filter, everything about them |
 * | `GET /changes` | see {@link changesRoute} |
 * | `GET /live` | server-sent events, see {@link LiveUpdates}; `preview`, `watch` |
 */
export function apiRoutes(parts: ApiParts): Hono {
  const { store, live, rejections, forwarding, intakeStatus, pricing } = parts;
  const app = new Hono();

  app.onError(answerError);
  const queryOf = (params: URLSearchParams): Promise<RecordQuery> => readQuery(params, store.documents);
  answerWith(app, 'records', (params) => listRecords(params, store));
  const getRecord = async (c: Context, id: string): Promise<Response> => {
    const record = (await store.get([id])).get(id);
    return record ? c.json(record) : c.json({ detail: 'Not Found' }, 404);
  };
  app.get('/records/:id', (c) => getRecord(c, c.req.param('id')));
  // A path cannot hold the ids "." and "..": URLs leave them out.
  app.get('/records/', (c) => getRecord(c, c.req.query('id') ?? ''));
  answerWith(app, 'users', async (params) => {
    const limit = parseCount(params, 'limit', DEFAULT_ROWS, MAX_ROWS);
    return store.users(await queryOf(params), limit);
  });
  answerWith(app, 'threads', async (params) => {
    const limit = parseCount(params, 'limit', DEFAULT_ROWS, MAX_ROWS);
    return store.threads(await queryOf(params), limit, parseOrder(params));
  });
  answerWith(app, 'stats', async (params) => {
    const buckets = Math.max(2, parseCount(params, 'buckets', 60, 500));
    const documents = readOnce(store.documents);
    const timeZone = await readRequestTimeZone(params, documents);
    const statistics = await store.statistics(await readQuery(params, documents), buckets, timeZone);
    const usage = await store.usage();
    return {
      ...statistics,
      store: usage,
      forwarding: forwarding?.stats() ?? null,
      intake: intakeStatus(),
      prices: await pricing.info(),
    };
  });
  answerWith(app, 'rejections', async () => ({
    rejections: await rejections.list(),
    total: rejections.total(),
  }));
  answerWith(app, 'explain', (params) => explainResponse(params, parts.explain()));
  app.route('/', measureRoutes(store));
  app.route('/', summaryRoutes(store, parts.answers.summary));
  app.route('/', reviewRoutes(store));
  app.route('/', topicRoutes(store, parts.answers.topics));
  app.route('/', alertRoutes(parts.alerts));
  app.route('/', changesRoute({ store, audit: parts.audit, requesterOf: parts.requesterOf }));
  answerWith(app, 'intake', intakeStatus);
  app.get('/export', (c) => download(c, parts));
  app.get('/live', (c) => stream(c, live));
  return app;
}

async function listRecords(params: URLSearchParams, store: RecordStore): Promise<RecordList> {
  const limit = parseCount(params, 'limit', DEFAULT_PAGE, MAX_PAGE);
  const preview = parseCount(params, 'preview', 0, MAX_PREVIEW);
  const before = params.get('before');
  const order = parseRecordOrder(params);
  const query = await readQuery(params, store.documents);
  const page = await store.list(query, { limit, order, ...(before && { before }) });
  return {
    records: preview > 0 ? page.records.map((record) => previewOf(record, preview)) : page.records,
    total: page.total,
    ...(page.isTotalCapped && { isTotalCapped: true }),
    before: page.next === undefined ? null : cursorToJson(page.next),
    feedback: page.feedback,
  };
}

/** @throws BadQueryError */
function parseOrder(params: URLSearchParams): ThreadOrder {
  const order = params.get('order') || 'latest';
  const known = THREAD_ORDERS.find((name) => name === order);
  if (!known) throw new BadQueryError(`order must be one of ${THREAD_ORDERS.join(', ')}`);
  return known;
}

function paramsOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

/** Returns the JSON lines of an export. An engine that keeps them writes them itself. */
function exportedLines(store: RecordStore, query: RecordQuery): AsyncIterable<RecordLines> {
  if (!isOfPeople(query) && store.exportLines) return store.exportLines(query);
  return exportJsonLines(exportedRecords(store, query));
}

/** Streams an export: only one chunk of it is in memory at a time. */
async function download(c: Context, { store, audit, requesterOf }: ApiParts): Promise<Response> {
  const format = c.req.query('format') ?? 'jsonl';
  if (!isExportFormat(format)) throw new BadQueryError('format must be jsonl or csv');
  const query = await exportedQuery(paramsOf(c), store);
  const headers = {
    'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
    [QUERY_HEADER]: digestOf(query),
    'content-disposition': `attachment; filename="trubrics-${new Date().toISOString().slice(0, 10)}.${format}"`,
  };
  // Nothing is sent, and so nothing is read.
  if (c.req.method === 'HEAD') return c.body(null, 200, headers);
  const audited = <Chunk extends { readonly length: number }>(chunks: AsyncIterable<Chunk>) =>
    auditedExport(audit, requesterOf(c), subjectOf(query), chunks);
  const feedbackOn = async (ids: readonly string[]) => {
    const { records: latestFirst } = await store.list({ about: ids }, { limit: MAX_FEEDBACK });
    return latestFirst.toReversed();
  };
  const chunks =
    format === 'csv'
      ? exportCsv(await audited(exportedRecords(store, query)), feedbackOn)
      : bytesOf(await audited(exportedLines(store, query)));
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await chunks.return();
    },
  });
  return c.body(body, 200, headers);
}

async function* bytesOf(lines: AsyncIterable<RecordLines>): AsyncGenerator<Uint8Array, void> {
  for await (const { bytes } of lines) yield bytes;
}

function isExportFormat(format: string): format is ExportFormat {
  return format === 'jsonl' || format === 'csv';
}

async function stream(c: Context, live: LiveUpdates): Promise<Response> {
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  };
  // A stream that nobody reads would take the place of a reader.
  if (c.req.method === 'HEAD') return c.body(null, 200, headers);
  const body = await live.subscribe(paramsOf(c), c.req.header('last-event-id'));
  if (!body) return c.json({ detail: 'Too many open pages' }, 503);
  return c.body(body, 200, headers);
}
