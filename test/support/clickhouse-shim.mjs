// The HTTP interface of ClickHouse over an engine in this process (chdb), for tests: node clickhouse-shim.mjs FOLDER_WITH_CHDB DATA_FOLDER [PORT [ARGUMENT_OF_THE_ENGINE …]]
// Understands what `src/server/engines/clickhouse/clickhouse-client.ts` sends: a statement and its parameters as form fields, an INSERT in the URL with rows as
// its body, settings and the database in the URL. Statements run one after the other, because the session has one current database.
// Prints its port. Ends when its standard input ends, so that it never outlives the test run.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [, , folder, data, port = '0', ...connectionArgs] = process.argv;
const { Session } = createRequire(join(folder, 'package.json'))('chdb');
const session = new Session(data, { connectionArgs });

/** Names in the URL that are no settings of a statement. */
const NOT_SETTINGS = new Set(['query', 'database', 'wait_end_of_query', 'user', 'password']);

let last = Promise.resolve();
const state = { database: '', settings: new Map(), statements: 0 };

const server = createServer((request, response) => void answer(request, response));
// Benchmarks compute for longer than the default of 5 s, and would then send a request on a connection that is being closed.
server.keepAliveTimeout = 120_000;
server.listen(Number(port), '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();

async function answer(request, response) {
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const result = last.then(() => run(request, Buffer.concat(chunks)));
    last = result.catch(() => {});
    const bytes = await result;
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(bytes);
  } catch (error) {
    // Also of a client that was killed in the middle of its request.
    const text = String(error?.message ?? error);
    const code = /Code: (\d+)/.exec(text)?.[1];
    response.writeHead(500, code ? { 'x-clickhouse-exception-code': code } : {}).end(text);
  }
}

async function run(request, body) {
  const url = new URL(request.url, 'http://localhost');
  if (request.method === 'GET' && url.pathname === '/ping') return 'Ok.\n';
  if (request.method === 'GET' && url.pathname === '/usage') return JSON.stringify(usage());
  const database = url.searchParams.get('database') ?? 'default';
  const settings = [...url.searchParams].filter(
    ([name]) => !NOT_SETTINGS.has(name) && !name.startsWith('param_'),
  );
  await use(database);
  state.statements++;
  const insert = /^\s*INSERT\s+INTO\s+([\w.`]+)\s*(?:\(([^)]*)\))?\s*FORMAT\s+(\w+)\s*$/i.exec(
    url.searchParams.get('query') ?? '',
  );
  if (insert)
    return void (await session.insert({
      table: insert[1],
      ...(insert[2] && { columns: insert[2].split(',').map((name) => name.trim()) }),
      values: body,
      format: insert[3],
      settings: Object.fromEntries(settings.filter(([name]) => !name.startsWith('output_'))),
    }));
  const form = new Map(url.searchParams);
  if (request.headers['content-type']?.startsWith('multipart/form-data')) {
    const headers = { 'content-type': request.headers['content-type'] };
    for (const [name, value] of await new Response(body, { headers }).formData()) form.set(name, value);
  } else if (!form.has('query')) form.set('query', body.toString());
  await set(new Map(settings));
  const parameters = [...form].flatMap(([name, value]) =>
    name.startsWith('param_') ? [[name.slice(6), parse(value)]] : [],
  );
  // The engine takes a format of its own. A statement names it, as over HTTP.
  const [, statement, format = 'TabSeparated'] = /^(.*?)(?:\s+FORMAT\s+(\w+))?\s*$/is.exec(form.get('query'));
  const result = await session.queryBindAsync(statement, Object.fromEntries(parameters), { format });
  return result.bytes();
}

/** Changes the database and the settings of the session only when they differ: benchmarks would measure these statements. */
async function use(database) {
  if (database === state.database) return;
  await session.queryAsync(`USE \`${database}\``);
  state.database = database;
}

async function set(settings) {
  for (const name of state.settings.keys())
    if (!settings.has(name)) {
      await session.queryAsync(`SET ${name} = DEFAULT`);
      state.settings.delete(name);
    }
  for (const [name, value] of settings)
    if (state.settings.get(name) !== value) {
      await session.queryAsync(`SET ${name} = ${quoted(value)}`);
      state.settings.set(name, value);
    }
}

/** Processor time since the start in milliseconds, memory in bytes, and the number of statements. */
function usage() {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss(), statements: state.statements };
}

function quoted(value) {
  return /^-?\d+(\.\d+)?$/.test(value) ? value : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Reads a parameter as ClickHouse does: escaped text, or a list of numbers and quoted texts. */
function parse(text) {
  if (!text.startsWith('[')) return unescape(text);
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|(-?\d[\d.e+-]*)/gs)].map(([, string, number]) =>
    string === undefined ? toNumber(number) : unescape(string),
  );
}

/** 64-bit numbers do not fit into a number. */
function toNumber(text) {
  return /^-?\d{16,}$/.test(text) ? BigInt(text) : Number(text);
}

function unescape(text) {
  const named = { n: '\n', t: '\t', r: '\r', 0: '\0', b: '\b', f: '\f' };
  return text.replace(/\\(.)/gs, (_, character) => named[character] ?? character);
}
