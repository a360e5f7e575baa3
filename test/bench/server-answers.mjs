// Measures what the memory engine takes for 100,000 records of 600 characters: memory, and processor time of answers, as ratios to the
// JSON of 10,000 of the records. Fails when a ratio is above its limit: `npm run build && node --expose-gc test/bench/server-answers.mjs`.
import { fileURLToPath } from 'node:url';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const dist = process.env.TRUBRICS_DIST ?? fileURLToPath(new URL('../../dist/esm', import.meta.url));
const RECORDS = 100_000;
const ROUNDS = 9;
const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);

/**
 * Largest ratio to the JSON of 10,000 records, which takes 25 to 35 ms on the machine of the first measurements: twice what was measured.
 * Before contents were kept outside of the heap: rare word 1, common word 1.2, property 2, tag 2, people 1.3, conversations 1.9.
 */
const LIMITS = {
  'latest page': 0.1,
  'rare word': 0.6,
  'common word': 2.5,
  property: 1.5,
  tag: 0.2,
  people: 0.8,
  conversations: 1.6,
  'statistics of a time range': 1.8,
  'statistics of a model': 0.6,
  'statistics, unchanged': 0.1,
  'statistics without internal traffic': 2,
  'active people': 1.4,
  'active organizations': 2.6,
  retention: 0.8,
};
/** Most times as long as the statistics of a time range: what a view may take (measured: 0.2 to 2.4). */
const MAX_VIEW = 3;
const VIEWS = {
  'measure by a property': { measures: ['requests', 'people', 'errorRate'], by: { property: 'environment' } },
  'measure by a property, each day': {
    measures: ['requests', 'latencyP95'],
    by: { property: 'environment' },
    step: 'day',
  },
  'measure by a model, each day': { measures: ['requests', 'cost', 'badShare'], by: 'model', step: 'day' },
  'measure by a person': { measures: ['requests', 'cost'], by: 'user' },
  'numbers of a property': { measures: [{ property: 'input_tokens', of: 'p95' }], by: 'model' },
};
/** A person with 2,000 prompts. The others have 20. */
const BUSY = 'busy';
/** What the API makes of several answers of the engine, with the largest ratio to plain statistics: twice what was measured. */
const VIEW_PATHS = {
  'active people, compared': ['activity?step=day&against=previous&', 1.6],
  'active organizations, compared': ['activity?step=week&by=prop.environment&against=previous&', 1.4],
  'retention, compared': ['retention?against=previous&', 1.4],
  'page of a person': ['person?user=user-1&', 0.6],
  'page of a busy person': [`person?user=${BUSY}&`, 2],
};
/** Megabytes of the process with 100,000 records, and times as long to store a record as to write its JSON. */
const MAX_RSS_MB = 250;
const MAX_PUT = 5;

/** As many filters as the default rule of internal traffic has, with properties and without. */
const INTERNAL = [
  { properties: [{ name: 'environment', values: ['test', 'testing', 'ci'] }] },
  { tags: ['internal', 'test', 'synthetic'] },
  { properties: [{ name: 'internal', values: ['true'] }] },
  { properties: [{ name: 'user_agent.synthetic.type', values: ['bot', 'test'] }] },
  { users: ['test', 'test-user', 'test_user', 'testuser', 'healthcheck', 'health-check'] },
];

function record(i) {
  const timestamp = new Date(START + i * 26_000).toISOString();
  return {
    kind: 'prompt',
    id: `bench-${i}`,
    userId: `user-${(i * 7919) % 5000}`,
    threadId: `thread-${Math.floor(i / 6)}`,
    prompt: `Question ${i}: ${'How do I trace an application that asks a model, '.repeat(3)}?`,
    generation: `Answer ${i}:\n\n${'A span is a step of a trace, and it has a parent. '.repeat(8)}${i % 1000 === 7 ? 'zebrafish' : ''}`,
    assistantId: ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', 'mistral-large'][i % 4],
    latency: ((i * 31) % 4000) / 1000,
    timestamp,
    receivedAt: timestamp,
    tags: ['bench'],
    properties: {
      $event_id: `bench-${i}`,
      input_tokens: 120,
      output_tokens: 80,
      environment: i % 2 ? 'prod' : 'dev',
    },
  };
}

/** A record of an application whose release, models and prompts change after three fifths of the time. */
function changingRecord(i) {
  const isLate = i > 0.6 * RECORDS;
  const base = record(i);
  return {
    ...base,
    userId: i % 50 === 0 ? BUSY : base.userId,
    assistantId: isLate && i % 4 === 3 ? 'mistral-next' : base.assistantId,
    properties: {
      ...base.properties,
      cost: (i % 50) / 1000,
      service_version: isLate ? '1.1' : '1.0',
      prompt_name: ['answer', 'search', 'title', 'route'][i % 4],
      prompt_version: isLate ? 2 + (i % 3) : 1,
      ...(i % 40 === 0 && { error_type: 'timeout' }),
    },
  };
}

function cpuMs(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** Returns the median processor time of a call in milliseconds. */
async function measure(work) {
  const times = [];
  for (let round = -2; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await work(round);
    if (round >= 0) times.push(cpuMs(before));
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

async function fill() {
  const { MemoryStore } = await import(join(dist, 'server/index.js'));
  const store = new MemoryStore({ maxRecords: RECORDS });
  let put = 0;
  let stringify = 0;
  for (let i = 0; i < RECORDS; i += 20) {
    const batch = JSON.parse(JSON.stringify(Array.from({ length: 20 }, (_, k) => record(i + k))));
    const before = process.cpuUsage();
    await store.put(batch);
    put += cpuMs(before);
    const middle = process.cpuUsage();
    JSON.stringify(batch);
    stringify += cpuMs(middle);
  }
  return { store, put: put / stringify };
}

/** The page of the work list with all its numbers, as the API answers it: 10,000 thumbs, 2,000 decisions of reviewers. */
async function measureReview(store, later) {
  const { createServer } = await import(join(dist, 'server/index.js'));
  for (let i = 0; i < 10_000; i++) {
    const { id, userId, timestamp, receivedAt, tags } = record(RECORDS - 1 - i * 5);
    const properties = { record_id: id, score: i % 3 ? 1 : -1, feedback_type: 'thumbs' };
    const base = { id: `thumb-${i}`, userId, timestamp, receivedAt, tags };
    await store.put([{ ...base, kind: 'event', event: 'Feedback', properties }]);
  }
  for (let i = 0; i < 2000; i++)
    await store.documents.put({
      kind: 'state',
      name: `bench-${RECORDS - 1 - i * 15}`,
      value: { state: 'done' },
    });
  const server = createServer({ store });
  const url = 'http://127.0.0.1/api/review?state=needs-review&threshold=0.5&preview=300&internal=show&since=';
  const read = async (round) => {
    const response = await server.fetch(
      new Request(url + later(round).at, { headers: { host: '127.0.0.1' } }),
    );
    if ((await response.json()).total === 0) throw new Error('No answer needs a review');
  };
  const plain = await measure((round) => store.statistics({ since: later(round) }, 60));
  const ms = await measure(async (round) => {
    // A record that arrives, so that nothing is kept.
    await store.put([{ ...record(RECORDS + round + 10), properties: {} }]);
    await read(round);
  });
  return { ms: Number(ms.toFixed(2)), to_statistics: Number((ms / plain).toFixed(2)), limit: MAX_VIEW };
}

/** Each part of the first screen, and what is made of several answers of the engine, as the API answers it, beside plain statistics of the same records: those of both periods. */
async function measureViews() {
  const { createServer, MemoryStore } = await import(join(dist, 'server/index.js'));
  const store = new MemoryStore({ maxRecords: RECORDS });
  for (let i = 0; i < RECORDS; i += 20)
    await store.put(Array.from({ length: 20 }, (_, k) => changingRecord(i + k)));
  // A search makes records searchable, which would go on in the background.
  await store.list({ terms: [{ text: 'zebrafish' }] }, { limit: 1 });
  const server = createServer({ store });
  const [middle, end] = [START + (RECORDS / 2) * 26_000, START + RECORDS * 26_000];
  const read = async (path) => {
    const response = await server.fetch(
      new Request(`http://127.0.0.1/api/${path}&until=${end}`, { headers: { host: '127.0.0.1' } }),
    );
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  // A record that arrives, and another bound, so that nothing is kept.
  const each = (path, since) =>
    measure(async (round) => {
      await store.put([changingRecord(RECORDS - 20 + round)]);
      return read(`${path}since=${since + round}`);
    });
  const { changes } = await read(`summary?part=changes&since=${middle}`);
  if (changes.dimensions.flatMap(({ arrivals }) => arrivals).length !== 11)
    throw new Error('Not everything that is new was found');
  const plain = await each('stats?', START);
  const rows = {};
  const summaries = ['people', 'outcomes', 'cost', 'changes'].map((part) => [
    `summary: ${part}`,
    [`summary?part=${part}&`, MAX_VIEW],
  ]);
  for (const [name, [path, limit]] of [...summaries, ...Object.entries(VIEW_PATHS)]) {
    const ms = await each(path, middle);
    rows[name] = { ms: Number(ms.toFixed(2)), to_statistics: Number((ms / plain).toFixed(2)), limit };
  }
  console.table(rows);
  if (Object.values(rows).some(({ to_statistics: ratio, limit }) => ratio > limit)) process.exitCode = 1;
}

async function run() {
  const { store, put } = await fill();
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 300));
  globalThis.gc?.();
  const rssMb = Math.round(process.memoryUsage().rss / 1e6);
  const sample = Array.from({ length: 10_000 }, (_, i) => record(i));
  // Another bound each time, so that no answer is kept.
  const later = (round) => ({ at: START + 5 * DAY + round });
  const until = { at: START + RECORDS * 26_000 };
  const answers = {
    'latest page': () => store.list({}, { limit: 100 }),
    'rare word': () => store.list({ terms: [{ text: 'zebrafish' }] }, { limit: 100 }),
    'common word': () => store.list({ terms: [{ text: 'parent' }] }, { limit: 100 }),
    property: () => store.list({ properties: [{ name: 'environment', values: ['dev'] }] }, { limit: 100 }),
    tag: () => store.list({ tags: ['bench'] }, { limit: 100 }),
    people: () => store.users({}, 1000),
    conversations: () => store.threads({}, 1000),
    'statistics of a time range': (round) => store.statistics({ since: later(round) }, 60),
    'statistics of a model': (round) => store.statistics({ models: ['gpt-4o'], since: later(round) }, 60),
    'statistics without internal traffic': (round) =>
      store.statistics({ since: later(round), not: INTERNAL }, 60),
    'active people': () => store.activity({ until, not: INTERNAL }, { step: 'day' }),
    'active organizations': () =>
      store.activity({ until }, { by: { property: 'environment' }, step: 'week' }),
    retention: () => store.retention({ until, not: INTERNAL }, {}),
    'statistics, unchanged': () => store.statistics({ since: { agoMs: 10_000 * DAY } }, 60),
  };
  const rows = {};
  for (const [name, answer] of Object.entries(answers)) {
    const floor = await measure(() => JSON.stringify(sample));
    const ms = await measure(answer);
    rows[name] = { ms: Number(ms.toFixed(2)), ratio: Number((ms / floor).toFixed(2)), limit: LIMITS[name] };
  }
  console.table(rows);
  const views = {};
  for (const [name, request] of Object.entries(VIEWS)) {
    const plain = rows['statistics of a time range'].ms;
    const ms = await measure((round) => store.measure({ since: later(round) }, request));
    views[name] = {
      ms: Number(ms.toFixed(2)),
      to_statistics: Number((ms / plain).toFixed(2)),
      limit: MAX_VIEW,
    };
  }
  views['work list of a reviewer'] = await measureReview(store, later);
  console.table(views);
  console.table({ rss_mb: rssMb, limit_mb: MAX_RSS_MB, put_to_json: Number(put.toFixed(1)), limit: MAX_PUT });
  const isWorse =
    Object.values(rows).some(({ ratio, limit }) => ratio > limit) ||
    Object.values(views).some(({ to_statistics: ratio, limit }) => ratio > limit);
  if (isWorse || rssMb > MAX_RSS_MB || put > MAX_PUT) process.exitCode = 1;
}

const PARTS = { answers: run, views: measureViews };

// Each in a process of its own, so that nothing else is in its memory.
if (process.send) await PARTS[process.argv[2]]();
else
  for (const part of Object.keys(PARTS)) {
    const [code] = await once(fork(import.meta.filename, [part], { execArgv: ['--expose-gc'] }), 'exit');
    if (code !== 0) process.exitCode = 1;
  }
