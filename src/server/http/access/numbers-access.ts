import type { Context, MiddlewareHandler } from 'hono';
import type { DocumentStore } from '../../engines/document-store.js';
import { BadQueryError } from '../../query/parse-query.js';
import { contentsOf } from './route-contents.js';
import { isInternalByTexts, textFilterIn } from './text-filters.js';

/** Methods that change nothing. Others need rights of their own. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses readers without the right to texts, with 403: every route whose answer holds texts, and filters by which numbers would tell them.
 * A request with `by=user` or `user=ada` is no such filter: ids of people are not texts.
 *
 * @param organizationProperty the one that the server was started with
 */
export function numbersAccess(
  mayReadTexts: (c: Context) => boolean,
  documents: DocumentStore,
  organizationProperty: string | undefined,
): MiddlewareHandler {
  return async (c, next) => {
    if (mayReadTexts(c) || !READS.has(c.req.method)) return next();
    const { path } = c.req;
    if (contentsOf(path) === 'texts') return refuse(c, `${path} holds texts`);
    try {
      const filter = await textFilterIn(new URL(c.req.url).searchParams, documents, organizationProperty);
      if (filter !== undefined) return refuse(c, `${filter} would tell texts`);
      if (path === '/api/internal' && (await isInternalByTexts(documents)))
        return refuse(c, 'the rule of internal traffic searches in texts');
    } catch (error) {
      if (error instanceof BadQueryError) return c.json({ detail: error.message }, 400);
      throw error;
    }
    return next();
  };
}

function refuse(c: Context, reason: string): Response {
  return c.json({ detail: `You may see numbers, and no texts: ${reason}` }, 403);
}
