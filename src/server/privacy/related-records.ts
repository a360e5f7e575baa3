import type { RecordStore } from '../engines/record-store.js';
import type { StoredRecord } from '../model/stored-record.js';
import type { RecordQuery } from '../query/record-query.js';

/** Ids per query for what belongs to them: bounds the size of a query, not the number of records. */
const IDS_PER_QUERY = 5000;

/**
 * Yields the records that match a query, and then what belongs to them, whoever it is from: the calls of turns, feedback, evaluations, and
 * what belongs to these. Each record is yielded once.
 */
export async function* withRelated(
  store: RecordStore,
  query: RecordQuery,
): AsyncGenerator<readonly StoredRecord[], void> {
  const seen = new Set<string>();
  let found = store.export(query);
  for (;;) {
    const added: string[] = [];
    for await (const chunk of found) {
      const fresh = chunk.filter(({ id }) => !seen.has(id));
      for (const { id } of fresh) seen.add(id);
      added.push(...fresh.map(({ id }) => id));
      if (fresh.length > 0) yield fresh;
    }
    if (added.length === 0) return;
    found = belongingTo(store, added);
  }
}

async function* belongingTo(
  store: RecordStore,
  ids: readonly string[],
): AsyncGenerator<readonly StoredRecord[], void> {
  for (let start = 0; start < ids.length; start += IDS_PER_QUERY)
    yield* store.export({ owners: ids.slice(start, start + IDS_PER_QUERY) });
}
