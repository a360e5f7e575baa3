// Measures what the memory and the file engine take to store, open and export records, as multiples of the processor time of a floor that
// keeps the same records in a Map. Fails when a ratio is above its limit: `npm run bench engines`.
//   TRUBRICS_DIST=…/dist/esm measures another build, from commit 8a41714 on.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchRecords } from './support/bench-records.mjs';

const dist = process.env.TRUBRICS_DIST ?? fileURLToPath(new URL('../../dist/esm', import.meta.url));
const { createServer, MemoryStore, openFileStore } = await import(join(dist, 'server/index.js'));
const RECORDS = 20_000;
const BATCH = 20;
const ROUNDS = 8;

/**
 * Largest ratio to the floor. For puts and exports it is what commit 8a41714 takes, where records were objects of twice the memory; for opening a
 * file, which took 2.2 there, and for the rest a third above what was measured.
 */
const LIMITS = {
  'put in memory': 2.1,
  'put in a file': 2.3,
  'make searchable': 3,
  'open a file': 3.1,
  'export from memory': 1.2,
  'export from a file': 1.2,
};

const folder = mkdtempSync(join(tmpdir(), 'bench-engines-'));
const records = benchRecords(RECORDS);
const json = JSON.stringify(records);
const lines = records.map((record) => `${JSON.stringify(record)}\n`);
const file = join(folder, 'records.jsonl');
writeFileSync(file, lines.join(''));
let files = 0;

/** Returns the records as a server reads them from requests: parsed, and in batches. */
function batches() {
  const parsed = JSON.parse(json);
  return Array.from({ length: RECORDS / BATCH }, (_, i) => parsed.slice(i * BATCH, (i + 1) * BATCH));
}

async function exportAll(store) {
  const server = createServer({ store });
  const answer = await server.fetch(new Request('http://127.0.0.1/api/export?format=jsonl'));
  let bytes = 0;
  for await (const chunk of answer.body) bytes += chunk.length;
  if (bytes < Buffer.byteLength(json)) throw new Error(`The export has ${bytes} bytes only`);
}

/** Floor of a put in memory: JSON of each record, and a Map. */
function putInMap(given) {
  const map = new Map();
  for (const batch of given)
    for (const record of batch) {
      JSON.stringify(record);
      map.set(record.id, record);
    }
}

/** The same with an append to a file for each batch. */
async function putInFile(given) {
  const map = new Map();
  const handle = await open(join(folder, `floor-${files++}`), 'w');
  for (const batch of given) {
    await handle.write(Buffer.from(batch.map((record) => `${JSON.stringify(record)}\n`).join('')));
    for (const record of batch) map.set(record.id, record);
  }
  await handle.close();
}

function parseLines() {
  const map = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const record = JSON.parse(line);
    map.set(record.id, record);
  }
}

/** Floor of an export: JSON of each record, as UTF-8. */
function writeLines() {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

async function putAll(store, given) {
  for (const batch of given) await store.put(batch);
  return store;
}

async function filledStore() {
  return putAll(new MemoryStore(), batches());
}

const close = (store) => store.close();

/** `prepare` and `end` are not measured. */
const WORK = {
  'put in memory': {
    floor: { prepare: batches, run: putInMap },
    engine: { prepare: batches, run: (given) => putAll(new MemoryStore(), given) },
  },
  'put in a file': {
    floor: { prepare: batches, run: putInFile },
    engine: {
      prepare: async () => ({
        given: batches(),
        store: await openFileStore({ file: join(folder, `put-${files++}`) }),
      }),
      run: ({ store, given }) => putAll(store, given),
      end: close,
    },
  },
  // Left for later by a put: when nothing else is to be done, or by the first search.
  'make searchable': {
    floor: { prepare: batches, run: putInMap },
    engine: {
      prepare: filledStore,
      run: (store) => store.list({ terms: [{ text: 'not to be found' }] }, { limit: 1 }),
    },
  },
  'open a file': {
    floor: { run: parseLines },
    engine: { run: () => openFileStore({ file }), end: close },
  },
  'export from memory': {
    floor: { run: writeLines },
    engine: { prepare: filledStore, run: exportAll },
  },
  'export from a file': {
    floor: { run: writeLines },
    engine: {
      prepare: () => openFileStore({ file }),
      run: async (store) => {
        await exportAll(store);
        return store;
      },
      end: close,
    },
  },
};

/** Returns the processor time of a record in microseconds. */
async function timeOf({ prepare, run, end }) {
  const given = await prepare?.();
  globalThis.gc?.();
  const before = process.cpuUsage();
  const result = await run(given);
  const { user, system } = process.cpuUsage(before);
  await end?.(result);
  return (user + system) / RECORDS;
}

/** Alternates between engine and floor, and takes the smallest of several rounds of each: the machine may be busy. */
async function compare({ floor, engine }, limit) {
  let [engineUs, floorUs] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    floorUs = Math.min(floorUs, await timeOf(floor));
    engineUs = Math.min(engineUs, await timeOf(engine));
  }
  const rounded = (value) => Math.round(value * 100) / 100;
  return {
    engine_us: rounded(engineUs),
    floor_us: rounded(floorUs),
    ratio: rounded(engineUs / floorUs),
    limit,
  };
}

try {
  const rows = {};
  for (const [name, work] of Object.entries(WORK)) rows[name] = await compare(work, LIMITS[name]);
  console.table(rows);
  if (Object.values(rows).some(({ ratio, limit }) => ratio > limit)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
