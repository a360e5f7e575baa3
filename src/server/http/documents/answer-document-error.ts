import type { Context } from 'hono';
import { UnknownRecordError } from '../../datasets/dataset-editor.js';
import { DocumentRefusedError } from '../../documents/check-document.js';
import { VersionConflictError } from '../../engines/document-store.js';
import { outageReasonOf } from '../../ingest/store-health.js';
import { BadQueryError } from '../../query/parse-query.js';
import { BadRequestError } from './json-body.js';

const STATUSES = {
  kind: 400,
  name: 400,
  value: 422,
  too_large: 413,
  too_many: 409,
  changed: 412,
} as const satisfies Record<DocumentRefusedError['reason'], number>;

/** Answers a request for documents that failed. */
export function answerDocumentError(error: Error, c: Context): Response {
  if (error instanceof DocumentRefusedError) return c.json({ detail: error.message }, STATUSES[error.reason]);
  if (error instanceof BadRequestError || error instanceof BadQueryError)
    return c.json({ detail: error.message }, 400);
  if (error instanceof UnknownRecordError) return c.json({ detail: error.message }, 404);
  if (error instanceof VersionConflictError) {
    const detail = 'The document was changed meanwhile: read it again, then decide';
    return c.json({ detail, version: error.version }, 412);
  }
  const reason = outageReasonOf(error);
  if (reason !== undefined) return c.json({ detail: `The store does not work: ${reason}` }, 503);
  return c.json({ detail: 'Internal Server Error' }, 500);
}
