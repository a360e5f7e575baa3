// Measures the answers of ClickHouse at 100,000 records beside those of the memory engine, in one run, as processor time:
// npm run build && node test/bench/clickhouse.mjs. Skipped without chdb, which `npm run test:compat clickhouse` installs.
// `scripts/measure-clickhouse.mjs` measures 5 million records.
import {
  MemoryStore,
  answersOf,
  copyRecords,
  diskOf,
  makeRecord,
  openClickHouseStore,
  processorMs,
  putRecords,
  startEngine,
} from './support/clickhouse-bench.mjs';

const RECORDS = Number(process.env.TRUBRICS_BENCH_RECORDS ?? 100_000);
/** Milliseconds that the memory engine took on 2026-11-29, when the JSON of 10,000 records of `server-answers.mjs` took `JSON_MS`. */
const JSON_MS = 30;
const MEMORY_MS = {
  filtered: 26,
  'rare filter': 26,
  'rare word': 69,
  'common word': 69,
  phrase: 69,
  thread: 6,
  'people, 30 days': 12,
  'people, all of time': 54,
  'conversations, page': 326,
  'conversations by tokens': 326,
  'statistics, 30 days': 180,
  'statistics, all of time': 180,
  'properties, 30 days': 180,
};
/** Times as long that ClickHouse may take, beside what its statements cost when they are empty. */
const FACTOR = 4;
const MAX_BYTES_PER_RECORD = 560;

const engine = await startEngine();
if (engine) {
  try {
    const { rows, bytesPerRecord } = await measure();
    console.table(rows);
    console.log(`${bytesPerRecord} bytes of disk a record, at most ${MAX_BYTES_PER_RECORD}`);
    const isWorse = Object.values(rows).some(({ clickhouse, limit }) => clickhouse > limit);
    if (isWorse || bytesPerRecord > MAX_BYTES_PER_RECORD) process.exitCode = 1;
  } finally {
    await engine.stop();
  }
}

async function measure() {
  await engine.run('CREATE DATABASE source');
  await engine.run('CREATE DATABASE small');
  const memory = new MemoryStore({ maxRecords: RECORDS });
  const source = await openClickHouseStore({ url: `${engine.url}/source`, maxWaitMs: 0 });
  const { record, micros } = await putRecords(engine, [memory, source], RECORDS);
  console.log(
    `put: memory ${Math.round(micros[0])}, ClickHouse ${Math.round(micros[1])} microseconds a record`,
  );
  const clickhouse = await copyRecords(engine, 'source', 'small', 1);
  const [inMemory, inClickHouse] = await Promise.all(
    [memory, clickhouse].map(async (store) =>
      answersOf(store, record, (await store.changes(undefined, 0)).cursor),
    ),
  );
  const sample = Array.from({ length: 10_000 }, (_, i) => makeRecord(i, RECORDS, Date.now()));
  const rows = {};
  for (const name of Object.keys(inClickHouse)) {
    // Beside each answer, because other programs on the machine change what a millisecond does.
    const unit = (await processorMs(undefined, () => JSON.stringify(sample))) / JSON_MS;
    const empty = await processorMs(engine, () => engine.run('SELECT 1'));
    const before = (await engine.usage()).statements;
    await inClickHouse[name](-2);
    const statements = (await engine.usage()).statements - before;
    const cpu = await processorMs(engine, inClickHouse[name]);
    const limit = MEMORY_MS[name] && FACTOR * MEMORY_MS[name] * unit;
    rows[name] = {
      memory_today: round(await processorMs(undefined, inMemory[name])),
      statements,
      clickhouse: round(cpu - statements * empty),
      limit: limit && round(limit),
    };
  }
  const disk = await diskOf(engine, 'small');
  return {
    rows,
    bytesPerRecord: Math.round(disk.reduce((sum, { bytes }) => sum + Number(bytes), 0) / RECORDS),
  };
}

function round(ms) {
  return Math.round(ms * 10) / 10;
}
