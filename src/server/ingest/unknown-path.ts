import type { MiddlewareHandler } from 'hono';
import type { Rejection } from '../model/intake/rejections.js';
import { toRejection } from './ingest-request.js';

/** Last part of a path that somebody posts to, and the path that was meant. `''` is the address of the server alone. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['', '/v1/traces'],
  ['v1', '/v1/traces'],
  ['traces', '/v1/traces'],
  ['trace', '/v1/traces'],
  ['logs', '/v1/logs'],
  ['log', '/v1/logs'],
  ['ingestion', '/api/ingestion/publish_llm_events'],
  ['publish_llm_events', '/api/ingestion/publish_llm_events'],
  ['publish_events', '/api/ingestion/publish_events'],
  ['import_records', '/api/ingestion/import_records'],
]);

/**
 * Answers what is posted to a path that is almost right, such as `/v1/traces/`, with the right one, and reports it: exporters retry or
 * give up in silence.
 */
export function suggestPath(
  onRejection: (rejection: Omit<Rejection, 'id'>) => void,
  basePath = '',
): MiddlewareHandler {
  return async (c, next) => {
    const meant = c.req.method === 'POST' ? meantPath(c.req.path) : undefined;
    if (meant === undefined || meant === c.req.path) return next();
    const detail = `Nothing is taken at this path: send it to ${meant}${hostAdvice(meant, c.req.url, basePath)}`;
    onRejection(toRejection(c, 404, detail));
    return c.json({ detail }, 404);
  };
}

function meantPath(path: string): string | undefined {
  const parts = path.toLowerCase().split('/');
  return MEANT.get(parts.findLast((part) => part !== '') ?? '');
}

/** Names the setting for clients of the ingestion API: their host is often the address of the page. */
function hostAdvice(meant: string, url: string, basePath: string): string {
  const api = /^(.*)\/(?:publish|import)_\w+$/.exec(meant)?.[1];
  return api === undefined ? '' : `. Set TRUBRICS_HOST to ${new URL(url).origin}${basePath}${api}`;
}
