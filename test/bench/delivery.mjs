// Measures the cost of a delivery: `npm run bench delivery`. Both sides of a ratio come from one run on one machine.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildModules } from './support/build-modules.mjs';
import { checkGoal } from './support/goals.mjs';
import { startSinkServer } from './support/sink-server.mjs';
import { messages, timeJson } from './support/json-alone.mjs';
import { processorUs, quartile } from './support/processor-time.mjs';

setFlagsFromString('--expose_gc');
const gc = runInNewContext('gc');
const load = await buildModules('delivery', ['index', 'node/index']);
const { createDelivery } = await load('delivery/create-delivery.js');
const { trubricsIngestion, TrubricsSpanProcessor } = await load('index.js');
const { fileSpool } = await load('node/index.js');

const RECORDS = 10_000;
const ROUNDS = 5;
/** Rounds of 10,000 records in which contenders take turns. V8 has compiled a loop, and a delivery, after the first two thousand requests. */
const TURNS = { warmUp: 20, measured: 20 };
const MIN_RATIO_TO_LOOP = 0.8;
const MAX_HEAP_RATIO = 2;
const MAX_LOOP_DELAY_MS = 10;
/** Multiple of the time for JSON alone, which is parsing the messages and writing the record that is sent; the limit of `on-end.mjs` as well. */
const MAX_END_TO_JSON = 4;

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

const server = await startSinkServer();
const destination = trubricsIngestion({ host: server.url });
const items = records.map((record) => destination.encode({ kind: 'prompt', record }));
const bodies = Array.from(
  { length: RECORDS / 100 },
  (_, index) => `[${items.slice(index * 100, index * 100 + 100).join(',')}]`,
);
const batches = bodies.map((body) => JSON.parse(body));
const recordsOf = (index) => records.slice(index * 100, index * 100 + 100);
console.log(`${RECORDS} records of ${Math.round(items.join('').length / RECORDS)} bytes`);

// --- records a second -----------------------------------------------------------------------------------------------
/** The loop that a delivery is compared with has the same job: records in, responses out. An application has neither items nor bodies. */
const LOOP = 'plain loop, four at a time';
const contenders = {
  'plain loop, one request at a time': () => postRaw(1, (index) => toBody(recordsOf(index))),
  [LOOP]: () => postRaw(4, (index) => toBody(recordsOf(index))),
  'the same with items ready before': () => postRaw(4, (index) => JSON.stringify(batches[index])),
  'the same with bodies ready before': () => postRaw(4, (index) => bodies[index]),
  Delivery: () => deliver({}),
  'Delivery with a spool': () => withSpool((spool) => deliver({ spool })),
  '@trubrics/trubrics': deliverWithSdk,
  'TrubricsSpanProcessor, from spans': () => endSpans((url) => new TrubricsSpanProcessor({ host: url })),
  'BatchSpanProcessor + OTLP/JSON, from spans': await otlpContender(),
};
// One process for each contender, because the garbage of one slows down the next: `node delivery.mjs --contender=Delivery`.
const only = process.argv.find((arg) => arg.startsWith('--contender='))?.slice('--contender='.length);
if (only !== undefined) {
  process.on('message', () => {
    void measure(contenders[only]).then((round) => process.send(round));
  });
  process.send('ready');
  await once(process, 'disconnect');
  server.stop();
  process.exit();
}
const { rates, cpu } = await compare(Object.keys(contenders).filter((name) => contenders[name]));
console.table(
  Object.entries(rates).map(([contender, rate]) => ({
    contender,
    'records/s': Math.round(rate),
    'to the plain loop': round2(rate / rates[LOOP]),
    'µs of processor': round2(cpu[contender]),
  })),
);
if (!contenders['BatchSpanProcessor + OTLP/JSON, from spans']) {
  console.log('@opentelemetry/exporter-trace-otlp-http is not installed: not compared with it.');
}
// Passes by wall-clock time or by processor time: on a busy machine, wall-clock time says little.
const toLoop = Math.max(rates.Delivery / rates[LOOP], cpu[LOOP] / cpu.Delivery);
checkGoal({
  measured: 'time of a delivery, from record to response',
  value: 1 / toLoop,
  unit: 'x',
  limit: 1 / MIN_RATIO_TO_LOOP,
  beside: 'a plain loop of fetch(), four at a time, from the same records',
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
  'the plain loop': async ({ accepted, drained }) => {
    accepted();
    await contenders[LOOP]();
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
    beside: `${delays['the plain loop'].p99} ms of the plain loop`,
  });

// --- span.end() -----------------------------------------------------------------------------------------------------
const NONE = { forceFlush: async () => {}, shutdown: async () => {}, onStart() {}, onEnd() {} };
const queues = {
  memory: () => timeEnds((url) => new TrubricsSpanProcessor({ host: url })),
  'a spool': () => withSpool((spool) => timeEnds((url) => new TrubricsSpanProcessor({ host: url, spool }))),
};
const sent = await sentItem();
const ends = { none: [], json: [] };
for (const place of Object.keys(queues)) ends[place] = [];
// In turn, so that other load meets all. The first rounds are for V8 to compile.
for (let round = -3; round < 2 * ROUNDS; round++) {
  const times = { none: await timeEnds(() => NONE), json: timeJson(sent, RECORDS, TEXT) };
  for (const [place, run] of Object.entries(queues)) times[place] = await run();
  if (round >= 0) for (const [name, time] of Object.entries(times)) ends[name].push(time);
}
const json = quartile(ends.json);
for (const place of Object.keys(queues)) {
  const added = quartile(ends[place]) - quartile(ends.none);
  console.log(
    `span.end() in a tick of ${RECORDS} (queue in ${place}): ${round2(added)} µs more than without us, ` +
      `${round2(added / json)}× of JSON alone (${round2(json)} µs)`,
  );
  checkGoal({
    measured: `span.end(), ${RECORDS} in a tick, queue in ${place}`,
    value: added / json,
    unit: 'x',
    limit: MAX_END_TO_JSON,
    beside: `JSON alone; ${round2(added)} µs`,
  });
}

server.stop();

/**
 * Returns the most records a second of all rounds, and the 25th percentile of processor time per record, because other load only adds time.
 * The contenders take turns, so that it meets all of them.
 */
async function compare(names) {
  const workers = [];
  for (const name of names) {
    const worker = fork(fileURLToPath(import.meta.url), [`--contender=${name}`], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    worker.on('exit', (code) => code && process.exit(code));
    // One after the other, because each builds the modules.
    await once(worker, 'message');
    workers.push(worker);
  }
  const rounds = names.map(() => []);
  for (let turn = 0; turn < TURNS.warmUp + TURNS.measured; turn++) {
    for (const [index, worker] of workers.entries()) {
      worker.send('measure');
      const [round] = await once(worker, 'message');
      if (turn >= TURNS.warmUp) rounds[index].push(round);
    }
  }
  for (const worker of workers) worker.disconnect();
  const perName = (valueOf) => Object.fromEntries(names.map((name, index) => [name, valueOf(rounds[index])]));
  return {
    rates: perName((all) => Math.max(...all.map(({ rate }) => rate))),
    cpu: perName((all) => quartile(all.map(({ microseconds }) => microseconds))),
  };
}

/** Measures one round. No gc() before it: V8 would also discard compiled code, of which a delivery has more than a plain loop. */
async function measure(run) {
  const started = performance.now();
  const start = process.cpuUsage();
  const count = await run();
  const microseconds = processorUs(start) / count;
  return { rate: count / ((performance.now() - started) / 1e3), microseconds };
}

async function postRaw(atOnce, bodyAt) {
  let next = 0;
  const post = async () => {
    for (let index; (index = next++) < bodies.length;) {
      const response = await fetch(`${server.url}/publish_llm_events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
        body: bodyAt(index),
      });
      await response.text();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, post));
  return RECORDS;
}

/** Writes the body as somebody would who calls the API by hand. */
function toBody(batch) {
  return JSON.stringify(
    batch.map((record) => ({
      user_id: record.userId,
      prompt: record.prompt,
      generation: record.generation,
      assistant_id: record.assistantId,
      thread_id: record.threadId,
      timestamp: record.timestamp,
      latency: record.latency,
      prompt_event_name: 'Prompt',
      generation_event_name: 'Generation',
      properties: {
        ...record.properties,
        tags: record.tags,
        $thread_id: record.threadId,
        $event_id: record.id,
      },
    })),
  );
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

/** Returns the microseconds of processor time that `span.end()` takes, for as many spans in one tick as there are records. */
async function timeEnds(makeProcessor, spansOf = records) {
  const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
  const processor = makeProcessor(server.url);
  const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('bench');
  const spans = spansOf.map((record) =>
    tracer.startSpan('chat gpt-4o-mini', {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': record.assistantId,
        'gen_ai.input.messages': messages('user', record.prompt),
        'gen_ai.output.messages': messages('assistant', record.generation),
        'user.id': record.userId,
      },
    }),
  );
  const start = process.cpuUsage();
  for (const span of spans) span.end();
  const microseconds = processorUs(start) / spans.length;
  await processor.forceFlush();
  await processor.shutdown();
  return microseconds;
}

/** Returns the item that is sent for the span of a record. */
async function sentItem() {
  const written = [];
  const keeping = (url) => {
    const ingestion = trubricsIngestion({ host: url });
    const encode = (entry) => written[written.push(ingestion.encode(entry)) - 1];
    return new TrubricsSpanProcessor({ destination: { ...ingestion, encode } });
  };
  await timeEnds(keeping, records.slice(0, 1));
  return JSON.parse(written[0]);
}

function round2(value) {
  return Math.round(value * 100) / 100;
}
