import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../src/server/index.js';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.js';
import { compatibilityTable } from './compatibility-table.js';
import { optionsTable } from '../support/options-table.js';
import { runScript } from '../support/run-as-user.js';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const readme = readFileSync(README, 'utf8');
const snippets = [...readme.matchAll(/<!-- run: (\w+) -->\s*```js\n([\s\S]*?)```/g)].map(
  ([, name = '', source = '']) => ({ name, source }),
);

describe('the snippets of the README', () => {
  let server: RunningServer;
  let openai: OpenAiServer;

  beforeAll(async () => {
    server = await startServer({ port: 0 });
    openai = await startOpenAiServer();
  });
  afterAll(async () => {
    await openai.close();
    await server.close();
  });

  const run = (source: string) =>
    runScript(source, {
      env: { TRUBRICS_HOST: server.ingestionUrl, OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'k' },
    });

  it('are all run', () => {
    expect(snippets).toHaveLength(readme.match(/```(?:js|ts|mjs)\n/g)?.length ?? 0);
  });

  it.each([
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
  ])('%s: its record arrives', async (name, record) => {
    const before = server.records().length;
    const { code, stderr } = await run(snippetOf(name));
    expect([code, stderr]).toEqual([0, '']);
    expect(server.records().slice(before)).toMatchObject([record]);
  });

  it('diag: says what became of the calls', async () => {
    const { code, stdout } = await run(snippetOf('diag'));
    expect([code, stdout]).toEqual([0, expect.stringContaining('records: 0')]);
  });

  it.each([
    ['feedback', ['Feedback', 'Why?']],
    ['feedback_handler', ['Feedback']],
    ['client', ['Feedback', 'Is it down?', 'Sign up']],
    ['privacy', ['My card is [card]']],
  ])('%s: what it sends arrives, and no more', async (name, expected) => {
    const before = server.records().length;
    const { code, stderr } = await run(snippetOf(name));
    expect([code, stderr]).toEqual([0, '']);
    const arrived = server.records().slice(before);
    expect(
      arrived.map((record) => (record.kind === 'prompt' ? record.prompt : record.event)).toSorted(),
    ).toEqual(expected);
    expect(JSON.stringify(arrived)).not.toMatch(/4111|ada@example/);
  });

  it.each([
    ['destination', 'Wherever you like.'],
    ['server', ''],
  ])('%s runs as it stands', async (name, output) => {
    const { code, stdout, stderr } = await run(snippetOf(name));
    expect([code, stdout.trim(), stderr]).toEqual([0, output, '']);
  });
});

/** Sections that are made from the code and the captures: `UPDATE_README=1 npx vitest run --config test/vitest.config.ts test/readme.test.ts` */
it.each([
  ['options', optionsTable],
  ['compatibility', compatibilityTable],
])('the section %s is as generated', (name, generate) => {
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

describe('the picture of an agent', () => {
  it('is the one that the compatibility tests compare with real spans', () => {
    const golden = readFileSync(new URL('../compat/tests/agent-tree.txt', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`text\n${golden}\`\`\``);
  });
});
