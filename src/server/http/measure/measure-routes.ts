import { Hono } from 'hono';
import { readRequestTimeZone } from '../../audience/project-time-zone.js';
import { readOnce } from '../../audience/read-once.js';
import { readQuery } from '../../audience/read-query.js';
import { answerWith } from '../answers/api-responses.js';
import { compare } from './compare.js';
import type { MeasureResponse } from '../answers/measure-response.js';
import type { RecordStore } from '../../engines/record-store.js';
import { dimensionName } from '../../model/measure/dimensions.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import { measureText, parseMeasureRequest, type ParsedMeasureRequest } from '../../query/parse-measures.js';

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
  answerWith(app, 'measure', async (params) => {
    const documents = readOnce(store.documents);
    const request = parseMeasureRequest(params, await readRequestTimeZone(params, documents));
    const query = await readQuery(params, documents);
    return toResponse(request, await store.measure(query, request));
  });
  answerWith(app, 'compare', (params) => compare(params, store));
  return app;
}

function toResponse({ measures, by }: ParsedMeasureRequest, answer: MeasureAnswer): MeasureResponse {
  return { measures: measures.map(measureText), by: by === undefined ? null : dimensionName(by), ...answer };
}
