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

/** Reason for a path that resembles none of ours. */
export const NOTHING_TAKEN =
  'Nothing is taken at this path: records go to /api/ingestion, spans to /v1/traces, log records to /v1/logs';

/** OpenTelemetry SDKs send metrics to the address that they send spans to. */
const NO_METRICS = 'Metrics are not taken here: set OTEL_METRICS_EXPORTER=none, or send them elsewhere';

/**
 * Answers what is posted to a path that is almost right, such as `/v1/traces/`, with the right one, and reports it: exporters retry or
 * give up in silence.
 */
export function suggestPath(
  onRejection: (rejection: Omit<Rejection, 'id'>) => void,
  basePath = '',
): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method !== 'POST') return next();
    const last = lastPart(c.req.path);
    const meant = MEANT.get(last);
    if (meant === c.req.path || (meant === undefined && last !== 'metrics')) return next();
    const detail =
      meant === undefined
        ? NO_METRICS
        : `Nothing is taken at this path: send it to ${meant}${hostAdvice(meant, c.req.url, basePath)}`;
    onRejection(toRejection(c, 404, detail));
    return c.json({ detail }, 404);
  };
}

function lastPart(path: string): string {
  const parts = path.toLowerCase().split('/');
  return parts.findLast((part) => part !== '') ?? '';
}

/** Names the setting for clients of the ingestion API: their host is often the address of the page. */
function hostAdvice(meant: string, url: string, basePath: string): string {
  const api = /^(.*)\/(?:publish|import)_\w+$/.exec(meant)?.[1];
  return api === undefined ? '' : `. Set TRUBRICS_HOST to ${new URL(url).origin}${basePath}${api}`;
}
