import type { MeasureAnswer } from '../model/measure/measure-answer.js';
import type { MeasureRequest } from '../query/measure-request.js';
import type { RecordQuery } from '../query/record-query.js';
import type { RecordStore } from './record-store.js';

/** Does what `measure()` does, for all groups: one that is needed, such as the one without a name, could be among those that `limit` cuts off. */
export async function measureAll(
  store: RecordStore,
  query: RecordQuery,
  request: MeasureRequest,
): Promise<MeasureAnswer> {
  const answer = await store.measure(query, request);
  if (answer.groups.length === answer.groupCount) return answer;
  return store.measure(query, { ...request, limit: answer.groupCount });
}
