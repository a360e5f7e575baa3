import { readOnce } from '../../audience/read-once.js';
import { readQuery, readSegmentQuery } from '../../audience/read-query.js';
import type { RecordStore } from '../../engines/record-store.js';
import { watchQuery } from '../../live/watches.js';
import { ownerIdsOf, type StoredRecord } from '../../model/stored-record.js';
import { withRelated } from '../../privacy/related-records.js';
import { isEmptyQuery, type RecordQuery } from '../../query/record-query.js';

/** Longest chain that is followed: an evaluation of feedback on a call of a turn has four. Records can belong to each other in a circle. */
const MAX_STEPS = 8;

type PeopleQuery = RecordQuery & { readonly users: readonly string[] };

/** Somebody who asks for everything of a person gets it, also if it is internal. */
export async function exportedQuery(params: URLSearchParams, store: RecordStore): Promise<RecordQuery> {
  const documents = readOnce(store.documents);
  const query = await readSegmentQuery(params, documents);
  return isOfPeople(query) && !params.has('internal') ? query : readQuery(params, documents);
}

export function isOfPeople(query: RecordQuery): query is PeopleQuery {
  const { users, ...others } = query;
  return users !== undefined && isEmptyQuery(others);
}

/** With people as the only filter, an export is complete: it has the feedback and calls that others have on their prompts. */
export function exportedRecords(
  store: RecordStore,
  query: RecordQuery,
): AsyncIterable<readonly StoredRecord[]> {
  return isOfPeople(query) ? withRelated(store, { users: query.users }) : store.export(query);
}

/** Returns those of the records that {@link exportedRecords} would yield. */
export async function selectExported(
  store: RecordStore,
  query: RecordQuery,
  records: readonly StoredRecord[],
): Promise<readonly StoredRecord[]> {
  if (!isOfPeople(query)) return watchQuery(undefined, query, store).select(records);
  const users = new Set(query.users);
  const wanted = new Set<string>();
  // Each record with what it belongs to, and what that belongs to.
  let chains = records.map((record) => ({ id: record.id, at: record }));
  for (let step = 0; step < MAX_STEPS && chains.length > 0; step++) {
    for (const { id, at } of chains) if (users.has(at.userId)) wanted.add(id);
    const open = chains.filter(({ id }) => !wanted.has(id));
    const owners = await store.get([...new Set(open.flatMap(({ at }) => ownerIdsOf(at)))]);
    chains = open.flatMap(({ id, at }) =>
      ownerIdsOf(at).flatMap((owner) => {
        const found = owners.get(owner);
        return found ? [{ id, at: found }] : [];
      }),
    );
  }
  return records.filter(({ id }) => wanted.has(id));
}
