import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkHost } from '../../../src/cli/doctor/check-host.js';
import { checkInstrumentation } from '../../../src/cli/doctor/check-instrumentation.js';
import { readProject } from '../../../src/cli/doctor/project.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import { closedPort } from '../../support/scripted-server.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';
import { useServer } from '../../support/use-server.js';
import { buildCli } from '../helpers.js';
import { GOOD_PACKAGES, type ProjectParts, useProject, useProjectFolder } from './use-project.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let cli: Awaited<ReturnType<typeof buildCli>>;
/** Our package, as one module. */
let packageCode: string;
beforeAll(async () => {
  cli = await buildCli();
  const bundle = await rolldown({
    input: join(ROOT, 'src/index.ts'),
    platform: 'node',
    external: /^@opentelemetry/,
  });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  await bundle.close();
  packageCode = output[0].code;
});
afterAll(() => cli.remove());

interface Report {
  readonly code: number;
  readonly stdout: string;
}

/** Runs `doctor` in a folder, with no variables but those that are given. */
function runDoctor(
  folder: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Report> {
  return new Promise((done) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'], ...environment } };
    execFile(process.execPath, [cli.file, 'doctor', ...args], options, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, stdout: stdout + stderr }),
    );
  });
}

/** An application with real copies of OpenTelemetry, and our package. */
async function useTracedProject(tracing: string): Promise<string> {
  const folder = await useProjectFolder({ files: { 'tracing.mjs': tracing }, packages: {} });
  const own = join(folder, 'node_modules/opentelemetry-exporter-trubrics');
  mkdirSync(own, { recursive: true });
  mkdirSync(join(folder, 'node_modules/@opentelemetry'));
  for (const name of ['@opentelemetry/api', '@opentelemetry/sdk-trace-base'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  writeFileSync(
    join(own, 'package.json'),
    '{ "version": "0.2.0", "type": "module", "exports": "./index.js" }',
  );
  writeFileSync(join(own, 'index.js'), packageCode);
  return folder;
}

test('a set-up with which nothing is wrong exits with 0, and the key is not printed', async () => {
  const { ingestionUrl } = await useServer({ token: 'the-secret-token' });
  const folder = await useProjectFolder({ files: { 'app.mjs': 'callbacks: [trubricsHandler()]' } });
  const environment = { TRUBRICS_HOST: ingestionUrl, TRUBRICS_API_KEY: 'the-secret-token' };
  const { code, stdout } = await runDoctor(folder, [], environment);
  expect(stdout).toContain(`✓ ${ingestionUrl} answers, and does not refuse the key`);
  expect(stdout).toContain('Nothing is wrong here');
  expect(code).toBe(0);
  expect(stdout).not.toContain('the-secret-token');
});

test('an empty folder exits with 1, and JSON has a finding for each check', async () => {
  const folder = await useProjectFolder({ packages: {} });
  const { code, stdout } = await runDoctor(folder, ['--json']);
  const { problems, findings } = JSON.parse(stdout) as { problems: number; findings: Finding[] };
  expect(code).toBe(1);
  const wrong = findings.filter(({ status }) => status === 'problem');
  expect(wrong.map(({ check }) => check)).toEqual(['package', 'processor', 'host']);
  expect(problems).toBe(3);
  expect(wrong.every(({ advice }) => (advice ?? '') !== '')).toBe(true);
});

test('--help exits with 0, a wrong option with 2, and a missing file of --require with 1', async () => {
  const folder = await useProjectFolder({});
  const [help, wrong, missing] = await Promise.all([
    runDoctor(folder, ['--help']),
    runDoctor(folder, ['--jsn']),
    runDoctor(folder, ['--require', 'nothing.mjs', '--offline']),
  ]);
  expect([help.code, wrong.code, missing.code]).toEqual([0, 2, 1]);
  for (const option of ['--require', '--spool', '--offline', '--json']) expect(help.stdout).toContain(option);
  expect(missing.stdout).toContain('there is no file nothing.mjs');
});

const IMPORTS = `
import { trace } from '@opentelemetry/api';
import { AlwaysOffSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { TrubricsSpanExporter, TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
`;

test('a file that is loaded is told by what it registers', async () => {
  const host = "{ host: 'http://127.0.0.1:9/api/ingestion' }";
  const cases = [
    ['{ spanProcessors: [new TrubricsSpanProcessor(HOST)] }', 'ok', /registers TrubricsSpanProcessor/],
    [
      '{ spanProcessors: [new BatchSpanProcessor(new TrubricsSpanExporter(HOST))] }',
      'ok',
      /registers TrubricsSpanExporter/,
    ],
    ['{ spanProcessors: [] }', 'problem', /without TrubricsSpanProcessor/],
    [
      '{ sampler: new AlwaysOffSampler(), spanProcessors: [new TrubricsSpanProcessor(HOST)] }',
      'problem',
      /the sampler of tracing\.mjs records no spans/,
    ],
    [undefined, 'problem', /registers no tracer provider/],
    ['missing()', 'problem', /cannot be loaded: ReferenceError/],
  ] as const;
  const findings = await Promise.all(
    cases.map(async ([config]) => {
      const set =
        config === undefined ? '' : `trace.setGlobalTracerProvider(new BasicTracerProvider(${config}));`;
      // An application prints, and goes on.
      const code = `${IMPORTS}console.log('started');\n${set}\nsetInterval(() => {}, 1e6);`.replace(
        'HOST',
        host,
      );
      const project = readProject(await useTracedProject(code), { PATH: process.env['PATH'] });
      return checkInstrumentation(project, 'tracing.mjs', cli.file);
    }),
  );
  for (const [index, [, status, message]] of cases.entries())
    expect(findings[index]).toEqual([
      expect.objectContaining({ status, message: expect.stringMatching(message) as string }),
    ]);
});

async function wrongOf(environment: Record<string, string>, parts: ProjectParts = {}): Promise<string> {
  const findings = await checkHost(await useProject({ packages: GOOD_PACKAGES, ...parts, environment }));
  return findings
    .filter(({ status }) => status !== 'ok')
    .map(({ check, status, message, advice }) => `${status} ${check}: ${message}. ${advice}`)
    .join('\n');
}

test('the address of the page, and every path beside the API, is told with the right one', async () => {
  const { url, ingestionUrl } = await useServer();
  for (const path of ['', '/', '/overview', '/api', '/v1/traces', '/api/ingestions'])
    expect(await wrongOf({ TRUBRICS_HOST: `${url}${path}` })).toMatch(
      new RegExp(`^problem host: .*not the address of the API.*export TRUBRICS_HOST=${ingestionUrl}$`),
    );
  expect(await wrongOf({ TRUBRICS_HOST: ingestionUrl })).toBe('');
  expect(await wrongOf({ TRUBRICS_HOST: `${ingestionUrl}/` })).toBe('');
});

test('asking leaves no record, and no refusal on the page', async () => {
  const server = await useServer();
  await wrongOf({ TRUBRICS_HOST: server.ingestionUrl });
  expect(server.records()).toEqual([]);
  const { rejections } = (await (await fetch(`${server.url}/api/rejections`)).json()) as {
    rejections: unknown[];
  };
  expect(rejections).toEqual([]);
});

test('a wrong key, a missing key, a closed port and an unknown name are told', async () => {
  const { ingestionUrl } = await useServer({ token: 'right' });
  expect(await wrongOf({ TRUBRICS_HOST: ingestionUrl, TRUBRICS_API_KEY: 'wrong' })).toMatch(
    /^problem key: .*refuses the key/,
  );
  expect(await wrongOf({ TRUBRICS_HOST: 'https://trubrics.example/api/ingestion' })).toMatch(
    /^problem key: .*"apiKey" is missing/,
  );
  const closed = `http://127.0.0.1:${await closedPort()}/api/ingestion`;
  expect(await wrongOf({ TRUBRICS_HOST: closed })).toMatch(
    /^problem host: .*ECONNREFUSED.*opentelemetry-exporter-trubrics dev/,
  );
  const unknown = { TRUBRICS_HOST: 'https://no-such-host.invalid/api/ingestion', TRUBRICS_API_KEY: 'k' };
  expect(await wrongOf(unknown)).toMatch(/^problem host: .*does not answer/);
});

test.each([
  ['127.0.0.1:8782', /^problem host: .*must be an http/],
  ['http://trubrics.example/api/ingestion', /^problem host: .*must be an https URL/],
  ['http://127.0.0.1:8782/api/ingestion?x=1', /^problem host/],
])('the host %s is told to be malformed', async (TRUBRICS_HOST, pattern) => {
  expect(await wrongOf({ TRUBRICS_HOST, TRUBRICS_API_KEY: 'k' })).toMatch(pattern);
});

test.each([
  [{ status: 302, headers: { location: '/login' } }, /^problem host: .*redirects \(302\)/],
  [
    { status: 200, headers: { 'content-type': 'text/html' } },
    /^problem host: .*no ingestion API \(status 200\)/,
  ],
  [{ status: 503, headers: { 'content-type': 'application/json' } }, /^problem host: .*the status 503/],
  [{ status: 404 }, /^problem host: .*no ingestion API \(status 404\)/],
  [{ status: 422, headers: { 'content-type': 'application/json' } }, /^$/],
])('of a server that answers %j, the right thing is told', async (reply, pattern) => {
  const server = await useScriptedServer(() => reply);
  expect(await wrongOf({ TRUBRICS_HOST: `${server.url}/api/ingestion` })).toMatch(pattern);
});

test('a host in .env alone is told unless something reads the file, and is asked all the same', async () => {
  const { ingestionUrl } = await useServer();
  const files = { '.env': `TRUBRICS_HOST=${ingestionUrl}\n` };
  expect(await wrongOf({}, { files })).toMatch(
    /^warning host: TRUBRICS_HOST is set in \.env alone.*--env-file=\.env/,
  );
  expect(await wrongOf({}, { files, scripts: { start: 'node --env-file=.env app.mjs' } })).toBe('');
  expect(await wrongOf({}, { files, scripts: { dev: 'next dev' } })).toBe('');
  expect(await wrongOf({}, { files, packages: { ...GOOD_PACKAGES, next: '16.4.6' } })).toBe('');
});

test('a missing host is a problem, and a warning if the code may name one', async () => {
  expect(await wrongOf({})).toMatch(/^problem host: TRUBRICS_HOST is not set.*api\/ingestion/);
  const code = "import { trubricsIngestion } from 'opentelemetry-exporter-trubrics';\nf({ host: 'x' })";
  expect(await wrongOf({}, { files: { 'a.ts': code } })).toMatch(/^warning host: .*a\.ts may name a host/);
  expect(await wrongOf({}, { files: { 'a.ts': 'listen({ host: 1 })' } })).toMatch(/^problem host/);
});
