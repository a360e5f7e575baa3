import { toSampledRequest, type RequestSample } from '../../model/request-sample.js';
import { sampleHash } from '../sample-hash.js';
import type { RecordTable } from './table/record-table.js';

/** Chooses requests by a hash of their id. Only those that are chosen are read. */
export function sampleRequests(table: RecordTable, rows: Uint32Array, limit: number): RequestSample {
  const requests = rows.filter((row) => table.event[row] === 0 || table.isError[row] === 1);
  const chosen = Array.from(requests, (row) => ({ row, id: table.idOf(row) ?? '' }))
    .map(({ row, id }) => ({ row, id, hash: sampleHash(id) }))
    .sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
    .flatMap(({ row }) => table.record(row) ?? []);
  return { requests: chosen.map(toSampledRequest), total: requests.length };
}
