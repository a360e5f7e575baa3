import type { MiddlewareHandler } from 'hono';
import { readTimeZone } from '../../audience/project-time-zone.js';
import type { DocumentStore } from '../../engines/document-store.js';

/** Routes whose answers have days, weeks or months, and take the parameter `timezone`. */
const WITH_DAYS: ReadonlySet<string> = new Set(
  ['activity', 'compare', 'measure', 'retention', 'stats', 'summary', 'topics'].map((name) => `/api/${name}`),
);

/** Gives requests that name no time zone the one of the project, if it has one. Without it, the default of a route is UTC. */
export function inProjectTimeZone(documents: DocumentStore): MiddlewareHandler {
  return async (c, next) => {
    const url = new URL(c.req.url);
    if (WITH_DAYS.has(c.req.path) && !url.searchParams.get('timezone')) {
      const timeZone = await readTimeZone(documents);
      if (timeZone !== undefined) {
        url.searchParams.set('timezone', timeZone);
        c.req.raw = new Request(url, c.req.raw);
      }
    }
    return next();
  };
}
