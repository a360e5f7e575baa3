import type { Context } from 'hono';
import { outageReasonOf } from '../../ingest/store-health.js';
import { BadQueryError } from '../../query/parse-query.js';

/** Answers a request for records that failed: 400 for a query that cannot be understood, 503 while the store cannot be read, else 500. */
export function answerError(error: Error, c: Context): Response {
  if (error instanceof BadQueryError) return c.json({ detail: error.message }, 400);
  const reason = outageReasonOf(error);
  if (reason !== undefined) return c.json({ detail: `The records cannot be read: ${reason}` }, 503);
  return c.json({ detail: 'Internal Server Error' }, 500);
}
