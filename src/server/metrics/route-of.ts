import { ROUTE_CONTENTS } from '../http/access/route-contents.js';

/** Routes besides those with a GET in the JSON API of a project. */
const OTHER_ROUTES = [
  '/api/ingestion/publish_llm_events',
  '/api/ingestion/publish_events',
  '/api/ingestion/import_records',
  '/v1/traces',
  '/v1/logs',
  '/api/recompute',
  '/api/labels/rename',
  '/api/projects',
  '/mcp',
  '/healthz',
  '/readyz',
  '/metrics',
];
/** Routes with ids or names of people's choice below them, which are not told apart. */
const WITH_NAMES = [
  ['/api/records/', '/api/records/:id'],
  ['/api/documents/', '/api/documents/:kind'],
  ['/api/datasets/', '/api/datasets/:name'],
] as const;
/** Routes that are told apart in metrics. Everything else is `other`, so that no request can make a new series. */
const ROUTES: ReadonlySet<string> = new Set([...Object.keys(ROUTE_CONTENTS), ...OTHER_ROUTES]);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Returns the name of the route of a path: a closed list. */
export function routeOf(path: string, views: readonly string[]): string {
  const withNames = WITH_NAMES.find(([start]) => path.startsWith(start));
  if (withNames) return withNames[1];
  if (ROUTES.has(path)) return path;
  return views.includes(path) ? 'page' : 'other';
}

export function methodOf(method: string): string {
  return METHODS.has(method) ? method : 'other';
}
