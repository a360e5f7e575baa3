import { Hono, type Context } from 'hono';
import { maxValueBytes } from '../../documents/check-document.js';
import type { DocumentEditor } from '../../documents/document-editor.js';
import type { StoredDocument } from '../../engines/document-store.js';
import type { ByteBudget } from '../../ingest/body/byte-budget.js';
import type { Requester } from '../../model/privacy/audit.js';
import { answerDocumentError } from './answer-document-error.js';
import { expectedVersion } from './expected-version.js';
import type { ApiResponse } from '../answers/api-responses.js';
import { readJsonBody } from './json-body.js';

export interface DocumentParts {
  readonly editor: DocumentEditor;
  readonly budget: ByteBudget;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
}

/**
 * Routes of the JSON API for documents beside the records, below `/api/documents`. Each change is noted in the audit log. The version is also
 * in the header `ETag`.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /:kind` | `{ documents }`, by name; `only`: at most the one of this name, where it is no error that there is none |
 * | `GET /:kind/:name`, `GET /:kind/?name=` | a document: `{ kind, name, value, version, updatedAt }` |
 * | `PUT /:kind/:name`, `PUT /:kind/?name=` | the document, 201 if it is new; the body is its value as JSON |
 * | `DELETE /:kind/:name`, `DELETE /:kind/?name=` | `{ deleted: 1 }` |
 *
 * With `If-Match: "version"`, PUT and DELETE change only that version; with `If-None-Match: *`, PUT creates only. Otherwise 412 with the stored
 * `version`.
 */
export function documentRoutes({ editor, budget, requesterOf }: DocumentParts): Hono {
  const app = new Hono();
  app.onError(answerDocumentError);
  app.get('/:kind', async (c) => {
    const [kind, only] = [c.req.param('kind'), c.req.query('only')];
    if (only === undefined)
      return c.json({ documents: await editor.list(kind) } satisfies ApiResponse<'documents/view'>);
    const document = await editor.get(kind, only);
    return c.json({ documents: document ? [document] : [] });
  });
  // A path cannot hold the names "." and "..": URLs leave them out.
  for (const path of ['/:kind/:name', '/:kind/']) {
    app.get(path, async (c) => {
      const document = await editor.get(...keyOf(c));
      return document ? shown(c, document, 200) : c.json({ detail: 'Not Found' }, 404);
    });
    app.put(path, async (c) => {
      const [kind, name] = keyOf(c);
      const expected = await expectedVersion(c, editor, keyOf(c));
      const value = await readJsonBody(c, budget, maxValueBytes(kind));
      if (value instanceof Response) return value;
      const { document, isNew } = await editor.put(
        { kind, name, value: value.json },
        requesterOf(c),
        expected,
      );
      return shown(c, document, isNew ? 201 : 200);
    });
    app.delete(path, async (c) => {
      const [kind, name] = keyOf(c);
      const expected = await expectedVersion(c, editor, keyOf(c));
      const isDeleted = await editor.delete(kind, name, requesterOf(c), expected);
      return isDeleted ? c.json({ deleted: 1 }) : c.json({ detail: 'Not Found' }, 404);
    });
  }
  return app;
}

function keyOf(c: Context): [kind: string, name: string] {
  return [c.req.param('kind') ?? '', c.req.param('name') ?? c.req.query('name') ?? ''];
}

function shown(c: Context, document: StoredDocument, status: 200 | 201): Response {
  return c.json(document, status, { etag: `"${document.version}"`, 'cache-control': 'no-store' });
}
