// What the two benchmarks of the ClickHouse engine share: an engine, records, answers, and how their processor time is measured.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startClickHouseShim } from '../../support/start-clickhouse-shim.mjs';

const dist = process.env.TRUBRICS_DIST ?? fileURLToPath(new URL('../../../dist/esm', import.meta.url));
const CACHED = fileURLToPath(new URL('../../../node_modules/.cache/compat/clickhouse', import.meta.url));
export const { MemoryStore, createServer, openClickHouseStore } = await import(join(dist, 'server/index.js'));

export const DAY = 86_400_000;
/** Records are spread over this many days before now. */
export const DAYS = 72;
const ROUNDS = 5;

/** Starts an engine on an empty folder. Returns undefined, with a warning, where chdb is not installed. */
export async function startEngine() {
  const chdb = process.env.TRUBRICS_TEST_CHDB ?? CACHED;
  if (!existsSync(join(chdb, 'node_modules/chdb'))) {
    console.warn('*** SKIPPED: no chdb. `npm run test:compat clickhouse` installs it. ***');
    return undefined;
  }
  const data = mkdtempSync(join(tmpdir(), 'trubrics-bench-'));
  const shim = await startClickHouseShim(chdb, data);
  const url = `http://127.0.0.1:${shim.port}`;
  return {
    url: `clickhouse://127.0.0.1:${shim.port}`,
    /** Runs a statement, and returns its rows. */
    async run(statement, database = 'default') {
      const isQuery = /^\s*(SELECT|EXPLAIN)/i.test(statement);
      const response = await fetch(`${url}/?database=${database}`, {
        method: 'POST',
        body: isQuery ? `${statement} FORMAT JSONEachRow` : statement,
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return isQuery
        ? text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [];
    },
    usage: async () => (await fetch(`${url}/usage`)).json(),
    async stop() {
      await shim.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Numbers between 0 and 1 that depend on their place alone, so that any record can be made without those before it. */
function fraction(i, salt) {
  let x = (Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(salt + 7, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

const SYLLABLES = 'ka ro mi tel sun var dep lo qui nar est pol gra ven ti cho bur lam zi fo'.split(' ');
const WORDS = Array.from({ length: 3000 }, (_, i) =>
  Array.from(
    { length: 1 + (i % 3) },
    (_, k) => SYLLABLES[Math.floor(fraction(i, k) * SYLLABLES.length)],
  ).join(''),
);

/** Returns words of which few are frequent, as in a language: they compress as texts do. */
function text(i, salt, length) {
  const words = [];
  for (let k = 0; k < length; k++) words.push(WORDS[Math.floor(fraction(i, salt + k) ** 2 * WORDS.length)]);
  return words.join(' ');
}

/**
 * Returns one of `count` records, which end `start + DAYS` days after 1970: about 800 characters of text, 6 to a conversation, 5,000 users. The last quarter
 * has a release, a prompt version and a model that were not there before.
 */
export function makeRecord(i, count, end) {
  const isLate = i / count > 0.75;
  const timestamp = new Date(end - DAYS * DAY + (i / count) * DAYS * DAY).toISOString();
  return {
    kind: 'prompt',
    id: `${fraction(i, 1).toString(16).slice(2, 10)}${i.toString(16).padStart(8, '0')}`,
    userId: `user-${Math.floor(fraction(Math.floor(i / 6), 2) ** 2 * 5000)}`,
    threadId: `thread-${Math.floor(i / 6)}`,
    prompt: `Question ${i}: ${text(i, 100, 20)}?`,
    generation: `Answer ${i}: ${text(i, 500, 90)}${i % 1000 === 7 ? ' zebrafish' : ''}.`,
    assistantId:
      isLate && i % 40 === 39
        ? 'mistral-next'
        : ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', 'mistral-large'][i % 4],
    latency: Math.round(fraction(i, 3) * 8000) / 1000,
    timestamp,
    receivedAt: timestamp,
    tags: i % 3 ? ['web'] : ['app', 'beta'],
    properties: {
      input_tokens: 50 + Math.floor(fraction(i, 4) * 2000),
      output_tokens: 20 + Math.floor(fraction(i, 5) * 600),
      environment: i % 2 ? 'prod' : 'dev',
      release: `1.${i % 40}.0`,
      ...(i % 8 === 0 && {
        prompt_name: 'answer',
        prompt_version: isLate ? '2' : '1',
        service_version: isLate ? '2.0.0' : '1.0.0',
      }),
    },
  };
}

/** Answers of a server, by name. `record` is one that exists; `cursor` is a change cursor. Each call asks for another range, so that nothing is kept. */
export function answersOf(store, record, cursor) {
  const days = (number, round) => ({ since: { agoMs: number * DAY + round * 1000 } });
  const page = { limit: 100 };
  const server = createServer({ store });
  return {
    'latest 100': () => store.list({}, page),
    'latest 100 by time': () => store.list({}, { ...page, order: 'time' }),
    filtered: (round) =>
      store.list(
        { models: ['gpt-4o'], properties: [{ name: 'environment', values: ['dev'] }], ...days(70, round) },
        page,
      ),
    'rare filter': () =>
      store.list({ properties: [{ name: 'release', values: ['1.7.0'] }], tags: ['beta'] }, page),
    'rare word': () => store.list({ terms: [{ text: 'zebrafish' }] }, page),
    'common word': () => store.list({ terms: [{ text: WORDS[3] }] }, page),
    phrase: () => store.list({ terms: [{ text: `${WORDS[1]} ${WORDS[2]}` }] }, page),
    thread: () => store.list({ threads: [record.threadId] }, page),
    person: () => store.list({ users: [record.userId] }, page),
    id: () => store.get([record.id]),
    changes: () => store.changes(cursor, 500),
    count: () => store.usage(),
    'people, 30 days': (round) => store.users(days(30, round), 100),
    'people, all of time': () => store.users({}, 100),
    'conversations, page': () => store.threads({}, 50),
    'conversations, 30 days': (round) => store.threads(days(30, round), 50),
    'conversations by tokens': () => store.threads({}, 50, 'tokens'),
    'statistics, 30 days': (round) => store.statistics(days(30, round), 60),
    'statistics, all of time': (round) => store.statistics(days(10_000, round), 60),
    'properties, 30 days': (round) =>
      store.statistics({ properties: [{ name: 'environment', values: ['dev'] }], ...days(30, round) }, 60),
    'summary, changes': (round) => readSummary(server, 30 * DAY, Date.now() - round * 1000),
  };
}

/** Reads what is new in a period, beside the one before of the same length. */
async function readSummary(server, lengthMs, end) {
  const [since, until] = [end - lengthMs, end].map((ms) => new Date(ms).toISOString());
  const url = `http://localhost/api/summary?part=changes&since=${since}&until=${until}`;
  const response = await server.fetch(new Request(url));
  const { changes } = await response.json();
  const arrived = changes.dimensions.filter(({ arrivals }) => arrivals.length > 0);
  if (arrived.length < 3) throw new Error(`The summary says what is new in ${arrived.length} dimensions.`);
}

/** Returns the median processor time of a call in milliseconds, of this process and of the engine. */
export async function processorMs(engine, work, rounds = ROUNDS) {
  const times = [];
  for (let round = -1; round < rounds; round++) {
    const before = process.cpuUsage();
    const engineBefore = engine ? (await engine.usage()).cpuMs : 0;
    await work(round);
    const { user, system } = process.cpuUsage(before);
    const engineMs = engine ? (await engine.usage()).cpuMs - engineBefore : 0;
    if (round >= 0) times.push((user + system) / 1000 + engineMs);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

/** Puts `count` records, and returns them and the processor time that it took per record, in microseconds. */
export async function putRecords(engine, stores, count) {
  const end = Date.now() - 60_000;
  const times = stores.map(() => 0);
  for (let i = 0; i < count; i += 1000) {
    const batch = Array.from({ length: Math.min(1000, count - i) }, (_, k) => makeRecord(i + k, count, end));
    for (const [k, store] of stores.entries()) {
      const before = process.cpuUsage();
      const engineBefore = (await engine.usage()).cpuMs;
      await store.put(batch);
      const { user, system } = process.cpuUsage(before);
      times[k] += user + system + ((await engine.usage()).cpuMs - engineBefore) * 1000;
    }
  }
  return {
    record: makeRecord(Math.floor(count * 0.7), count, end),
    micros: times.map((time) => time / count),
  };
}

/**
 * Copies the records of `from` into a database, `copies` times, as if they had arrived at their own times: week by week, so that parts are of different days,
 * and one of 20 twice. Each copy has ids and conversations of its own; ten copies share their people.
 */
export async function copyRecords(engine, from, to, copies) {
  const store = await openClickHouseStore({ url: `${engine.url}/${to}` });
  const id = `if(copy = 0, id, concat(substring(lower(hex(cityHash64(id, copy))), 1, 8), substring(id, 9), '-', toString(copy)))`;
  const columns = `* EXCEPT (copy) REPLACE (${id} AS id,
  toUInt64(toUnixTimestamp64Micro(received) + copy) AS seq,
  toUInt64((toUnixTimestamp64Micro(received) + copy) * 1024 + isRepeat) AS version,
  if(copy = 0, thread, concat(thread, '-', toString(copy))) AS thread,
  if(copy < 10, user, concat(user, '-', toString(intDiv(copy, 10)))) AS user)`;
  const settings = `SETTINGS max_insert_threads = 1, max_threads = 2, min_insert_block_size_rows = 200000, min_insert_block_size_bytes = 400000000`;
  const [{ first }] = await engine.run(`SELECT toString(min(day)) AS first FROM records`, from);
  for (let day = 0; day <= DAYS; day += 6) {
    const rows = (isRepeat) => `(SELECT *, arrayJoin(range(${copies})) AS copy FROM ${from}.records
  WHERE day >= toDate32('${first}') + ${day} AND day < toDate32('${first}') + ${day + 6} ${isRepeat ? 'AND cityHash64(id) % 20 = 0' : ''})`;
    for (const isRepeat of [0, 1])
      await engine.run(
        `INSERT INTO records SELECT ${columns.replace('isRepeat', isRepeat)} FROM ${rows(isRepeat)} ${settings}`,
        to,
      );
  }
  await engine.run(
    `INSERT INTO record_ids SELECT project, reinterpretAsUInt64(substring(SHA256(id), 1, 8)), day, seq, version, 0 FROM records`,
    to,
  );
  return store;
}

/** Bytes on the disk, and rows, of the tables that keep records. */
export async function diskOf(engine, database) {
  return engine.run(
    `SELECT table, toUInt32(sum(rows)) AS rows, toUInt64(sum(bytes_on_disk)) AS bytes, count() AS parts FROM system.parts
WHERE active AND database = '${database}' AND table IN ('records', 'record_ids') GROUP BY table`,
  );
}
