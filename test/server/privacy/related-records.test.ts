import { expect, test } from 'vitest';
import type { RecordStore, StoredRecord } from '../../../src/server/index.js';
import { withRelated } from '../../../src/server/privacy/related-records.js';
import type { RecordQuery } from '../../../src/server/query/record-query.js';

const record = (id: string): StoredRecord => ({ id }) as StoredRecord;

/** A store of records that belong to others, and the queries that it was asked. */
function storeOf(owners: Readonly<Record<string, string>>, first: readonly string[]) {
  const queries: RecordQuery[] = [];
  async function* exporting(query: RecordQuery): AsyncGenerator<readonly StoredRecord[]> {
    queries.push(query);
    const { owners: wanted } = query;
    const ids = wanted ? Object.keys(owners).filter((id) => wanted.includes(owners[id] ?? '')) : first;
    for (let start = 0; start < ids.length; start += 1_000) yield ids.slice(start, start + 1_000).map(record);
  }
  return { store: { export: exporting } as unknown as RecordStore, queries };
}

async function all(store: RecordStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const chunk of withRelated(store, { users: ['ada'] })) {
    expect(chunk.length).toBeGreaterThan(0);
    ids.push(...chunk.map(({ id }) => id));
  }
  return ids;
}

test('records are followed by what belongs to them, and by what belongs to that, each once', async () => {
  const owners = {
    call: 'turn',
    thumb: 'turn',
    'thumb of the call': 'call',
    other: 'elsewhere',
    turn: 'thumb',
  };
  const { store, queries } = storeOf(owners, ['turn', 'call']);
  expect(await all(store)).toEqual(['turn', 'call', 'thumb', 'thumb of the call']);
  expect(queries[0]).toEqual({ users: ['ada'] });
});

test('what belongs to many records is asked for in parts', async () => {
  const prompts = Array.from({ length: 12_000 }, (_, index) => `p${index}`);
  const { store, queries } = storeOf({ first: 'p0', middle: 'p5000', last: 'p11999' }, prompts);
  const ids = await all(store);
  expect(ids).toHaveLength(12_003);
  expect(queries.slice(1).map(({ owners }) => owners?.length)).toEqual([5_000, 5_000, 2_000, 3]);
});
