// Measures the cost of a delivery: `npm run bench delivery`. Both sides of a ratio come from one run on one machine.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildModules } from './support/build-modules.mjs';
import { checkGoal } from './support/goals.mjs';

setFlagsFromString('--expose_gc');
const gc = runInNewContext('gc');
const load = await buildModules('delivery', ['index', 'node/index']);
const { createDelivery } = await load('delivery/create-delivery.js');
const { trubricsIngestion, TrubricsSpanProcessor } = await load('index.js');
const { fileSpool } = await load('node/index.js');

const RECORDS = 10_000;
const ROUNDS = 5;
/** Rounds in which the contenders take turns, so that other load on the machine meets all of them. */
const PASSES = 3;
const MEASURE_MS = 2_000;
const MIN_RATIO_TO_RAW = 0.8;
const MAX_HEAP_RATIO = 2;
const MAX_LOOP_DELAY_MS = 10;
const MAX_END_US = 20;
/** The limit on slower machines: a multiple of the time for JSON alone, which is parsing the messages and writing the record. */
const MAX_END_TO_JSON = 3;

const TEXT = 'What is the capital of Italy, and since when? '.repeat(7);
const records = Array.from({ length: RECORDS }, (_, index) => ({
  id: `4bf92f3577b34da6a3ce929d0e0e4736-${index.toString(16).padStart(16, '0')}`,
  userId: `user-${index % 100}`,
  threadId: `thread-${index % 1_000}`,
  prompt: TEXT,
  generation: TEXT,
  assistantId: 'gpt-4o-mini',
  timestamp: '2026-11-22T10:00:00.000Z',
  latency: 1.25,
  tags: ['bench'],
  properties: { provider: 'openai', input_tokens: 120, output_tokens: 90 },
}));

const server = await startServer();
const destination = trubricsIngestion({ host: server.url });
const items = records.map((record) => destination.encode({ kind: 'prompt', record }));
const bodies = Array.from(
  { length: RECORDS / 100 },
  (_, index) => `[${items.slice(index * 100, index * 100 + 100).join(',')}]`,
);
const batches = bodies.map((body) => JSON.parse(body));
console.log(
  `${RECORDS} records of ${Math.round(items.join('').length / RECORDS)} bytes, best of ${ROUNDS} rounds`,
);

// --- records a second -----------------------------------------------------------------------------------------------
const contenders = {
  'raw loop, one request at a time': () => postRaw(1, (batch) => JSON.stringify(batch)),
  'raw loop, four at a time': () => postRaw(4, (batch) => JSON.stringify(batch)),
  'raw loop, four at a time, text ready before': () => postRaw(4, (_, index) => bodies[index]),
  Delivery: () => deliver({}),
  'Delivery with a spool': () => withSpool((spool) => deliver({ spool })),
  '@trubrics/trubrics': deliverWithSdk,
  'TrubricsSpanProcessor, from spans': () => endSpans((url) => new TrubricsSpanProcessor({ host: url })),
  'BatchSpanProcessor + OTLP/JSON, from spans': await otlpContender(),
};
// One process for each contender, because the garbage of one slows down the next: `node delivery.mjs --contender=Delivery`.
const only = process.argv.find((arg) => arg.startsWith('--contender='))?.slice('--contender='.length);
if (only !== undefined) {
  console.log(JSON.stringify(await measure(contenders[only])));
  server.stop();
  process.exit();
}
/** Returns the most records a second and the least processor time per record of all rounds, because other load only adds time. */
const rates = {};
const cpu = {};
const present = Object.keys(contenders).filter((name) => contenders[name]);
for (const name of Array.from({ length: PASSES }, () => present).flat()) {
  const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), `--contender=${name}`], {
    encoding: 'utf8',
  });
  const { rate, microseconds } = JSON.parse(output.trim().split('\n').at(-1));
  rates[name] = Math.max(rates[name] ?? 0, rate);
  cpu[name] = Math.min(cpu[name] ?? Infinity, microseconds);
}
const raw = rates['raw loop, four at a time'];
console.table(
  Object.entries(rates).map(([contender, rate]) => ({
    contender,
    'records/s': Math.round(rate),
    'to the raw loop': round2(rate / raw),
    'µs of processor': round2(cpu[contender]),
  })),
);
if (!contenders['BatchSpanProcessor + OTLP/JSON, from spans']) {
  console.log('@opentelemetry/exporter-trace-otlp-http is not installed: not compared with it.');
}
// Passes by wall-clock time or by processor time: on a busy machine, wall-clock time says little.
const toRaw = Math.max(rates.Delivery / raw, cpu['raw loop, four at a time'] / cpu.Delivery);
checkGoal({
  measured: 'time of a plain loop of fetch(), four at a time',
  value: 1 / toRaw,
  unit: 'x',
  limit: 1 / MIN_RATIO_TO_RAW,
  beside: 'that loop',
});

// --- heap per queued record -----------------------------------------------------------------------------------------
{
  const idle = createDelivery(trubricsIngestion({ host: 'http://127.0.0.1:9' }), {
    flushAt: RECORDS,
    flushIntervalMs: 3_600_000,
  });
  const fresh = (index) => ({ ...records[index], prompt: `${TEXT}${index}` });
  idle.accept({ kind: 'prompt', record: fresh(0) });
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let index = 1; index < RECORDS; index++) idle.accept({ kind: 'prompt', record: fresh(index) });
  gc();
  const heap = (process.memoryUsage().heapUsed - before) / (RECORDS - 1);
  const bytes = idle.stats().queuedBytes / RECORDS;
  console.log(
    `heap per queued record of ${Math.round(bytes)} bytes: ${Math.round(heap)} bytes, ${round2(heap / bytes)}×`,
  );
  checkGoal({
    measured: 'heap of a queued record',
    value: heap / bytes,
    unit: 'x',
    limit: MAX_HEAP_RATIO,
    beside: 'its JSON',
  });
  await idle.shutdown(10);
}

// --- event loop while draining --------------------------------------------------------------------------------------
const drains = {
  'the raw loop': async ({ accepted, drained }) => {
    accepted();
    await postRaw(4, (batch) => JSON.stringify(batch));
    drained();
  },
  memory: (hooks) => deliver({}, hooks),
  'a spool': (hooks) => withSpool((spool) => deliver({ spool }, hooks)),
};
const delays = {};
for (const [place, drain] of Object.entries(drains)) {
  const best = { p50: Infinity, p99: Infinity, max: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    const histogram = monitorEventLoopDelay({ resolution: 1 });
    await drain({ accepted: () => histogram.enable(), drained: () => histogram.disable() });
    best.p50 = Math.min(best.p50, round2(histogram.percentile(50) / 1e6));
    best.p99 = Math.min(best.p99, round2(histogram.percentile(99) / 1e6));
    best.max = Math.min(best.max, round2(histogram.max / 1e6));
  }
  delays[place] = best;
  console.log(
    `event-loop delay while ${RECORDS} drain from ${place}: p50 ${best.p50} ms, p99 ${best.p99} ms, max ${best.max} ms`,
  );
}
for (const place of ['memory', 'a spool'])
  checkGoal({
    measured: `event-loop delay, 99th percentile, while ${RECORDS} drain from ${place}`,
    value: delays[place].p99,
    unit: 'ms',
    limit: MAX_LOOP_DELAY_MS,
    beside: `${delays['the raw loop'].p99} ms of the raw loop`,
  });

// --- span.end() -----------------------------------------------------------------------------------------------------
const json = timeJson();
for (const name of ['memory', 'a spool']) {
  let best = Infinity;
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const none = await timeEnds(() => ({
      forceFlush: async () => {},
      shutdown: async () => {},
      onStart() {},
      onEnd() {},
    }));
    const ours =
      name === 'memory'
        ? await timeEnds((url) => new TrubricsSpanProcessor({ host: url }))
        : await withSpool((spool) => timeEnds((url) => new TrubricsSpanProcessor({ host: url, spool })));
    best = Math.min(best, ours - none);
  }
  console.log(
    `span.end() in a tick of ${RECORDS} (queue in ${name}): ${round2(best)} µs more than without us, ` +
      `${round2(best / json)}× of JSON alone (${round2(json)} µs)`,
  );
  checkGoal({
    measured: `span.end(), ${RECORDS} in a tick, queue in ${name}`,
    value: best / json,
    unit: 'x',
    limit: MAX_END_TO_JSON,
    beside: `JSON alone; or ${MAX_END_US} µs, and it is ${round2(best)} µs`,
    isMet: best < MAX_END_US || best < MAX_END_TO_JSON * json,
  });
}

server.stop();

async function measure(run) {
  let rate = 0;
  let microseconds = Infinity;
  const until = performance.now() + MEASURE_MS;
  for (let round = 0; round < ROUNDS || performance.now() < until; round++) {
    // No gc() here: V8 would also discard compiled code, of which this contender has more than a raw loop.
    const started = performance.now();
    const cpuBefore = process.cpuUsage();
    const sent = await run();
    const { user, system } = process.cpuUsage(cpuBefore);
    rate = Math.max(rate, sent / ((performance.now() - started) / 1e3));
    microseconds = Math.min(microseconds, (user + system) / sent);
  }
  return { rate, microseconds };
}

async function postRaw(atOnce, toBody) {
  let next = 0;
  const post = async () => {
    for (let index; (index = next++) < bodies.length;) {
      const response = await fetch(`${server.url}/publish_llm_events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
        body: toBody(batches[index], index),
      });
      await response.text();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, post));
  return RECORDS;
}

async function deliver(settings, { accepted, drained } = {}) {
  const delivery = createDelivery(destination, settings);
  for (const record of records) delivery.accept({ kind: 'prompt', record });
  accepted?.();
  await delivery.flush(60_000);
  drained?.();
  const { delivered } = delivery.stats();
  await delivery.shutdown();
  if (delivered !== RECORDS) throw new Error(`${delivered} delivered`);
  return delivered;
}

async function withSpool(run) {
  const dir = await mkdtemp(join(tmpdir(), 'bench-spool-'));
  try {
    return await run(fileSpool({ dir }));
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function deliverWithSdk() {
  const { Trubrics } = await import('@trubrics/trubrics');
  const count = 1_000;
  const client = new Trubrics({ apiKey: 'k', host: server.url, flushInterval: 3_600, flushBatchSize: 100 });
  for (const record of records.slice(0, count)) {
    client.trackLLM({
      user_id: record.userId,
      prompt: record.prompt,
      generation: record.generation,
      assistant_id: record.assistantId,
      properties: record.properties,
    });
  }
  while (client.queue.length > 0) await client.flush();
  return count;
}

async function otlpContender() {
  try {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
    return () =>
      endSpans(
        (url) =>
          new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }), {
            maxQueueSize: RECORDS * 2,
          }),
      );
  } catch {
    return undefined;
  }
}

async function endSpans(makeProcessor) {
  await timeEnds(makeProcessor);
  return RECORDS;
}

/** Returns the microseconds that `span.end()` takes, for as many spans in one tick as there are records. */
async function timeEnds(makeProcessor) {
  const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
  const processor = makeProcessor(server.url);
  const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('bench');
  const spans = records.map((record) =>
    tracer.startSpan('chat gpt-4o-mini', {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': record.assistantId,
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: record.prompt }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          { role: 'assistant', parts: [{ type: 'text', content: record.generation }] },
        ]),
        'user.id': record.userId,
      },
    }),
  );
  const started = performance.now();
  for (const span of spans) span.end();
  const microseconds = ((performance.now() - started) * 1e3) / spans.length;
  await processor.forceFlush();
  await processor.shutdown();
  return microseconds;
}

/** Returns the microseconds per record for the least possible work: parsing both messages and writing the record. */
function timeJson() {
  const message = JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: TEXT }] }]);
  const texts = records.map((_, index) => `${message.slice(0, -1)},${index}]`);
  let best = Infinity;
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const kept = [];
    const started = performance.now();
    for (const [index, text] of texts.entries()) {
      const parsed = [JSON.parse(text), JSON.parse(text)];
      kept.push(JSON.stringify({ ...batches[Math.floor(index / 100)][index % 100], tags: [parsed.length] }));
    }
    best = Math.min(best, ((performance.now() - started) * 1e3) / kept.length);
  }
  return best;
}

/** Starts the server in a process of its own, so that it takes no time from the measured one. */
async function startServer() {
  const source = `require('node:http').createServer((q, r) => { q.resume(); q.on('end', () => { r.setHeader('content-type', 'application/json'); r.end('{}'); }); })
    .listen(0, '127.0.0.1', function () { console.log(this.address().port); })`;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

function round2(value) {
  return Math.round(value * 100) / 100;
}
