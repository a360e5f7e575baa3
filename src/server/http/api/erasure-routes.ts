import { Hono, type Context } from 'hono';
import { documentSubject } from '../../documents/document-subject.js';
import type { LiveUpdates } from '../../live/live-updates.js';
import type { Requester } from '../../model/privacy/audit.js';
import { isDocumentKind } from '../../model/privacy/document-kinds.js';
import type { ErasureReport } from '../../model/privacy/erasure-report.js';
import type { AuditLog, Subject } from '../../privacy/audit-log.js';
import type { ClearedRejections } from '../../privacy/cleared-rejections.js';
import type { Eraser } from '../../privacy/eraser.js';
import { BadQueryError, parseCount } from '../../query/parse-query.js';
import { DOCUMENT_CONTENTS } from '../access/route-contents.js';

export interface ErasureParts {
  readonly live: LiveUpdates;
  readonly rejections: ClearedRejections;
  readonly eraser: Eraser;
  readonly audit: AuditLog;
  /** Returns false for readers who may see numbers alone: a name that is looked for in notes would tell their texts. */
  readonly mayReadTexts: (c: Context) => boolean;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
}

/** Entries of the audit log, by default and at most. */
const DEFAULT_ENTRIES = 100;
const MAX_ENTRIES = 10_000;

/**
 * Routes of the JSON API that delete, below `/api`. What was deleted leaves the file before the response, does not come back when it is
 * delivered again (except after the deletion of everything), and is noted in the audit log.
 *
 * | route | answer |
 * | --- | --- |
 * | `DELETE /records?user=` | `{ deleted }` and an `ErasureReport`: forgets a person; `user` may be repeated |
 * | `DELETE /records/:id`, `DELETE /records/?id=` | `{ deleted }`: deletes a record with its calls and feedback; `forwarded` if it was |
 * | `DELETE /records` | `{ deleted }`: deletes everything; refuses parameters other than `user` |
 * | `GET /erasure?user=` | `ErasureReport`: what would be deleted of a person, and what was forwarded where |
 * | `GET /audit` | `{ entries, total }`, latest first; `limit` (100), `user` or `record`: entries about that id; `kind`, `document`: about documents |
 */
export function erasureRoutes(parts: ErasureParts): Hono {
  const { live, rejections, eraser, audit, requesterOf: by, mayReadTexts } = parts;
  const app = new Hono();
  const shown = (c: Context, report: ErasureReport): ErasureReport =>
    mayReadTexts(c) ? report : withoutTextDocuments(report);

  app.onError((error, c) => {
    if (error instanceof BadQueryError) return c.json({ detail: error.message }, 400);
    const detail = `The deletion is not complete${causeOf(error)}: what is hidden may still be on the disk. Repeat the request`;
    return c.json({ detail: c.req.method === 'DELETE' ? detail : 'Internal Server Error' }, 500);
  });
  const deleteRecord = async (c: Context, id: string): Promise<Response> => {
    const report = await eraser.deleteRecord(id, by(c));
    if (!report) return c.json({ detail: 'Not Found' }, 404);
    const { records, forwarded } = report;
    return c.json({ deleted: records, ...(forwarded.length > 0 && { forwarded }) });
  };
  app.delete('/records/:id', (c) => deleteRecord(c, c.req.param('id')));
  // A path cannot hold the ids "." and "..": URLs leave them out.
  app.delete('/records/', (c) => deleteRecord(c, c.req.query('id') ?? ''));
  app.delete('/records', async (c) => {
    const users = parseUsers(paramsOf(c));
    if (users.length > 0) {
      const report = shown(c, await eraser.forget(users, by(c)));
      await rejections.clear();
      return c.json({ deleted: report.records, ...report });
    }
    const { deleted, cursor } = await eraser.deleteAll(by(c));
    await rejections.clear();
    live.publishReset('cleared', cursor);
    return c.json({ deleted });
  });
  app.get('/erasure', async (c) => {
    const users = parseUsers(paramsOf(c));
    if (users.length === 0) throw new BadQueryError('The parameter "user" is missing');
    return c.json(shown(c, await eraser.preview(users)));
  });
  app.get('/audit', async (c) => {
    const params = paramsOf(c);
    const limit = parseCount(params, 'limit', DEFAULT_ENTRIES, MAX_ENTRIES);
    return c.json(await audit.list(limit, parseSubject(params)));
  });
  return app;
}

/**
 * Reads the people to forget. Every other parameter but the token is refused, also a misspelt one: whoever sends a filter does not mean all
 * records.
 *
 * @returns an empty list if all records are meant
 * @throws BadQueryError
 */
function parseUsers(params: URLSearchParams): readonly string[] {
  const unknown = [...params.keys()].find((name) => name !== 'token' && name !== 'user');
  if (unknown !== undefined)
    throw new BadQueryError(
      `Only all records, or those of a "user", can be deleted: remove the parameter "${unknown}"`,
    );
  const users = params.getAll('user');
  if (users.includes('')) throw new BadQueryError('The parameter "user" is empty');
  return [...new Set(users)];
}

function withoutTextDocuments(report: ErasureReport): ErasureReport {
  return { ...report, mentions: report.mentions.filter(({ kind }) => DOCUMENT_CONTENTS[kind] === 'numbers') };
}

/** Reads what entries of the audit log are about. @throws BadQueryError */
function parseSubject(params: URLSearchParams): Subject {
  const [person, record, kind] = [params.get('user'), params.get('record'), params.get('kind')];
  if (person !== null) return { person };
  if (record !== null) return { record };
  if (kind === null) {
    if (params.has('document')) throw new BadQueryError('The parameter "document" needs "kind"');
    return {};
  }
  if (!isDocumentKind(kind)) throw new BadQueryError('There is no such "kind" of documents');
  return documentSubject(kind, params.get('document') ?? undefined);
}

/** Returns the code of a system error, such as ENOSPC, in parentheses. Nothing else of it: a message may name a path. */
function causeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? ` (${error.code})`
    : '';
}

function paramsOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams;
}
