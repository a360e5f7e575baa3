import { Hono, type Context } from 'hono';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { DATASET_KIND, toDataset } from '../../datasets/dataset.js';
import type { DatasetEditor } from '../../datasets/dataset-editor.js';
import { SHAPES, type NewItem } from '../../datasets/dataset-page.js';
import { exportDataset, listDatasets, readDataset } from '../../datasets/read-datasets.js';
import { documentSubject } from '../../documents/document-subject.js';
import { MAX_DATASET_BYTES } from '../../documents/check-document.js';
import type { RecordStore } from '../../engines/record-store.js';
import type { ByteBudget } from '../../ingest/body/byte-budget.js';
import type { Requester } from '../../model/privacy/audit.js';
import { previewOf } from '../../model/preview.js';
import type { AuditLog } from '../../privacy/audit-log.js';
import { BadQueryError, parseCount } from '../../query/parse-query.js';
import { auditedExport } from '../export/audited-export.js';
import { answerDocumentError } from './answer-document-error.js';
import type { ApiResponse } from '../answers/api-responses.js';
import { BadRequestError, readJsonBody } from './json-body.js';

export interface DatasetParts {
  readonly store: RecordStore;
  readonly editor: DatasetEditor;
  readonly audit: AuditLog;
  readonly budget: ByteBudget;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
}

/** Items of a page, by default and at most, and of one request that adds some. */
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;
/** Longest cut of a text that `preview` may ask for. */
const MAX_PREVIEW = 10_000;

/**
 * Routes of data sets, below `/api/datasets`. A data set is made, described and deleted as a document of the kind `dataset`.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /` | `{ datasets }`, by name, without items; `record`: those that have this record |
 * | `GET /:name` | `DatasetPage`; `limit` (100, at most 1000), `offset`, `preview` |
 * | `POST /:name/items` | adds `{ items: [{ recordId, correctedAnswer?, seenAnswer? }] }`, at most 1,000: `{ items }`, their number now |
 * | `DELETE /:name/items?record=` | takes records out, `record` may be repeated: `{ items }` |
 * | `GET /:name/export` | JSON lines; `shape` = `openai` or `langfuse`. Noted in the audit log |
 */
export function datasetRoutes({ store, editor, audit, budget, requesterOf }: DatasetParts): Hono {
  const app = new Hono();
  app.onError(answerDocumentError);
  app.get('/', async (c) =>
    c.json({
      datasets: await listDatasets(store.documents, c.req.query('record') || undefined),
    } satisfies ApiResponse<'datasets'>),
  );
  app.get('/:name', async (c) => {
    const params = new URL(c.req.url).searchParams;
    const limit = parseCount(params, 'limit', DEFAULT_PAGE, MAX_PAGE);
    const offset = parseCount(params, 'offset', 0, Number.MAX_SAFE_INTEGER);
    const preview = parseCount(params, 'preview', 0, MAX_PREVIEW);
    const dataset = await readDataset(store, c.req.param('name'), offset, limit);
    if (!dataset) return notFound(c);
    if (preview === 0) return c.json(dataset);
    const page = dataset.page.map((item) => ({
      ...item,
      record: item.record && previewOf(item.record, preview),
    }));
    return c.json({ ...dataset, page });
  });
  app.post('/:name/items', async (c) => {
    const body = await readJsonBody(c, budget, MAX_DATASET_BYTES);
    if (body instanceof Response) return body;
    const { items } = await editor.add(c.req.param('name'), parseItems(body.json), requesterOf(c));
    return c.json({ items: items.length });
  });
  app.delete('/:name/items', async (c) => {
    const ids = new URL(c.req.url).searchParams.getAll('record').filter((id) => id !== '');
    if (ids.length === 0) throw new BadQueryError('The parameter "record" is missing');
    const dataset = await editor.remove(c.req.param('name'), new Set(ids), requesterOf(c));
    return dataset ? c.json({ items: dataset.items.length }) : notFound(c);
  });
  app.get('/:name/export', async (c) => {
    const shape = SHAPES.find((one) => one === c.req.query('shape'));
    if (!shape) throw new BadQueryError(`shape must be one of ${SHAPES.join(', ')}`);
    const stored = await store.documents.get(DATASET_KIND, c.req.param('name'));
    if (!stored) return notFound(c);
    const headers = {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(`${stored.name}-${shape}.jsonl`)}`,
    };
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const lines = await auditedExport(
      audit,
      requesterOf(c),
      documentSubject(DATASET_KIND, stored.name),
      exportDataset(store, toDataset(stored), shape),
    );
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await lines.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value.bytes);
      },
      async cancel() {
        await lines.return();
      },
    });
    return c.body(body, 200, headers);
  });
  return app;
}

function notFound(c: Context): Response {
  return c.json({ detail: 'There is no such data set' }, 404);
}

/** @throws BadRequestError */
function parseItems(json: PropertyValue): readonly NewItem[] {
  const items: PropertyValue | undefined =
    typeof json === 'object' && json !== null && 'items' in json ? json['items'] : undefined;
  const read = Array.isArray(items) ? items.map(parseItem) : [];
  if (read.length === 0 || read.length > MAX_PAGE)
    throw new BadRequestError(`"items" must be a list of 1 to ${MAX_PAGE} items`);
  return read;
}

/** @throws BadRequestError */
function parseItem(item: PropertyValue): NewItem {
  const { recordId, correctedAnswer, seenAnswer } = (
    typeof item === 'object' && item !== null ? item : {}
  ) as {
    readonly [field: string]: PropertyValue | undefined;
  };
  if (typeof recordId !== 'string' || recordId === '')
    throw new BadRequestError('Each item needs a "recordId"');
  if (correctedAnswer !== undefined && typeof correctedAnswer !== 'string')
    throw new BadRequestError('"correctedAnswer" must be a text');
  if (seenAnswer !== undefined && typeof seenAnswer !== 'string')
    throw new BadRequestError('"seenAnswer" must be a text');
  return { recordId, correctedAnswer, seenAnswer };
}
