import type { Context } from 'hono';
import type { DocumentEditor } from '../../documents/document-editor.js';
import { NOT_STORED, VersionConflictError } from '../../engines/document-store.js';
import { BadRequestError } from './json-body.js';

/**
 * Reads which version a request means: `If-Match: "version"`, `If-Match: *` for any, `If-None-Match: *` for none.
 *
 * @throws BadRequestError
 * @throws VersionConflictError if `If-Match: *` finds no document
 */
export async function expectedVersion(
  c: Context,
  editor: Pick<DocumentEditor, 'get'>,
  [kind, name]: readonly [kind: string, name: string],
): Promise<number | undefined> {
  const [match, noneMatch] = [c.req.header('if-match')?.trim(), c.req.header('if-none-match')?.trim()];
  if (noneMatch !== undefined) {
    if (noneMatch !== '*' || match !== undefined)
      throw new BadRequestError('If-None-Match must be *, without If-Match');
    return NOT_STORED;
  }
  if (match === undefined) return undefined;
  if (match === '*') {
    const stored = await editor.get(kind, name);
    if (!stored) throw new VersionConflictError({ kind, name }, NOT_STORED);
    return stored.version;
  }
  const version = /^"?(\d{1,15})"?$/.exec(match)?.[1];
  if (version === undefined) throw new BadRequestError('If-Match must be the version of the document, or *');
  return Number(version);
}
