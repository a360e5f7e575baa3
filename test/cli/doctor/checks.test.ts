import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkContent } from '../../../src/cli/doctor/check-content.js';
import { checkEnvironment } from '../../../src/cli/doctor/check-environment.js';
import { checkEsModules } from '../../../src/cli/doctor/check-es-modules.js';
import { checkSpools } from '../../../src/cli/doctor/check-spool.js';
import { checkUsage } from '../../../src/cli/doctor/check-usage.js';
import { checkVersions, isBefore } from '../../../src/cli/doctor/check-versions.js';
import { RECOMPUTE_USAGE } from '../../../src/cli/recompute/usage.js';
import { REPORT_USAGE } from '../../../src/cli/report/usage.js';
import { SERVE_USAGE } from '../../../src/cli/serve/usage.js';
import { EXPORT_USAGE, IMPORT_USAGE } from '../../../src/cli/transfer/transfer-usage.js';
import { USAGE } from '../../../src/cli/usage.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import { GOOD_PACKAGES, type ProjectParts, useProject } from './use-project.js';

/** Returns what is wrong, each as one line. */
function wrongIn(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ status }) => status !== 'ok')
    .map(({ check, status, message, advice }) => `${status} ${check}: ${message}. ${advice}`);
}

/** Returns what `toEqual` compares with: one line that matches, or none. */
function matching(expected: RegExp | undefined): readonly unknown[] {
  return [expected ?? []].flat().map((pattern) => expect.stringMatching(pattern) as unknown);
}

const API = '@opentelemetry/api';
const SDK = '@opentelemetry/sdk-trace-base';
const CORE = '@langchain/core';

describe('versions', () => {
  test.each<[string, ProjectParts['packages'], readonly RegExp[]]>([
    ['all that fits', { ...GOOD_PACKAGES, [SDK]: '3.1.0', [CORE]: '1.4.0' }, []],
    ['the package missing', { [API]: '1.9.0' }, [/^problem package: .*not installed/]],
    [
      'the package twice',
      { ...GOOD_PACKAGES, 'a/node_modules/opentelemetry-exporter-trubrics': '0.1.0' },
      [/^warning package: .*2 times/],
    ],
    [
      'no API',
      { 'opentelemetry-exporter-trubrics': '0.2.0' },
      [/^problem otel-api: .*npm install @opentelemetry\/api/],
    ],
    [
      'an API that is too old',
      { ...GOOD_PACKAGES, [API]: '1.8.0' },
      [/^problem otel-api: .*1\.8\.0.*\^1\.9\.0/],
    ],
    ['an API of another major version', { ...GOOD_PACKAGES, [API]: '2.0.0' }, [/^problem otel-api/]],
    [
      'two copies of the API of other minor versions',
      { ...GOOD_PACKAGES, [`a/node_modules/${API}`]: '1.4.1' },
      [/^problem otel-api: .*1\.9\.1 \(node_modules.*1\.4\.1 \(node_modules\/a\/node_modules.*overrides/],
    ],
    [
      'a copy of the API deep below scoped packages',
      { ...GOOD_PACKAGES, '@a/b/index': '1.0.0', [`@a/b/node_modules/@c/d/node_modules/${API}`]: '1.10.0' },
      [/^problem otel-api/],
    ],
    [
      'two copies of the API that see each other',
      { ...GOOD_PACKAGES, [`a/node_modules/${API}`]: '1.9.0' },
      [/^warning otel-api/],
    ],
    [
      'two copies of the API below .pnpm',
      { ...GOOD_PACKAGES, [`.pnpm/a@1/node_modules/${API}`]: '1.4.0' },
      [/^problem otel-api/],
    ],
    [
      'SDKs of two major versions',
      { ...GOOD_PACKAGES, [SDK]: '2.12.0', [`a/node_modules/${SDK}`]: '1.30.1' },
      [/^problem otel-sdk: .*2\.12\.0.*1\.30\.1/],
    ],
    [
      'SDK 3, whose package has another name, beside SDK 2',
      { ...GOOD_PACKAGES, [SDK]: '2.12.0', '@opentelemetry/sdk-trace': '3.1.0' },
      [/^problem otel-sdk/],
    ],
    [
      'two copies of LangChain',
      { ...GOOD_PACKAGES, [CORE]: '1.4.0', [`@langchain/openai/node_modules/${CORE}`]: '0.3.80' },
      [/^problem langchain: .*0\.3\.80 \(node_modules\/@langchain\/openai/],
    ],
    [
      'a LangChain that is too old',
      { ...GOOD_PACKAGES, [CORE]: '0.2.36' },
      [/^problem langchain: .*>=0\.3 <2/],
    ],
  ])('%s is told', async (_name, packages = {}, expected) => {
    const wrong = wrongIn(checkVersions(await useProject({ packages }), 'v20.20.2'));
    expect(wrong).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(wrong[index]).toMatch(pattern);
  });

  test.each([
    ['v20.19.0', 0],
    ['v26.1.0', 0],
    ['v20.18.3', 1],
    ['v18.20.8', 1],
  ])('of Node.js %s, %i problems are told', async (version, count) => {
    const wrong = wrongIn(checkVersions(await useProject({}), version));
    expect(wrong.filter((line) => line.startsWith('problem node'))).toHaveLength(count);
  });

  test('an SDK before 1.29 ignores spanProcessors in the sources', async () => {
    const packages = { ...GOOD_PACKAGES, [SDK]: '1.28.0' };
    const files = { 'tracing.js': 'new NodeTracerProvider({ spanProcessors: [p] })' };
    expect(wrongIn(checkVersions(await useProject({ packages, files }), 'v22.0.0'))[0]).toMatch(
      /^problem otel-sdk: .*1\.28\.0.*tracing\.js.*addSpanProcessor/,
    );
  });

  test('a link to another package of the workspace is counted once, and not followed', async () => {
    const project = await useProject({ packages: { ...GOOD_PACKAGES, [`b/node_modules/${API}`]: '1.4.0' } });
    expect(wrongIn(checkVersions(project, 'v22.0.0'))).toHaveLength(1);
    symlinkSync(join(project.folder, 'node_modules/b'), join(project.folder, 'node_modules/c'));
    const { readProject } = await import('../../../src/cli/doctor/project.js');
    expect(readProject(project.folder, {}).packages.get(API)).toHaveLength(2);
  });

  test('versions are compared by their numbers', () => {
    expect([isBefore('1.9.0', '1.10.0'), isBefore('1.10.0', '1.9.9'), isBefore('2.0.0', '2.0.0')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

const USE = "import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';\n";

describe('the use of the package', () => {
  test.each<[string, ProjectParts, RegExp | undefined]>([
    ['no use at all', { files: { 'app.js': 'run()' } }, /^problem processor: no file here uses/],
    [
      'a use that is commented out',
      { files: { 'app.js': '// new TrubricsSpanProcessor()\n/* trubricsHandler() */' } },
      /^problem processor/,
    ],
    [
      'a use in a folder of built files alone',
      { files: { 'dist/app.js': 'new TrubricsSpanProcessor()' } },
      /^problem processor/,
    ],
    [
      'spans that leave by OTLP',
      { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:8782' } },
      /^warning processor/,
    ],
    [
      'a handler without a processor',
      { files: { 'app.ts': 'new TrubricsCallbackHandler()' } },
      /^problem processor: app\.ts makes spans/,
    ],
    [
      'a processor without a provider',
      { files: { 'src/t.ts': `${USE}new TrubricsSpanProcessor()` } },
      /^problem provider: no file makes/,
    ],
    [
      'a provider that is not registered',
      {
        files: {
          't.mjs': `${USE}new NodeTracerProvider({ spanProcessors: [new TrubricsSpanProcessor()] });`,
        },
      },
      /^problem provider: t\.mjs .*does not register/,
    ],
    [
      'a NodeSDK that is not started',
      { files: { 't.mjs': `${USE}new NodeSDK({ spanProcessors: [new TrubricsSpanProcessor()] });` } },
      /^problem provider: t\.mjs .*does not start/,
    ],
    [
      'Sentry 11',
      {
        files: {
          't.mjs': `${USE}Sentry.init({ openTelemetrySpanProcessors: [new TrubricsSpanProcessor()] })`,
        },
        packages: { ...GOOD_PACKAGES, '@sentry/node': '11.0.0' },
      },
      /^problem neighbours: @sentry\/node 11/,
    ],
    [
      'dd-trace',
      { files: { 'a.js': 'trubricsHandler()' }, packages: { 'dd-trace': '5.0.0' } },
      /^warning neighbours: dd-trace/,
    ],
    [
      'Traceloop beside our handler',
      {
        files: { 'a.js': 'instrumentLangChain(); new TrubricsSpanProcessor(); new NodeSDK().start()' },
        packages: { '@traceloop/instrumentation-langchain': '0.27.0' },
      },
      /^warning neighbours: @traceloop/,
    ],
    ['a handler that needs nothing', { files: { 'a.mts': 'callbacks: [trubricsHandler()]' } }, undefined],
    [
      'a registered provider',
      {
        files: {
          't.mjs': `${USE}const p = new NodeTracerProvider({ spanProcessors: [new TrubricsSpanProcessor()] });\np.register();`,
        },
      },
      undefined,
    ],
    [
      'a NodeSDK',
      { files: { 't.mjs': `${USE}new NodeSDK({ spanProcessors: [new TrubricsSpanProcessor()] }).start();` } },
      undefined,
    ],
    [
      'Next.js',
      {
        files: {
          'instrumentation.ts': `${USE}registerOTel({ spanProcessors: ['auto', new TrubricsSpanProcessor()] })`,
        },
      },
      undefined,
    ],
    [
      'Sentry 10',
      {
        files: {
          'i.mjs': `${USE}Sentry.init({ openTelemetrySpanProcessors: [new TrubricsSpanProcessor()] })`,
        },
        packages: { '@sentry/node': '10.78.0' },
        environment: { SENTRY_DSN: 'https://key@example.com/1' },
      },
      undefined,
    ],
    [
      'register in a script',
      { scripts: { start: 'node --import opentelemetry-exporter-trubrics/register app.mjs' } },
      undefined,
    ],
    [
      'register in NODE_OPTIONS',
      { environment: { NODE_OPTIONS: '--import opentelemetry-exporter-trubrics/register' } },
      undefined,
    ],
    [
      'telemetry of the AI SDK that two routes register',
      { files: { 'a.ts': 'trubricsHandler(); registerTelemetry(x)', 'b.ts': 'registerTelemetry(x)' } },
      /^warning neighbours: registerTelemetry\(\) is called 2 times in a\.ts, b\.ts/,
    ],
    [
      'telemetry of the AI SDK that one file registers twice',
      {
        files: { 'a.ts': 'trubricsHandler(); registerTelemetry(new A());\nregisterTelemetry( new A({ x }))' },
      },
      /^warning neighbours: registerTelemetry\(\) is called 2 times in a\.ts: /,
    ],
    [
      'two kinds of telemetry of the AI SDK',
      {
        files: {
          'a.ts': 'trubricsHandler(); registerTelemetry(new A())',
          'b.ts': 'registerTelemetry(new B())',
        },
      },
      undefined,
    ],
  ])('of %s, the right thing is told', async (_name, parts, expected) => {
    const wrong = wrongIn(checkUsage(await useProject(parts)));
    expect(wrong).toEqual(matching(expected));
  });
});

test.each([
  ['', {}, /^warning neighbours: Sentry has no dsn here \(SENTRY_DSN is not set\)/],
  [
    'dsn: process.env.MY_DSN,',
    { SENTRY_DSN: 'https://key@example.com/1' },
    /Sentry has no dsn here \(MY_DSN/,
  ],
  ['dsn: process.env.MY_DSN,', { MY_DSN: 'https://key@example.com/1' }, undefined],
  ["dsn: process.env.MY_DSN ?? 'https://key@example.com/1',", {}, undefined],
  ["dsn: 'https://key@example.com/1',", {}, undefined],
  ['dsn,', {}, undefined],
])('of Sentry 10 with %j and %j, a missing dsn is told', async (dsn, environment, expected) => {
  const code = `Sentry.init({ ${dsn} openTelemetrySpanProcessors: [new TrubricsSpanProcessor()] })`;
  const project = await useProject({
    files: { 'i.mjs': code },
    packages: { '@sentry/node': '10.78.0' },
    environment,
  });
  expect(wrongIn(checkUsage(project))).toEqual(matching(expected));
});

describe('the environment', () => {
  test.each<[Record<string, string>, RegExp | undefined]>([
    [{ TRUBRICS_FLUSH_AT: 'many' }, /^problem environment: Environment variable TRUBRICS_FLUSH_AT must be/],
    [{ TRUBRICS_GRANULARITY: 'question' }, /^problem environment: .*TRUBRICS_GRANULARITY/],
    [{ TRUBRICS_DISABLED: 'true' }, /^problem environment: TRUBRICS_DISABLED/],
    [{ OTEL_SDK_DISABLED: 'true' }, /^problem environment: OTEL_SDK_DISABLED/],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, /^problem environment: OTEL_TRACES_SAMPLER/],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, /^warning environment: OTEL_TRACES_SAMPLER/],
    [{ TRUBRICS_SAMPLING_RATIO: '0' }, /^problem environment: TRUBRICS_SAMPLING_RATIO=0/],
    [{ TRUBRICS_SAMPLING_RATIO: '0.1' }, /^warning environment: TRUBRICS_SAMPLING_RATIO=0\.1/],
    [
      { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '255' },
      /^warning environment: OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=255 cuts/,
    ],
    [
      { TRUBRICS_APIKEY: 'secret-key' },
      /^warning environment: .*TRUBRICS_APIKEY\. Did you mean TRUBRICS_API_KEY\?/,
    ],
    [{ TRUBRICS_HOSTS: 'http://a' }, /^warning environment: .*Did you mean TRUBRICS_HOST\?/],
    [{ TRUBRICS_TAGS: 'a,b' }, undefined],
    [{}, undefined],
  ])('of %j, the right thing is told', async (environment, expected) => {
    const wrong = wrongIn(checkEnvironment(await useProject({ environment })));
    expect(wrong).toEqual(matching(expected));
    expect(wrong.join()).not.toContain('secret-key');
  });

  test('every variable that a help or a page of the documentation names is known', async () => {
    const docs = new URL('../../../docs/', import.meta.url);
    const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
    const usages = [USAGE, SERVE_USAGE, IMPORT_USAGE, EXPORT_USAGE, REPORT_USAGE, RECOMPUTE_USAGE];
    const text = [...usages, ...pages.map((page) => readFileSync(new URL(page, docs), 'utf8'))].join('\n');
    const names = new Set(text.match(/\bTRUBRICS_[A-Z_]+[A-Z]\b/g));
    // A constant of the package.
    names.delete('TRUBRICS_CLOUD');
    const environment = Object.fromEntries(Array.from(names, (name) => [name, '1']));
    const unknown = wrongIn(checkEnvironment(await useProject({ environment }))).filter((line) =>
      line.includes('there is no environment variable'),
    );
    expect(names.size).toBeGreaterThan(50);
    expect(unknown).toEqual([]);
  });

  test('every variable of the package is known, and secrets are never repeated', async () => {
    const { OPTIONS } = await import('../../../src/config/options.js');
    const names = Object.values(OPTIONS).flatMap((spec) => ('env' in spec ? [spec.env] : []));
    const environment = { TRUBRICS_HASH_USER_ID: 'short-secret', TRUBRICS_TOKEN: 'x' };
    const [line] = wrongIn(checkEnvironment(await useProject({ environment })));
    expect(names.length).toBeGreaterThan(20);
    expect(line).toContain('TRUBRICS_HASH_USER_ID');
    expect(line).not.toContain('short-secret');
  });
});

const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

describe('content', () => {
  test.each<[string, ProjectParts, RegExp | undefined]>([
    ['@opentelemetry/instrumentation-openai', {}, new RegExp(`^problem content: .*${CAPTURE}=true`)],
    ['@opentelemetry/instrumentation-openai', { environment: { [CAPTURE]: 'true' } }, undefined],
    [
      '@opentelemetry/instrumentation-openai',
      { environment: { [CAPTURE]: 'false' } },
      /^problem content: .*=false/,
    ],
    [
      '@opentelemetry/instrumentation-openai',
      { files: { 't.js': 'captureMessageContent: true; new TrubricsSpanProcessor()' } },
      /^problem content: .*log records.*TrubricsLogRecordProcessor/,
    ],
    [
      '@opentelemetry/instrumentation-openai',
      {
        files: {
          't.js':
            'captureMessageContent: true; new TrubricsSpanProcessor(); new TrubricsLogRecordProcessor()',
        },
      },
      undefined,
    ],
    ['@elastic/opentelemetry-instrumentation-openai', {}, new RegExp(`^problem content: .*${CAPTURE}`)],
    [
      '@azure-rest/ai-inference',
      {},
      /^problem content: .*AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED=true/,
    ],
    [
      '@azure-rest/ai-inference',
      { environment: { AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED: 'true' } },
      undefined,
    ],
    [
      '@traceloop/node-server-sdk',
      { environment: { TRACELOOP_TRACE_CONTENT: 'false' } },
      /^problem content: .*TRACELOOP_TRACE_CONTENT=false/,
    ],
    [
      '@traceloop/node-server-sdk',
      { files: { 't.ts': 'initialize({ traceContent: false })' } },
      /^warning content: t\.ts/,
    ],
    ['@traceloop/node-server-sdk', {}, undefined],
    [
      '@arizeai/openinference-instrumentation-openai',
      { environment: { OPENINFERENCE_HIDE_INPUTS: 'true' } },
      /^problem content: .*OPENINFERENCE_HIDE_INPUTS=true/,
    ],
    [
      '@arizeai/openinference-instrumentation-openai',
      { files: { 't.ts': 'traceConfig: { hideOutputs: true }' } },
      /^warning content/,
    ],
    [
      '@google/adk',
      { environment: { ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS: 'false' } },
      /^problem content: .*ADK_CAPTURE/,
    ],
    ['@sentry/node', {}, /^problem content: .*sendDefaultPii: true/],
    ['@sentry/node', { files: { 'i.js': 'Sentry.init({ sendDefaultPii: true })' } }, undefined],
    ['ai', {}, /^problem content: .*experimental_telemetry/],
    ['ai', { files: { 'a.ts': 'registerTelemetry(new OpenTelemetry())' } }, undefined],
    [
      'ai',
      { files: { 'a.ts': 'experimental_telemetry: { isEnabled: true, recordInputs: false }' } },
      /^warning content: a\.ts/,
    ],
    ['openlit', { files: { 'a.ts': 'init({ captureMessageContent: false })' } }, /^warning content/],
    ['langwatch', { files: { 'a.ts': "setup({ dataCapture: 'none' })" } }, /^warning content/],
    ['@tanstack/ai', {}, /^problem content: .*captureContent/],
    [
      'langsmith',
      { environment: { LANGSMITH_OTEL_ENABLED: 'true', LANGSMITH_HIDE_INPUTS: 'true' } },
      /^problem content: .*LANGSMITH_HIDE_INPUTS/,
    ],
    ['langsmith', { environment: { LANGSMITH_HIDE_INPUTS: 'true' } }, undefined],
    [
      'opentelemetry-exporter-trubrics',
      { environment: { [CAPTURE]: 'NO_CONTENT' } },
      /^problem content: .*NO_CONTENT/,
    ],
    [
      'opentelemetry-exporter-trubrics',
      { files: { 'a.ts': "new TrubricsCallbackHandler({ content: 'none' })" } },
      /^warning content/,
    ],
    ['opentelemetry-exporter-trubrics', {}, undefined],
  ])('of %s with %j, the right thing is told', async (name, parts, expected) => {
    const wrong = wrongIn(checkContent(await useProject({ ...parts, packages: { [name]: '1.0.0' } })));
    expect(wrong).toEqual(matching(expected));
  });
});

describe('ES modules', () => {
  const openai = "import OpenAI from 'openai';";
  const tracing = "import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';";
  const both = { 'tracing.mjs': tracing, 'app.mjs': openai };
  const unseen =
    /^warning es-modules: app\.m?js imports openai .*which @arizeai\/openinference-instrumentation-openai does not see/;
  test.each<[string, ProjectParts, RegExp | undefined]>([
    ['an instrumentation and a library that is imported', { files: both }, unseen],
    [
      'a package of ES modules',
      {
        files: { 'package.json': '{ "type": "module" }', 'tracing.js': tracing, 'app.js': openai },
      },
      unseen,
    ],
    ['a package of CommonJS', { files: { 'tracing.ts': tracing, 'app.ts': openai } }, undefined],
    ['no instrumentation', { files: { 'app.mjs': openai } }, undefined],
    [
      'a library that is given to it',
      { files: { ...both, 'a.mjs': 'x.manuallyInstrument(OpenAI)' } },
      undefined,
    ],
    [
      'the hook in code',
      { files: { ...both, 'a.mjs': "register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)" } },
      undefined,
    ],
    [
      'the hook in NODE_OPTIONS',
      {
        files: both,
        environment: { NODE_OPTIONS: '--experimental-loader=@opentelemetry/instrumentation/hook.mjs' },
      },
      undefined,
    ],
  ])('of %s, the right thing is told', async (_name, parts, expected) => {
    expect(wrongIn(checkEsModules(await useProject(parts)))).toEqual(matching(expected));
  });
});

describe('the spool', () => {
  test('directories in the sources and the one that is named are checked, and not made', async () => {
    const files = { 'a.ts': "fileSpool({ maxBytes: 1, dir: './spool' }); fileSpool({ dir: `${x}/y` })" };
    const findings = await checkSpools(await useProject({ files }), 'other');
    expect(findings.map(({ status, message }) => [status, message.split('/').at(-1)])).toEqual([
      ['ok', 'other will be made'],
      ['ok', 'spool will be made'],
    ]);
  });

  test('a directory that every user can write, a file, and a link are problems', async () => {
    const project = await useProject({ files: { file: 'x' } });
    mkdirSync(join(project.folder, 'open'));
    chmodSync(join(project.folder, 'open'), 0o777);
    symlinkSync(join(project.folder, 'open'), join(project.folder, 'link'));
    for (const [dir, pattern] of [
      ['open', /can be written by every user.*chmod 700/],
      ['file', /is a file, not a directory/],
      ['link', /is a symbolic link/],
    ] as const)
      expect(wrongIn(await checkSpools(project, dir))[0]).toMatch(pattern);
    chmodSync(join(project.folder, 'open'), 0o700);
    expect(wrongIn(await checkSpools(project, 'open'))).toEqual([]);
  });
});
