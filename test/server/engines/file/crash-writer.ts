import { openFileStore, type NewRecord } from '../../../../src/server/index.js';

/**
 * A process that is going to be killed: `node crash-writer.js FILE FIRST` writes records numbered from FIRST on, several requests at a
 * time, and says each number once the store has taken it.
 */
const [file = '', first = '0'] = process.argv.slice(2);
const store = await openFileStore({ file, maxRecords: 100 });
const time = '2026-01-02T03:04:05.000Z';

for (let next = Number(first); ; next += 4) {
  await Promise.all([0, 1, 2, 3].map((offset) => put(next + offset)));
  process.stdout.write(`${next + 3}\n`);
}

async function put(number: number): Promise<void> {
  const record: NewRecord = {
    kind: 'prompt',
    id: String(number),
    userId: 'ada',
    prompt: `${number} `.repeat(2500),
    generation: 'g',
    timestamp: time,
    receivedAt: time,
    tags: [],
    properties: {},
  };
  await store.put([record]);
}
