// Measures what taking records in costs the server, as multiples of a floor that reads and writes the same data by hand, in processor time:
// `npm run bench intake`. OTLP: protobuf requests of 100 LLM spans of 1 kB. Ingestion API: JSON requests of 100 records of 1 kB.
import { createServer } from '../../dist/esm/server/index.js';

const MAX_OTLP_RATIO = 8;
/** With a store that does nothing. */
const MAX_INGESTION_RATIO = 2.5;
/** Most of it is the memory engine, which indexes texts for the search. */
const MAX_INDEXED_RATIO = 12;
/** Resident memory after a burst of 100 requests, as a multiple of before. */
const MAX_MEMORY_RATIO = 1.3;
const ROUNDS = 7;
const ITEMS = 100;

/** As much of a store as taking records in needs. */
const EMPTY_STORE = {
  get: async () => new Map(),
  put: async (records) => ({ records, removed: [], cursor: '' }),
  recentInTraces: async () => [],
  erased: async () => new Set(),
  documents: { get: async () => undefined, list: async () => [] },
  watch: () => () => undefined,
  close: async () => undefined,
};

const OTLP = {
  requests: 60,
  path: '/v1/traces',
  headers: { 'content-type': 'application/x-protobuf' },
  makeBody: otlpRequest,
  floor: otlpFloor,
};
const INGESTION = {
  // So many that the code is compiled for most of a round: a server is warm.
  requests: 300,
  path: '/api/ingestion/publish_llm_events',
  headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
  makeBody: ingestionRequest,
  floor: ingestionFloor,
};

const results = [
  await compare('OTLP, 1 kB spans', OTLP, MAX_OTLP_RATIO),
  // Beyond what the trace buffer keeps, and what the garbage collector takes up in passing.
  await compare('OTLP, 300 requests in a row', { ...OTLP, requests: 300 }, MAX_OTLP_RATIO),
  await compare('ingestion API, 1 kB records, no engine', INGESTION, MAX_INGESTION_RATIO, EMPTY_STORE),
  await compare('ingestion API, 1 kB records', INGESTION, MAX_INDEXED_RATIO),
];
console.table(results);
const burst = await measureBurst();
console.table(burst);
if (results.some(({ ratio, limit }) => ratio > limit) || burst.refused > 0 || burst.ratio > MAX_MEMORY_RATIO)
  process.exitCode = 1;

/** Alternates between server and floor, and takes the smallest of several rounds of each: the machine may be busy. */
async function compare(name, { requests: count, path, headers, makeBody, floor }, limit, store) {
  let [serverUs, floorUs] = [Infinity, Infinity];
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bodies = Array.from({ length: count }, () => makeBody(next++));
    // Made in advance: the HTTP server makes them otherwise.
    const requests = bodies.map((body) => toRequest(path, headers, body));
    const server = createServer({ store });
    globalThis.gc?.();
    const started = process.cpuUsage();
    for (const request of requests) {
      const answer = await server.fetch(request);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
      await answer.arrayBuffer();
    }
    serverUs = Math.min(serverUs, perItem(started, count));
    await server.close();
    globalThis.gc?.();
    const begun = process.cpuUsage();
    for (const body of bodies) if (floor(body) !== ITEMS) throw new Error('The floor reads wrongly');
    floorUs = Math.min(floorUs, perItem(begun, count));
  }
  const round = (value) => Math.round(value * 10) / 10;
  return {
    name,
    server_us: round(serverUs),
    floor_us: round(floorUs),
    ratio: round(serverUs / floorUs),
    limit,
  };
}

function toRequest(path, headers, body) {
  const length = { 'content-length': String(body.length) };
  return new Request(`http://127.0.0.1${path}`, { method: 'POST', headers: { ...headers, ...length }, body });
}

/** Sends 100 requests of half a megabyte at the same time. They repeat one another, so that nothing new is stored. */
async function measureBurst() {
  const server = createServer();
  const body = Buffer.concat(Array.from({ length: 5 }, (_, at) => otlpRequest(at)));
  const send = async () => {
    const headers = { 'content-type': 'application/x-protobuf' };
    const answer = await server.fetch(
      new Request('http://127.0.0.1/v1/traces', { method: 'POST', headers, body }),
    );
    await answer.arrayBuffer();
    return answer.status;
  };
  const settle = async () => {
    for (let at = 0; at < 5; at++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return process.memoryUsage().rss / 1e6;
  };
  for (let at = 0; at < 20; at++) await send();
  const before = await settle();
  const statuses = await Promise.all(Array.from({ length: 100 }, send));
  const after = await settle();
  await server.close();
  return {
    refused: statuses.filter((status) => status !== 200).length,
    rss_before_mb: Math.round(before),
    rss_after_mb: Math.round(after),
    ratio: Math.round((100 * after) / before) / 100,
  };
}

function perItem(started, requests) {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / (requests * ITEMS);
}

function texts(at) {
  return [
    `Question ${at}: how do I trace an application that asks a model, and which of its spans has the answer? `.repeat(
      2,
    ),
    `Answer ${at}: a span is a step of a trace, and it has a parent. `.repeat(5),
  ];
}

function ingestionRequest(request) {
  const records = Array.from({ length: ITEMS }, (_, item) => {
    const at = request * ITEMS + item;
    const [prompt, generation] = texts(at);
    return {
      user_id: `user-${at % 100}`,
      prompt,
      generation,
      assistant_id: 'gpt-4o',
      thread_id: `thread-${Math.floor(at / 6)}`,
      timestamp: new Date(1_767_323_045_000 + at).toISOString(),
      latency: 1.25,
      properties: {
        $event_id: `bench-${at}`,
        input_tokens: 120,
        output_tokens: 80,
        provider: 'openai',
        tags: ['bench'],
      },
    };
  });
  return Buffer.from(JSON.stringify(records));
}

function ingestionFloor(body) {
  const records = JSON.parse(body.toString());
  let count = 0;
  for (const record of records) if (JSON.stringify(record).length > 0) count += 1;
  return count;
}

function otlpRequest(request) {
  const spans = Array.from({ length: ITEMS }, (_, item) => {
    const at = request * ITEMS + item;
    const [prompt, generation] = texts(at);
    const messages = (role, content) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
    const trace = Buffer.alloc(16);
    trace.writeUInt32BE(Math.floor(at / 5) + 1, 12);
    const span = Buffer.alloc(8);
    span.writeUInt32BE(at + 1, 4);
    return field(2, [
      field(1, trace),
      field(2, span),
      field(5, 'chat gpt-4o'),
      Buffer.from([6 << 3, 3]),
      fixed(7, 1_767_323_045_000_000_000n + BigInt(at)),
      fixed(8, 1_767_323_046_250_000_000n + BigInt(at)),
      attribute('gen_ai.operation.name', 'chat'),
      attribute('gen_ai.provider.name', 'openai'),
      attribute('gen_ai.request.model', 'gpt-4o'),
      attribute('gen_ai.input.messages', messages('user', prompt)),
      attribute('gen_ai.output.messages', messages('assistant', generation)),
      attribute('gen_ai.usage.input_tokens', 120),
      attribute('gen_ai.usage.output_tokens', 80),
      attribute('user.id', `user-${at % 100}`),
      attribute('session.id', `thread-${Math.floor(at / 6)}`),
    ]);
  });
  const resource = field(1, [field(1, [field(1, 'service.name'), field(2, [field(1, 'shop')])])]);
  return field(1, [resource, field(2, [field(1, [field(1, 'bench')]), ...spans])]);
}

function attribute(key, value) {
  const any = typeof value === 'number' ? Buffer.from([3 << 3, value]) : field(1, value);
  return field(9, [field(1, key), field(2, [any])]);
}

function field(number, content) {
  const bytes = Array.isArray(content) ? Buffer.concat(content) : Buffer.from(content);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function fixed(number, value) {
  const bytes = Buffer.alloc(9);
  bytes[0] = (number << 3) | 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

/** Reads the spans of a request without any check, parses their messages and writes one record of each as JSON. */
function otlpFloor(body) {
  let at = 0;
  const int = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const message = (end, visit) => {
    while (at < end) {
      const tag = int();
      const next = (tag & 7) === 2 ? int() + at : (tag & 7) === 1 ? at + 8 : undefined;
      if (next === undefined) visit(tag >> 3, int());
      else {
        visit(tag >> 3, next);
        at = next;
      }
    }
  };
  const text = (end) => body.toString('utf8', at, end);
  let count = 0;
  const readSpan = (end) => {
    const attributes = {};
    const ids = [];
    message(end, (number, to) => {
      if (number === 1 || number === 2) ids.push(body.toString('hex', at, to));
      else if (number === 9) {
        let key;
        message(to, (part, partEnd) => {
          if (part === 1) key = text(partEnd);
          else message(partEnd, (kind, value) => (attributes[key] = kind === 1 ? text(value) : value));
        });
      }
    });
    const [input] = JSON.parse(attributes['gen_ai.input.messages']);
    const [output] = JSON.parse(attributes['gen_ai.output.messages']);
    const record = {
      id: ids.join('-'),
      user: attributes['user.id'],
      thread: attributes['session.id'],
      prompt: input.parts[0].content,
      generation: output.parts[0].content,
      properties: {
        model: attributes['gen_ai.request.model'],
        tokens: attributes['gen_ai.usage.input_tokens'],
      },
    };
    if (JSON.stringify(record).length > 0) count += 1;
  };
  message(body.length, (_group, groupEnd) =>
    message(groupEnd, (part, partEnd) => {
      if (part === 2) message(partEnd, (kind, end) => kind === 2 && readSpan(end));
    }),
  );
  return count;
}
