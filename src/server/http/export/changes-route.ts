import { Hono, type Context } from 'hono';
import { readQuery } from '../../audience/read-query.js';
import type { Cursor, RecordStore } from '../../engines/record-store.js';
import { watchQuery } from '../../live/watches.js';
import type { Requester } from '../../model/privacy/audit.js';
import type { AuditLog } from '../../privacy/audit-log.js';
import { BadQueryError, namesLocalTime, parseCount } from '../../query/parse-query.js';
import type { RecordQuery } from '../../query/record-query.js';

/** Changes of a page, by default and at most. */
const MAX_PAGE = 1000;

export interface ChangesParts {
  readonly store: RecordStore;
  readonly audit: AuditLog;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
}

/**
 * `GET /changes`, below `/api`: what has changed since `cursor`, for copies that are kept up to date; `limit` (1000). It takes the filters of `readQuery()`.
 *
 * Answers `{ records, removed, cursor, hasMore, isComplete }`: records that are new or were replaced, as they are now; ids of removed ones, whether or not they
 * matched; the cursor for the next request. Without `cursor`, only that of now. `isComplete` is false if the engine does not know the changes since
 * then any more, or a day in `since` or `until` is another time now, because the time zone has changed: export everything anew.
 */
export function changesRoute({ store, audit, requesterOf }: ChangesParts): Hono {
  const app = new Hono();
  app.get('/changes', async (c) => {
    const params = new URL(c.req.url).searchParams;
    if (!store.changePage)
      throw new BadQueryError('This engine does not tell its changes: export everything');
    const limit = Math.max(1, parseCount(params, 'limit', MAX_PAGE, MAX_PAGE));
    const query = await readQuery(params, store.documents);
    const bounds = namesLocalTime(params) ? boundsOf(query) : undefined;
    const [since, boundsBefore = bounds] = (params.get('cursor') ?? '').split('@');
    if (bounds !== boundsBefore) {
      const page = await store.changePage(undefined, limit);
      return c.json({ ...page, cursor: withBounds(page.cursor, bounds), isComplete: false });
    }
    const page = await store.changePage(since || undefined, limit);
    const records = await watchQuery(undefined, query, store).select(page.records);
    if (records.length > 0 && c.req.method !== 'HEAD') {
      const entry = await audit.begin('export', requesterOf(c), {});
      await entry.succeed({ exported: records.length });
    }
    return c.json({ ...page, cursor: withBounds(page.cursor, bounds), records });
  });
  return app;
}

/** Returns the days of a query as times. They are part of the cursor: a change of the time zone would leave out records that did not change. */
function boundsOf({ since, until }: RecordQuery): string {
  return [since, until].map((time) => (time && 'at' in time ? time.at : '')).join(',');
}

function withBounds(cursor: Cursor, bounds: string | undefined): string {
  return bounds === undefined ? cursor : `${cursor}@${bounds}`;
}
