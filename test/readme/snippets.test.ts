import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseOwnPrices } from '../../src/server/insights/prices/own-prices.js';
import { runScript } from '../support/run-as-user.js';
import { post, prompt } from '../support/server-requests.js';
import { useOpenAiServer } from '../support/use-openai-server.js';
import { useServer } from '../support/use-server.js';
import { allSnippets, readDocument } from './documents.js';

const snippets = allSnippets();
const programs = snippets.filter(({ language }) => /^(?:[cm]?[jt]sx?|javascript|typescript)$/.test(language));
/** Tests of programs whose packages are no development dependencies. */
const startTests = readDocument('test/compat/starts/tests/starts.test.mjs');

test('every program in the documentation is run by a test of its name', () => {
  const source = readFileSync(new URL(import.meta.url), 'utf8') + startTests;
  const isRun = (name: string | undefined) => name !== undefined && source.includes(`'${name}'`);
  expect(programs.length).toBeGreaterThan(20);
  expect(programs.filter(({ name }) => !isRun(name))).toEqual([]);
  expect(new Set(programs.map(({ name }) => name)).size).toBe(programs.length);
});

test('the snippet "standalone_llm" delivers a record for each prompt when the process ends', async () => {
  const { server, code, stderr } = await runSnippet('standalone_llm');
  expect([code, stderr]).toEqual([0, '']);
  expect(server.records()).toMatchObject([{ prompt: 'Tell me a joke' }, { prompt: 'Write me a poem' }]);
});

test.each([
  [
    'standalone_chat',
    {
      userId: 'user-id-1234',
      prompt: 'Tell me a joke',
      tags: ['langchain', 'chat model'],
      properties: { some_metadata: { hello: [1, 2] } },
    },
  ],
  ['start_langchain', { userId: 'ada', threadId: 'jokes', prompt: 'Tell me a joke' }],
  [
    'python_after',
    {
      userId: 'user-id-1234',
      tags: ['langchain', 'chat model'],
      properties: { project: 'default', some_metadata: { hello: [1, 2] } },
    },
  ],
  ['langchain', { userId: 'ada', threadId: 'jokes', prompt: 'Tell me a joke', tags: ['langchain'] }],
  [
    'existing',
    { userId: 'ada', threadId: 'support-42', prompt: 'Is it down?', generation: 'No.', tags: ['web'] },
  ],
  ['on_demand', { prompt: 'Tell me a joke' }],
  ['exporter', { userId: 'ada', prompt: 'Hello?', generation: 'Hi.' }],
  ['process_wide', { userId: 'ada', prompt: 'Tell me a joke' }],
  ['identity', { userId: 'ada', threadId: 'trip', prompt: 'Who am I?', tags: ['web'] }],
  [
    'turns',
    { userId: 'ada', prompt: 'Weather in Rome?', generation: 'Hot, 31 °C.', properties: { call_count: 2 } },
  ],
  ['spool', { userId: 'ada', prompt: 'Is it safe?' }],
])('the snippet "%s" delivers its record', async (name, record) => {
  const { server, code, stderr } = await runSnippet(name);
  expect([code, stderr]).toEqual([0, '']);
  expect(server.records()).toMatchObject([record]);
});

test('the span that the README sends by hand becomes a record', async () => {
  const server = await useServer();
  const [, url, header, body] =
    /^curl (\S+) -H '([^']+)' -d '([^']+)'\n$/.exec(snippetOf('start_otlp')) ?? [];
  expect([url, header]).toEqual(['http://127.0.0.1:8782/v1/traces', 'content-type: application/json']);
  const headers = { 'content-type': 'application/json' };
  await fetch(server.tracesUrl, { method: 'POST', headers, body: body ?? '' });
  expect(server.records()).toMatchObject([
    { userId: 'ada', prompt: 'Hello?', generation: 'Hi.', latency: 1.5 },
  ]);
});

test('the snippet "cost" prints the cost of each model, and how many calls have no price', async () => {
  const server = await useServer();
  const properties = { input_tokens: 1_000_000, output_tokens: 1_000_000 };
  const models = ['gpt-4o-mini-2024-07-18', 'gpt-4o-mini-2024-07-18', 'other'];
  await post(
    server,
    models.map((assistant_id) => prompt({ assistant_id, properties })),
  );
  const { stdout } = await runScript(snippetOf('cost'), { env: { TRUBRICS_HOST: server.ingestionUrl } });
  expect(stdout.trim().split('\n')).toEqual([
    'gpt-4o-mini-2024-07-18: $1.5000, $0.750000 a call',
    '$1.5000 + 1 unpriced calls',
  ]);
});

test('the prices in docs/cost.md are a file of prices as the server reads it', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(readDocument('docs/cost.md')) ?? [];
  const prices = parseOwnPrices(json);
  expect(prices.find('house-large', undefined, Date.now())).toMatchObject({ cacheWrite: 1.25 });
});

test('the snippets "sdk_before" and "sdk_after" deliver the same records', async () => {
  const [before, after] = [await runSnippet('sdk_before'), await runSnippet('sdk_after')];
  expect([before.code, after.code, after.stderr]).toEqual([0, 0, '']);
  // Ours have an id of their own, and the thread also as a property, as the API of Trubrics documents it.
  const withoutOurs = (properties: Readonly<Record<string, unknown>>): object =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => !name.startsWith('$')));
  const fieldsOf = ({ server }: typeof before): unknown[] =>
    server
      .records()
      .map(({ properties, ...record }) => ({
        ...record,
        id: '',
        seq: 0,
        timestamp: '',
        receivedAt: '',
        properties: withoutOurs(properties),
      }))
      .toSorted((a, b) => a.kind.localeCompare(b.kind));
  expect(fieldsOf(after)).toMatchObject(fieldsOf(before));
  expect(fieldsOf(before)).toMatchObject([
    { event: 'Sign up', userId: 'ada' },
    { prompt: 'Is it down?', latency: 1, properties: { plan: 'pro' } },
  ]);
});

test('the snippet "diag" prints what became of the calls', async () => {
  const { code, stdout } = await runSnippet('diag');
  expect([code, stdout]).toEqual([0, expect.stringContaining('records: 0')]);
});

test('the snippet "explain" says why a call without content is not recorded', async () => {
  const { code, stdout, stderr } = await runSnippet('explain');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/my-client.+skipped/);
});

test.each([
  ['feedback', ['Feedback', 'Why?']],
  ['feedback_handler', ['Feedback']],
  ['client', ['Feedback', 'Is it down?', 'Sign up']],
  ['privacy', ['My card is [card]']],
])('the snippet "%s" delivers what it sends and no more', async (name, expected) => {
  const { server, code, stderr } = await runSnippet(name);
  expect([code, stderr]).toEqual([0, '']);
  const arrived = server.records();
  expect(
    arrived.map((record) => (record.kind === 'prompt' ? record.prompt : record.event)).toSorted(),
  ).toEqual(expected);
  expect(JSON.stringify(arrived)).not.toMatch(/4111|ada@example/);
});

test.each([
  ['destination', 'Wherever you like.'],
  ['cloud', ''],
  ['server', ''],
])('the snippet "%s" runs without a change', async (name, output) => {
  const { code, stdout, stderr } = await runSnippet(name);
  expect([code, stdout.trim(), stderr]).toEqual([0, output, '']);
});

function snippetOf(name: string): string {
  const snippet = snippets.find((candidate) => candidate.name === name);
  if (!snippet) throw new Error(`The documentation has no snippet ${name}.`);
  return snippet.source;
}

test('the documentation shows the tree of an agent that the compatibility tests compare with real spans', () => {
  const golden = readFileSync(new URL('../compat/tests/agent-tree.txt', import.meta.url), 'utf8');
  expect(readDocument('docs/langchain-spans.md')).toContain(`\`\`\`text\n${golden}\`\`\``);
});

/** Runs a snippet as a user would, with a local Trubrics and a model server. */
async function runSnippet(name: string) {
  const server = await useServer();
  const openai = await useOpenAiServer();
  const env = { TRUBRICS_HOST: server.ingestionUrl, OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'k' };
  return { server, ...(await runScript(snippetOf(name), { env })) };
}
