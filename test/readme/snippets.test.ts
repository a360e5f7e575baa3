import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runScript } from '../support/run-as-user.js';
import { useOpenAiServer } from '../support/use-openai-server.js';
import { useServer } from '../support/use-server.js';
import { allSnippets, readDocument } from './documents.js';

const programs = allSnippets().filter(({ language }) =>
  /^(?:[cm]?[jt]sx?|javascript|typescript)$/.test(language),
);

test('every program in the documentation is run by a test of its name', () => {
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const isRun = (name: string | undefined) => name !== undefined && source.includes(`'${name}'`);
  expect(programs.length).toBeGreaterThan(15);
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
  ['langchain', { userId: 'ada', threadId: 'jokes', prompt: 'Tell me a joke', tags: ['langchain'] }],
  [
    'existing',
    { userId: 'ada', threadId: 'support-42', prompt: 'Is it down?', generation: 'No.', tags: ['web'] },
  ],
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

test('the snippet "diag" prints what became of the calls', async () => {
  const { code, stdout } = await runSnippet('diag');
  expect([code, stdout]).toEqual([0, expect.stringContaining('records: 0')]);
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
  const snippet = programs.find((candidate) => candidate.name === name);
  if (!snippet) throw new Error(`The documentation has no snippet ${name}.`);
  return snippet.source;
}

test('the documentation shows the tree of an agent that the compatibility tests compare with real spans', () => {
  const golden = readFileSync(new URL('../compat/tests/agent-tree.txt', import.meta.url), 'utf8');
  expect(readDocument('docs/langchain.md')).toContain(`\`\`\`text\n${golden}\`\`\``);
});

/** Runs a snippet as a user would, with a local Trubrics and a model server. */
async function runSnippet(name: string) {
  const server = await useServer();
  const openai = await useOpenAiServer();
  const env = { TRUBRICS_HOST: server.ingestionUrl, OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'k' };
  return { server, ...(await runScript(snippetOf(name), { env })) };
}
