import { Hono, type Context } from 'hono';
import type { RecordStore } from '../../engines/record-store.js';
import type { Requester } from '../../model/privacy/audit.js';
import type { AuditLog } from '../../privacy/audit-log.js';
import { BadQueryError, parseCount } from '../../query/parse-query.js';
import { exportedQuery, selectExported } from './exported-records.js';
import { digestOf, QUERY_HEADER } from './query-digest.js';

/** Changes of a page, by default and at most. */
const MAX_PAGE = 1000;

export interface ChangesParts {
  readonly store: RecordStore;
  readonly audit: AuditLog;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
}

/**
 * `GET /changes`, below `/api`: what has changed since `cursor`, for copies that are kept up to date; `limit` (1000). It takes the filters of an export.
 *
 * Answers `{ records, removed, cursor, hasMore, isComplete }`: records that are new or were replaced, as they are now; ids of removed ones, whether or not they
 * matched; the cursor for the next request. Without `cursor`, only that of now. `isComplete` is false if the engine does not know the changes since
 * then any more, or the filters mean other records than those of the cursor: export everything anew.
 */
export function changesRoute({ store, audit, requesterOf }: ChangesParts): Hono {
  const app = new Hono();
  app.get('/changes', async (c) => {
    const params = new URL(c.req.url).searchParams;
    if (!store.changePage)
      throw new BadQueryError('This engine does not tell its changes: export everything');
    const limit = Math.max(1, parseCount(params, 'limit', MAX_PAGE, MAX_PAGE));
    const query = await exportedQuery(params, store);
    const digest = digestOf(query);
    c.header(QUERY_HEADER, digest);
    const [since, digestBefore] = splitCursor(params.get('cursor') ?? '');
    let page = await store.changePage(since || undefined, limit);
    // Records that did not change would be missing, or too many.
    if (since !== '' && digestBefore !== digest)
      page = { ...(await store.changePage(undefined, limit)), isComplete: false };
    const records = await selectExported(store, query, page.records);
    if (records.length > 0 && c.req.method !== 'HEAD') {
      const entry = await audit.begin('export', requesterOf(c), {});
      await entry.succeed({ exported: records.length });
    }
    return c.json({ ...page, cursor: `${page.cursor}@${digest}`, records });
  });
  return app;
}

/** Returns the cursor of the engine, and the digest of the query that it is of. */
function splitCursor(cursor: string): readonly [since: string, digest: string | undefined] {
  const at = cursor.lastIndexOf('@');
  return at === -1 ? [cursor, undefined] : [cursor.slice(0, at), cursor.slice(at + 1)];
}
