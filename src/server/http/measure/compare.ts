import { readRequestTimeZone } from '../../audience/project-time-zone.js';
import { readOnce } from '../../audience/read-once.js';
import type { RecordStore } from '../../engines/record-store.js';
import { compareAnswers } from '../../insights/compare/compare-answers.js';
import { dimensionName } from '../../model/measure/dimensions.js';
import { DEFAULT_GROUPS } from '../../query/measure-request.js';
import { measureText, parseMeasureRequest } from '../../query/parse-measures.js';
import type { CompareResponse } from '../answers/compare-response.js';
import { readSides } from './compared-sides.js';

/** Groups of each side that are compared one by one; the others are one group. */
const MAX_COMPARED = 1000;

/**
 * Answers `GET /compare`: the parameters of `GET /measure` but `step` and `order`, and those of {@link readSides}.
 *
 * @throws BadQueryError
 */
export async function compare(params: URLSearchParams, store: RecordStore): Promise<CompareResponse> {
  const documents = readOnce(store.documents);
  const timeZone = await readRequestTimeZone(params, documents);
  const { measures, by, limit = DEFAULT_GROUPS } = parseMeasureRequest(params, timeZone);
  const { current, before, periods } = await readSides(params, documents, timeZone);
  const request = { measures, ...(by !== undefined && { by }), limit: MAX_COMPARED, timeZone };
  const [now, then] = await Promise.all([store.measure(current, request), store.measure(before, request)]);
  return {
    measures: measures.map(measureText),
    by: by === undefined ? null : dimensionName(by),
    timeZone,
    periods,
    ...compareAnswers(measures, now, then, limit, by !== 'tag'),
  };
}
