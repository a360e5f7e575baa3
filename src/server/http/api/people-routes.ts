import { Hono } from 'hono';
import { countInternal } from '../../audience/hidden-count.js';
import { readInternalRule } from '../../audience/internal-traffic.js';
import { listOrganizations } from '../../audience/organizations.js';
import { readQuery } from '../../audience/read-query.js';
import { listSegments } from '../../audience/segments.js';
import type { RecordStore } from '../../engines/record-store.js';
import { BadQueryError, parseCount } from '../../query/parse-query.js';
import { parseActors } from '../../query/parse-people.js';
import { answerWith } from '../answers/api-responses.js';
import { answerError } from './answer-error.js';
import { readActivity, readRetention } from '../measure/compared-people.js';

/** Organizations of a list, by default and at most. */
const DEFAULT_ROWS = 1000;
const MAX_ROWS = 10_000;

/**
 * Routes of the JSON API about people, below `/api`. They take the parameters of {@link readQuery}.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /activity` | `Activity`: who was active in each period; `by` (user), `step` = `day`, `week` or `month`, `limit` (30), `timezone` (that of the project), and as `ComparedActivity` with `against` and `parts` |
 * | `GET /retention` | `Retention`: who came back; `by` (user), `mode` = `in` or `in-or-after`, `limit` (12), `timezone` (that of the project), and as `ComparedRetention` with `against` and `parts` |
 * | `GET /organizations` | `{ organizations, total, without }`, most people first; `by` (organization), `limit` (1000) |
 * | `GET /internal` | `{ records, people, isCapped, rule }`: internal traffic that matches the filters, hidden or not |
 * | `GET /segments` | `{ segments }`: names and filters |
 */
export function peopleRoutes(store: RecordStore): Hono {
  const app = new Hono();
  app.onError(answerError);
  answerWith(app, 'activity', (params) => readActivity(params, store));
  answerWith(app, 'retention', (params) => readRetention(params, store));
  answerWith(app, 'organizations', async (params) => {
    const by = parseActors(params, 'organization');
    if (by === 'user') throw new BadQueryError('by must be organization, or prop.<name> for a property');
    const limit = Math.max(1, parseCount(params, 'limit', DEFAULT_ROWS, MAX_ROWS));
    return listOrganizations(store, await readQuery(params, store.documents), by, limit);
  });
  answerWith(app, 'internal', async (params) => {
    const { filters, isDefault, version, problem } = await readInternalRule(store.documents);
    const hidden = await countInternal(params, store);
    return { ...hidden, rule: { filters, isDefault, version, ...(problem !== undefined && { problem }) } };
  });
  answerWith(app, 'segments', async () => ({ segments: await listSegments(store.documents) }));
  return app;
}
