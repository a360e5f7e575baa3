// Measures how the answers of the ClickHouse engine grow: 100,000 records against 50 times as many, processor time, in one run.
// npm run test:compat clickhouse (installs chdb), npm run build && node scripts/measure-clickhouse.mjs
// It takes about 10 minutes of processor time, 3 GB of disk and 2 GB of memory. TRUBRICS_BENCH_COPIES=50
import {
  answersOf,
  copyRecords,
  diskOf,
  openClickHouseStore,
  processorMs,
  putRecords,
  startEngine,
} from '../test/bench/support/clickhouse-bench.mjs';

const RECORDS = 100_000;
const COPIES = Number(process.env.TRUBRICS_BENCH_COPIES ?? 50);
const ROUNDS = Number(process.env.TRUBRICS_BENCH_ROUNDS ?? 3);

/** Largest ratio for 50 times the rows. Answers without one may not be worse than the rows. */
const LIMITS = {
  'latest 100': 10,
  'latest 100 by time': 10,
  filtered: 10,
  thread: 10,
  id: 10,
  changes: 10,
  'conversations, page': 10,
  count: 12,
  'statistics, 30 days': 15,
  'people, 30 days': 20,
  'properties, 30 days': 25,
  'summary, changes': 25,
};
const ALL_OF_TIME = 40;

const engine = await startEngine();
if (engine) {
  try {
    const rows = await measure();
    console.table(rows);
    for (const database of ['small', 'large']) console.table(await diskOf(engine, database));
    if (COPIES >= 50 && Object.values(rows).some(({ ratio, limit }) => ratio > limit)) process.exitCode = 1;
  } finally {
    await engine.stop();
  }
}

async function measure() {
  for (const name of ['source', 'small', 'large']) await engine.run(`CREATE DATABASE ${name}`);
  const source = await openClickHouseStore({ url: `${engine.url}/source`, maxWaitMs: 0 });
  const { record, micros } = await putRecords(engine, [source], RECORDS);
  console.log(`put: ${micros[0].toFixed(0)} microseconds of processor time a record, in batches of 1,000`);
  const stores = [];
  for (const [name, copies] of [
    ['small', 1],
    ['large', COPIES],
  ]) {
    const before = (await engine.usage()).cpuMs;
    stores.push(await copyRecords(engine, 'source', name, copies));
    console.log(`${name}: ${Math.round(((await engine.usage()).cpuMs - before) / 1000)} s of processor time`);
  }
  const answers = [];
  for (const store of stores)
    answers.push(answersOf(store, record, (await store.changes(undefined, 0)).cursor));
  console.log(
    `an empty statement: ${(await processorMs(engine, () => engine.run('SELECT 1'))).toFixed(1)} ms`,
  );
  const rows = {};
  for (const name of Object.keys(answers[0])) {
    rows[name] = await compare(name, answers);
    console.log(name, JSON.stringify(rows[name]), `${Math.round((await engine.usage()).rss / 1e6)} MB`);
  }
  return rows;
}

/** A statement that runs out of time on a busy machine is named, and the other answers are measured all the same. */
async function compare(name, [ofSmall, ofLarge]) {
  try {
    const small = await processorMs(engine, ofSmall[name], ROUNDS);
    const large = await processorMs(engine, ofLarge[name], ROUNDS);
    return {
      small: Math.round(small),
      large: Math.round(large),
      ratio: Number((large / small).toFixed(1)),
      limit: LIMITS[name] ?? ALL_OF_TIME,
    };
  } catch ({ message, cause }) {
    process.exitCode = 1;
    return { failed: cause?.message ?? message };
  }
}
