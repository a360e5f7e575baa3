import { openFileStore, type NewRecord } from '../../../../src/server/index.js';
import { erasedKeysOf } from '../../../../src/server/model/privacy/erasure-keys.js';

/**
 * A process that is going to be killed: `node crash-eraser.js FILE ROUND` erases one record after another, while it stores new ones and
 * replaces those that are there, and says of each `stored ID` or `erased ID` once the store has done it.
 */
const [file = '', round = '0'] = process.argv.slice(2);
const store = await openFileStore({ file, maxRecords: 100_000 });
const time = '2026-01-02T03:04:05.000Z';

for (let next = 0; ; next++) {
  const { records } = await store.list({}, { limit: 60 });
  const victim = records.at(-1);
  await Promise.all([
    ...[0, 1, 2, 3].map((offset) => put(`${round}-${next}-${offset}`)),
    ...records.slice(0, 5).map(({ id }) => put(id)),
    victim && erase(victim.id),
  ]);
}

async function put(id: string): Promise<void> {
  const record: NewRecord = {
    kind: 'prompt',
    id,
    userId: 'ada',
    prompt: `content of ${id}. `.repeat(500),
    generation: 'g',
    timestamp: time,
    receivedAt: time,
    tags: [],
    properties: {},
  };
  const { records } = await store.put([record]);
  if (records.length > 0) process.stdout.write(`stored ${id}\n`);
}

async function erase(id: string): Promise<void> {
  const record = (await store.get([id])).get(id);
  if (!record) return;
  await store.erase({ ids: [id], keys: erasedKeysOf(record) });
  process.stdout.write(`erased ${id}\n`);
}
