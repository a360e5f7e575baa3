import { expect, test } from 'vitest';
import { checkEnvironment } from '../../../src/cli/doctor/check-environment.js';
import { checkUntraced } from '../../../src/cli/doctor/check-untraced.js';
import { checkUsage } from '../../../src/cli/doctor/check-usage.js';
import { GOOD_PACKAGES, type ProjectParts, useProject } from './use-project.js';

const PROCESSOR = { 'tracing.mjs': "import 'opentelemetry-exporter-trubrics'; new TrubricsSpanProcessor()" };
const OPENAI = { ...PROCESSOR, 'app.mjs': "import OpenAI from 'openai';" };
const LANGCHAIN = { ...PROCESSOR, 'app.cjs': "require('@langchain/openai')" };

function withPackage(name: string): ProjectParts {
  return { files: OPENAI, packages: { ...GOOD_PACKAGES, [name]: '1.0.0' } };
}

test.each<[string, ProjectParts, readonly RegExp[]]>([
  [
    'a provider without instrumentation',
    { files: OPENAI },
    [/^app\.mjs uses openai, and nothing here makes spans/],
  ],
  ['LangChain.js with a processor alone', { files: LANGCHAIN }, [/^app\.cjs uses LangChain\.js/]],
  [
    'another library of that provider',
    withPackage('@arizeai/openinference-instrumentation-anthropic'),
    [/openai/],
  ],
  ['a provider that an instrumentation traces', withPackage('@opentelemetry/instrumentation-openai'), []],
  ['a provider that a product traces', withPackage('@sentry/node'), []],
  ['a provider without our processor', { files: { 'app.mjs': OPENAI['app.mjs'] } }, []],
  [
    'spans written by hand',
    { files: { ...OPENAI, 'span.ts': "span.setAttribute('gen_ai.operation.name', 'chat')" } },
    [],
  ],
  ['LangChain.js with a handler', { files: { ...LANGCHAIN, 'h.mjs': 'new TrubricsCallbackHandler()' } }, []],
  [
    'LangChain.js with a script that registers',
    {
      files: LANGCHAIN,
      scripts: { start: 'node --import opentelemetry-exporter-trubrics/register app.cjs' },
    },
    [],
  ],
  [
    'a library whose name stands in an option, and whose types are imported',
    {
      files: {
        ...PROCESSOR,
        'app.ts':
          "import type { ClientOptions } from 'openai';\nimport './chat.js';\nask({ provider: 'openai' });",
      },
    },
    [],
  ],
  [
    'a library that is loaded when it is needed',
    { files: { ...PROCESSOR, 'app.mjs': "const { OpenAI } = await import('openai');" } },
    [/^app\.mjs uses openai/],
  ],
  [
    'LangChain.js in a terminal that registers',
    {
      files: LANGCHAIN,
      environment: { NODE_OPTIONS: '--import opentelemetry-exporter-trubrics/register' },
    },
    [],
  ],
])('of %s, doctor tells what makes no spans', async (_name, parts, expected) => {
  const messages = checkUntraced(await useProject(parts)).map(({ message }) => message);
  expect(messages).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as unknown));
});

test('a file that uses the package and makes no records is named', async () => {
  const files = { 'app.mjs': "import { withTrubrics } from 'opentelemetry-exporter-trubrics';" };
  const [finding] = checkUsage(await useProject({ files }));
  expect(finding).toMatchObject({
    status: 'problem',
    message: 'app.mjs uses the package, and nothing here makes records',
  });
});

test('variables are not called well-formed beside a host that is no address', async () => {
  const check = async (TRUBRICS_HOST: string) =>
    checkEnvironment(await useProject({ environment: { TRUBRICS_HOST } })).map(({ status }) => status);
  expect(await check('127.0.0.1:8782/api/ingestion')).toEqual([]);
  expect(await check('http://127.0.0.1:8782/api/ingestion')).toEqual(['ok']);
});
