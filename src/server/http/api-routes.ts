import { Hono, type Context } from 'hono';
import type { Forwarding } from '../ingest/forwarding.js';
import type { Intake } from '../ingest/intake.js';
import type { LiveUpdates } from '../live/live-updates.js';
import { exportRecords, type ExportFormat } from '../query/export-records.js';
import { listRecords } from '../engines/memory/list-records.js';
import { listThreads } from '../engines/memory/list-threads.js';
import { listUsers } from '../engines/memory/list-users.js';
import {
  BadQueryError,
  isFiltered,
  readCount,
  readFilter,
  type RecordFilter,
} from '../query/record-filter.js';
import { selectRows } from '../engines/memory/select-rows.js';
import { StatisticsCache } from '../engines/memory/statistics-cache.js';
import type { Rejections } from '../model/rejections.js';
import type { RecordStore, StoreEntry } from '../engines/record-store.js';

export interface ApiParts {
  readonly store: RecordStore;
  readonly live: LiveUpdates;
  readonly rejections: Rejections;
  readonly intake: Intake;
  readonly forwarding?: Forwarding | undefined;
}

/**
 * Everything that the page shows, as JSON. All routes that list or count take the filters of {@link readFilter}.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /records` | `{ records, total, before, feedback }`, latest first; `limit` (100, at most 1000), `before`, `preview` |
 * | `GET /records/:id` | one record |
 * | `DELETE /records/:id` | `{ deleted: 1 }`: forgets one record, also in the file |
 * | `DELETE /records` | `{ deleted }`: forgets everything, also in the file |
 * | `GET /users`, `GET /threads` | `{ users }`, `{ threads }`, latest active first; `limit` (1000) |
 * | `GET /stats` | {@link Statistics}, the `store`'s usage, and what became of the `forwarding`; `buckets` (60) |
 * | `GET /rejections` | `{ rejections, total }`, latest first |
 * | `GET /export` | a file; `format` = `jsonl` or `csv` |
 * | `GET /live` | server-sent events, see {@link LiveUpdates} |
 */
export function apiRoutes({ store, live, rejections, intake, forwarding }: ApiParts): Hono {
  const app = new Hono();
  const sumsOf = new StatisticsCache(store);
  const rowsOf = (c: Context): Uint32Array => selectRows(store, paramsOf(c), Date.now());

  app.onError((error, c) => {
    if (error instanceof BadQueryError) return c.json({ detail: error.message }, 400);
    return c.json({ detail: 'Internal Server Error' }, 500);
  });
  app.get('/records', (c) => c.json(listRecords(store, paramsOf(c), Date.now())));
  app.get('/records/:id', (c) => {
    const record = store.get(c.req.param('id'));
    return record ? c.json(record) : c.json({ detail: 'Not Found' }, 404);
  });
  app.delete('/records/:id', async (c) =>
    (await intake.remove(c.req.param('id'))) ? c.json({ deleted: 1 }) : c.json({ detail: 'Not Found' }, 404),
  );
  app.delete('/records', async (c) => {
    if (isFiltered(paramsOf(c)))
      throw new BadQueryError('Only all records can be deleted: remove the filters');
    const deleted = await store.clear();
    rejections.clear();
    live.publishReset('cleared');
    return c.json({ deleted });
  });
  app.get('/users', (c) => {
    const limit = readCount(paramsOf(c), 'limit', 1000, 100_000);
    return c.json(listUsers(store.table, rowsOf(c), limit));
  });
  app.get('/threads', (c) => {
    const limit = readCount(paramsOf(c), 'limit', 1000, 100_000);
    return c.json(listThreads(store.table, rowsOf(c), limit));
  });
  app.get('/stats', async (c) => {
    const buckets = Math.max(2, readCount(paramsOf(c), 'buckets', 60, 500));
    const sums = await sumsOf.read(paramsOf(c), buckets);
    return c.json({ ...sums, store: store.usage(), forwarding: forwarding?.stats() ?? null });
  });
  app.get('/rejections', (c) => c.json({ rejections: rejections.list(), total: rejections.total }));
  app.get('/export', (c) => download(c, store));
  app.get('/live', (c) => stream(c, live));
  return app;
}

function paramsOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

function download(c: Context, store: RecordStore): Response {
  const format = c.req.query('format') ?? 'jsonl';
  if (!isExportFormat(format)) throw new BadQueryError('format must be jsonl or csv');
  const chunks = exportRecords(select(store, readFilter(paramsOf(c), Date.now())), format)[Symbol.iterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
  });
  return c.body(body, 200, {
    'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
    'content-disposition': `attachment; filename="trubrics-${new Date().toISOString().slice(0, 10)}.${format}"`,
  });
}

/** As they are reached, while more arrive: a download of everything takes longer than a record stays in its row. */
function* select(store: RecordStore, filter: RecordFilter): Iterable<StoreEntry> {
  for (const entry of store.entries()) if (filter(entry)) yield entry;
}

function isExportFormat(format: string): format is ExportFormat {
  return format === 'jsonl' || format === 'csv';
}

function stream(c: Context, live: LiveUpdates): Response {
  const body = live.subscribe(paramsOf(c), c.req.header('last-event-id'));
  if (!body) return c.json({ detail: 'Too many open pages' }, 503);
  return c.body(body, 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
}
