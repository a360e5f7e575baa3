import { expect, test } from 'vitest';
import { closedPort } from './support/scripted-server.js';
import { useScriptedServer } from './support/use-scripted-server.js';
import { useServer } from './support/use-server.js';
import { runScript } from './support/run-as-user.js';

const CALL = `
  import { FakeListChatModel } from '@langchain/core/utils/testing';
  await new FakeListChatModel({ responses: ['the answer'] }).invoke('the question');
`;

/** Runs an application that calls a model once, with the entry `./register` and nothing else. */
function runRegistered(env: Record<string, string>) {
  const NODE_OPTIONS = '--import opentelemetry-exporter-trubrics/register';
  return runScript(CALL, { env: { NODE_OPTIONS, TRUBRICS_FLUSH_TIMEOUT_MS: '2000', ...env } });
}

test.each([{ TRUBRICS_API_KEY: 'key-that-nobody-may-see' }, {}])(
  'an application with %j and no host runs, and is told once which hosts there are',
  async (env: Record<string, string>) => {
    const { code, stderr } = await runRegistered(env);
    expect(code).toBe(0);
    expect(stderr.match(/TrubricsWarning/g)).toHaveLength(1);
    expect(stderr).toMatch(/npx opentelemetry-exporter-trubrics dev.*TRUBRICS_HOST.*TRUBRICS_CLOUD/);
    expect(stderr).not.toContain('nobody-may-see');
  },
);

test.each([
  [401, /TrubricsWarning: trubrics: the destination at (\S+) refuses the credentials \(HTTP 401\)/],
  [404, /TrubricsWarning: trubrics: dropped 1 entry .*no ingestion API at (\S+)\/publish_llm_events/],
  [503, /TrubricsWarning: trubrics: cannot deliver at (\S+) \(HTTP 503\)/],
])('an application without code for it is told once that the server answers %i', async (status, message) => {
  const server = await useScriptedServer(() => ({ status }));
  const { code, stderr } = await runRegistered({ TRUBRICS_HOST: server.url });
  expect(code).toBe(0);
  expect(stderr.match(/TrubricsWarning: trubrics:/g)).toHaveLength(1);
  expect(message.exec(stderr)?.[1]).toBe(server.url);
});

test('an application without code for it is told why no server can be reached', async () => {
  const { stderr } = await runRegistered({
    TRUBRICS_HOST: `http://127.0.0.1:${await closedPort()}/api/ingestion`,
  });
  expect(stderr).toMatch(/TrubricsWarning: trubrics: cannot deliver at \S+\/api\/ingestion \(ECONNREFUSED\)/);
});

test('an application that sends to the page of the local server is told what to write instead', async () => {
  const server = await useServer();
  const { stderr } = await runRegistered({ TRUBRICS_HOST: server.url });
  expect(stderr).toContain(`set host (TRUBRICS_HOST) to ${server.ingestionUrl}`);
  const response = await fetch(`${server.url}/publish_llm_events`, { method: 'POST', body: '[]' });
  expect(await response.json()).toEqual({
    detail: `Nothing is taken at this path: send it to /api/ingestion/publish_llm_events. Set TRUBRICS_HOST to ${server.ingestionUrl}`,
  });
});

test('OTEL_LOG_LEVEL makes an application without code for it log', async () => {
  const TRUBRICS_HOST = `http://127.0.0.1:${await closedPort()}/api/ingestion`;
  const quiet = await runRegistered({ TRUBRICS_HOST });
  const loud = await runRegistered({ TRUBRICS_HOST, OTEL_LOG_LEVEL: 'warn' });
  expect(quiet.stdout + quiet.stderr.replaceAll(/.*TrubricsWarning.*/g, '')).not.toContain('cannot deliver');
  expect(loud.stdout + loud.stderr.replaceAll(/.*TrubricsWarning.*/g, '')).toContain('cannot deliver');
});

test.each([
  ['no tracer provider is registered', ''],
  [
    'the tracer provider has no span processor',
    `import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
     import { trace } from '@opentelemetry/api';
     trace.setGlobalTracerProvider(new BasicTracerProvider());`,
  ],
])('a handler says once that %s', async (problem, setUp) => {
  const { code, stderr } = await runScript(`
    import { FakeListChatModel } from '@langchain/core/utils/testing';
    import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
    ${setUp}
    const model = new FakeListChatModel({ responses: ['a'], callbacks: [new TrubricsCallbackHandler()] });
    await model.invoke('q');
    await model.invoke('q');
  `);
  expect(code).toBe(0);
  expect(stderr.match(/TrubricsWarning/g)).toHaveLength(1);
  expect(stderr).toContain(problem);
});

const REQUIRED_CALL = `
  const { FakeListChatModel } = require('@langchain/core/utils/testing');
  new FakeListChatModel({ responses: ['the answer'] }).invoke('the question');
`;

test.each([
  ['--import', 'mjs', CALL],
  ['--import', 'cjs', REQUIRED_CALL],
  ['--require', 'mjs', CALL],
  ['--require', 'cjs', REQUIRED_CALL],
] as const)('with %s, an application in %s has its call recorded once', async (option, as, source) => {
  const server = await useServer();
  const { code, stderr } = await runScript(source, {
    as,
    env: {
      NODE_OPTIONS: `${option} opentelemetry-exporter-trubrics/register`,
      TRUBRICS_HOST: server.ingestionUrl,
    },
  });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  expect(server.records()).toMatchObject([{ prompt: 'the question', generation: 'the answer' }]);
});

test('with --require and --import, a call is recorded once', async () => {
  const server = await useServer();
  const entry = 'opentelemetry-exporter-trubrics/register';
  const { code } = await runScript(CALL, {
    env: { NODE_OPTIONS: `--require ${entry} --import ${entry}`, TRUBRICS_HOST: server.ingestionUrl },
  });
  expect(code).toBe(0);
  expect(server.records()).toHaveLength(1);
});
