import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runScript } from '../support/run-as-user.js';
import { useOpenAiServer } from '../support/use-openai-server.js';
import { useServer } from '../support/use-server.js';
import { compatibilityTable } from './compatibility-table.js';
import { optionsTable } from './options-table.js';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const readme = readFileSync(README, 'utf8');
const snippets = [...readme.matchAll(/<!-- run: (\w+) -->\s*```js\n([\s\S]*?)```/g)].map(
  ([, name = '', source = '']) => ({ name, source }),
);

test('every snippet of the README is run by a test', () => {
  expect(snippets).toHaveLength(readme.match(/```(?:js|ts|mjs)\n/g)?.length ?? 0);
});

test('the snippet "standalone_llm" of the README delivers a record for each prompt when the process ends', async () => {
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
])('the snippet "%s" of the README delivers its record', async (name, record) => {
  const { server, code, stderr } = await runSnippet(name);
  expect([code, stderr]).toEqual([0, '']);
  expect(server.records()).toMatchObject([record]);
});

test('the snippet "diag" of the README prints what became of the calls', async () => {
  const { code, stdout } = await runSnippet('diag');
  expect([code, stdout]).toEqual([0, expect.stringContaining('records: 0')]);
});

test.each([
  ['feedback', ['Feedback', 'Why?']],
  ['feedback_handler', ['Feedback']],
  ['client', ['Feedback', 'Is it down?', 'Sign up']],
  ['privacy', ['My card is [card]']],
])('the snippet "%s" of the README delivers what it sends and no more', async (name, expected) => {
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
])('the snippet "%s" of the README runs without a change', async (name, output) => {
  const { code, stdout, stderr } = await runSnippet(name);
  expect([code, stdout.trim(), stderr]).toEqual([0, output, '']);
});

// These sections are made from the code and the captures: `UPDATE_README=1 npm run test:only -- test/readme` writes them.
test.each([
  ['options', optionsTable],
  ['compatibility', compatibilityTable],
])('the section "%s" of the README is up to date', (name, generate) => {
  const section = new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- /generated -->)`);
  const current = readFileSync(README, 'utf8');
  const generated = current.replace(
    section,
    (_all, start: string, end: string) => `${start}\n${generate()}\n\n${end}`,
  );
  if (process.env.UPDATE_README) writeFileSync(README, generated);
  expect(readFileSync(README, 'utf8')).toBe(generated);
});

function snippetOf(name: string): string {
  const snippet = snippets.find((candidate) => candidate.name === name);
  if (!snippet) throw new Error(`The README has no snippet ${name}.`);
  return snippet.source;
}

test('the README shows the tree of an agent that the compatibility tests compare with real spans', () => {
  const golden = readFileSync(new URL('../compat/tests/agent-tree.txt', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`text\n${golden}\`\`\``);
});

/** Runs a snippet as a user would, with a local Trubrics and a model server. */
async function runSnippet(name: string) {
  const server = await useServer();
  const openai = await useOpenAiServer();
  const env = { TRUBRICS_HOST: server.ingestionUrl, OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'k' };
  return { server, ...(await runScript(snippetOf(name), { env })) };
}
