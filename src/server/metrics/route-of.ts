/** Routes that are told apart in metrics. Everything else is `other`, so that no request can make a new series. */
const ROUTES = new Set([
  '/api/ingestion/publish_llm_events',
  '/api/ingestion/publish_events',
  '/api/ingestion/import_records',
  '/v1/traces',
  '/v1/logs',
  '/api/records',
  '/api/users',
  '/api/threads',
  '/api/stats',
  '/api/measure',
  '/api/compare',
  '/api/intake',
  '/api/rejections',
  '/api/explain',
  '/api/export',
  '/api/live',
  '/api/erasure',
  '/api/audit',
  '/api/projects',
  '/mcp',
  '/api/changes',
  '/healthz',
  '/readyz',
  '/metrics',
]);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Returns the name of the route of a path: a closed list. */
export function routeOf(path: string, views: readonly string[]): string {
  if (ROUTES.has(path)) return path;
  if (path.startsWith('/api/records/')) return '/api/records/:id';
  if (path.startsWith('/api/documents/')) return '/api/documents/:kind';
  return views.includes(path) ? 'page' : 'other';
}

export function methodOf(method: string): string {
  return METHODS.has(method) ? method : 'other';
}
