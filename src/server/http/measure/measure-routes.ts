import { Hono } from 'hono';
import { readRequestTimeZone } from '../../audience/project-time-zone.js';
import { readOnce } from '../../audience/read-once.js';
import { readQuery } from '../../audience/read-query.js';
import { compare } from './compare.js';
import type { RecordStore } from '../../engines/record-store.js';
import { dimensionName } from '../../model/measure/dimensions.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import { measureText, parseMeasureRequest, type ParsedMeasureRequest } from '../../query/parse-measures.js';

/** An answer that says what was asked, in the words of the URL. */
export interface MeasureResponse extends MeasureAnswer {
  /** Measure in each place of `values`. */
  readonly measures: readonly string[];
  readonly by: string | null;
}

/**
 * Routes of measures, below `/api`. They take the filters of {@link readQuery}.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /measure` | `MeasureResponse`; `measure`, `by`, `step`, `limit` (10), `order`, `timezone` (that of the project), see {@link parseMeasureRequest} |
 * | `GET /compare` | `CompareResponse`, see {@link compare} |
 */
export function measureRoutes(store: RecordStore): Hono {
  const app = new Hono();
  app.get('/measure', async (c) => {
    const params = new URL(c.req.url).searchParams;
    const documents = readOnce(store.documents);
    const request = parseMeasureRequest(params, await readRequestTimeZone(params, documents));
    const query = await readQuery(params, documents);
    return c.json(toResponse(request, await store.measure(query, request)));
  });
  app.get('/compare', async (c) => c.json(await compare(new URL(c.req.url).searchParams, store)));
  return app;
}

function toResponse({ measures, by }: ParsedMeasureRequest, answer: MeasureAnswer): MeasureResponse {
  return { measures: measures.map(measureText), by: by === undefined ? null : dimensionName(by), ...answer };
}
