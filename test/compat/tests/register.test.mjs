import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, beforeEach, test } from 'node:test';

const here = fileURLToPath(new URL('.', import.meta.url));
const register = import.meta.resolve('opentelemetry-exporter-trubrics/register');

/** Starts a server that keeps what is sent to it, in place of Trubrics. */
const received = [];
let trubrics;
let host;
before(async () => {
  trubrics = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      received.push(...[JSON.parse(body)].flat());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise((resolve) => trubrics.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${trubrics.address().port}`;
});
after(() => trubrics.close());
beforeEach(() => {
  received.length = 0;
});

/** Runs an application with the register entry and returns how it ended. */
async function run(source, { name = 'app.mjs', env = {}, cwd = here } = {}) {
  const file = join(here, `${process.pid}-${name}`);
  await writeFile(file, source);
  const child = spawn(process.execPath, ['--import', register, file], {
    cwd,
    env: { ...process.env, TRUBRICS_HOST: host, TRUBRICS_FLUSH_INTERVAL_MS: '60000', ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  await rm(file);
  return { exitCode, output };
}

const CALL = `
import { FakeListChatModel } from '@langchain/core/utils/testing';
const model = new FakeListChatModel({ responses: ['the answer'] });
await model.invoke('the question', { metadata: { user_id: 'u-1', thread_id: 't-1' } });
`;

test('an application without any set-up: its call is a record, delivered before the process ends', async () => {
  const { exitCode, output } = await run(CALL, { env: { OTEL_SERVICE_NAME: 'shop' } });

  assert.equal(exitCode, 0, output);
  assert.equal(output, '');
  assert.equal(received.length, 1);
  const [record] = received;
  assert.deepEqual(
    [record.user_id, record.thread_id, record.prompt, record.generation],
    ['u-1', 't-1', 'the question', 'the answer'],
  );
  assert.equal(record.properties.service_name, 'shop');
});

test('a CommonJS application', async () => {
  const source = `
    const { FakeListChatModel } = require('@langchain/core/utils/testing');
    new FakeListChatModel({ responses: ['the answer'] }).invoke('the question');
  `;
  const { exitCode, output } = await run(source, { name: 'app.cjs' });

  assert.equal(exitCode, 0, output);
  assert.deepEqual(
    received.map(({ generation }) => generation),
    ['the answer'],
  );
});

const CALLS_OF_TWO_USERS = `
  import { withTrubrics } from 'opentelemetry-exporter-trubrics';
  import { FakeListChatModel } from '@langchain/core/utils/testing';
  const model = new FakeListChatModel({ responses: ['the answer'] });
  await Promise.all(['a', 'b'].map((userId) => withTrubrics({ userId }, () => model.invoke(userId))));
`;

test('withTrubrics() works from the first call on', async () => {
  const { output } = await run(CALLS_OF_TWO_USERS);

  assert.deepEqual(
    received.map(({ user_id, prompt }) => [user_id, prompt]).toSorted(),
    [
      ['a', 'a'],
      ['b', 'b'],
    ],
    output,
  );
});

test('a stream that is left is delivered, too', async () => {
  const source = `
    import { FakeListChatModel } from '@langchain/core/utils/testing';
    const model = new FakeListChatModel({ responses: ['abcdef'] });
    let chunks = 0;
    for await (const _ of await model.stream('q')) if (++chunks === 3) break;
  `;
  const { output } = await run(source);

  assert.equal(received.length, 1, output);
  assert.match(received[0].generation, /^abc/);
});

test("a tracer provider of the application's own is used, also one that it registers later", async () => {
  const source = `
    import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
    import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
    const processor = new TrubricsSpanProcessor({ tags: ['own'] });
    new NodeTracerProvider({ spanProcessors: [processor] }).register();
    ${CALL}
    await processor.forceFlush();
  `;
  const { exitCode, output } = await run(source);

  assert.equal(exitCode, 0, output);
  assert.deepEqual(
    received.map(({ properties }) => properties.tags),
    [received[0]?.properties.tags],
    output,
  );
  assert.match(JSON.stringify(received[0].properties), /own/);
});

test('a provider without a processor of ours gets the spans, and each call is a record', async () => {
  const registration = `
    import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
    const names = [];
    const collector = {
      onStart: () => undefined,
      onEnd: (span) => names.push(span.name),
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    };
    new NodeTracerProvider({ spanProcessors: [collector] }).register();
  `;
  const { exitCode, output } = await run(`${registration}${CALL}console.log(names.join());`);

  assert.equal(exitCode, 0, output);
  assert.match(output, /chat/);
  assert.deepEqual(
    received.map(({ user_id, prompt, generation }) => [user_id, prompt, generation]),
    [['u-1', 'the question', 'the answer']],
    output,
  );
});

const sdk1 = join(here, '../node_modules/otel-sdk-1');
test('an SDK of 1.x, which takes its processors in another way', { skip: !existsSync(sdk1) }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'register-'));
  await mkdir(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
  await symlink(sdk1, join(folder, 'node_modules/@opentelemetry/sdk-trace-node'));
  const { exitCode, output } = await run(CALL, { cwd: folder, env: { OTEL_SERVICE_NAME: 'shop' } });
  await rm(folder, { recursive: true });

  assert.equal(exitCode, 0, output);
  assert.deepEqual(
    received.map(({ user_id, properties }) => [user_id, properties.service_name]),
    [['u-1', 'shop']],
    output,
  );
});

test('without an OpenTelemetry SDK, calls are recorded with the users of withTrubrics()', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'register-'));
  const { exitCode, output } = await run(CALLS_OF_TWO_USERS, {
    cwd: folder,
    env: { OTEL_SERVICE_NAME: 'shop' },
  });
  await rm(folder, { recursive: true });

  assert.equal(exitCode, 0, output);
  assert.doesNotMatch(output, /Warning/);
  assert.deepEqual(
    received.map(({ user_id, prompt, properties }) => [user_id, prompt, properties.service_name]).toSorted(),
    [
      ['a', 'a', 'shop'],
      ['b', 'b', 'shop'],
    ],
    output,
  );
});

test('a wrong configuration is one line, and the application runs', async () => {
  const { exitCode, output } = await run(`console.log('ran');`, {
    env: { TRUBRICS_HOST: 'http://example.com' },
  });

  assert.equal(exitCode, 0);
  assert.match(output, /TrubricsWarning: .*(apiKey|host|TRUBRICS)/);
  assert.doesNotMatch(output, /\n\s+at /);
  assert.match(output, /ran/);
});

test('TRUBRICS_DISABLED turns it off', async () => {
  const { exitCode, output } = await run(CALL, { env: { TRUBRICS_DISABLED: 'true' } });

  assert.equal(exitCode, 0, output);
  assert.equal(received.length, 0);
});
