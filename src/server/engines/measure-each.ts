import type { MeasureAnswer } from '../model/measure/measure-answer.js';
import type { MeasureRequest } from '../query/measure-request.js';
import type { RecordQuery } from '../query/record-query.js';
import type { RecordStore } from './record-store.js';

/** Answers several requests for the same records: in one pass, if the store has that. */
export async function measureEach(
  store: RecordStore,
  query: RecordQuery,
  requests: readonly MeasureRequest[],
): Promise<readonly MeasureAnswer[]> {
  if (store.measureEach) return store.measureEach(query, requests);
  return Promise.all(requests.map((request) => store.measure(query, request)));
}
