import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { useFolder } from '../support/use-folder.js';

const README = `# reading/calls

One call out of several spans.

**In:** \`LlmCall[]\`. **Out:** \`LlmCall[]\`.

## Map

- \`same-call.ts\`: decides whether two spans are one call. Uses \`../model/llm-call.ts\`.
- \`merge-calls.ts\`, \`deep/\`: the rest.

## Must not know

Any dialect.

## Likely changes

- Another tolerance: \`same-call.ts\`.
- Another field: \`merge-calls.ts\`.
- A new dialect: \`reading/dialects/<dialect>.ts\`.
`;

test('the check of READMEs accepts a tree in which every folder has one of the wanted shape', async () => {
  expect(await checkReadmes(README)).toEqual({ exitCode: 0, lines: [''] });
});

test('the check of READMEs fails when a folder has none', async () => {
  const { exitCode, lines } = await checkReadmes(README, { 'src/records/x.ts': '' });
  expect(exitCode).toBe(1);
  expect(lines).toContain('1 folders have no README.md: src/records');
});

test.each<[fault: string, from: string | RegExp, to: string, problem: string]>([
  [
    'a title of another folder',
    '# reading/calls',
    '# calls',
    'begins with "# calls", not with "# reading/calls".',
  ],
  [
    'no sentence below the title',
    'One call out of several spans.\n\n',
    '',
    'no sentence below the title that says the job.',
  ],
  ['nothing that goes out', '**Out:**', 'out', 'no paragraph "**In:** … **Out:** …" below the sentence.'],
  [
    'another section',
    'Must not know',
    'History',
    'sections are Map, History, Likely changes; wanted are Map, Must not know, Likely changes.',
  ],
  ['an empty section', 'Any dialect.\n', '', 'nothing below "Must not know".'],
  ['a file that it forgets', ', `deep/`', '', 'the map does not name deep/.'],
  [
    'a file that is gone',
    '`deep/`',
    '`deep/`, `gone.ts`',
    'the map names gone.ts, which the folder does not have.',
  ],
  ['a file that it names twice', '`deep/`', '`deep/`, `deep/`', 'the map names deep/ twice.'],
  [
    'a line of the map without a text',
    ': the rest.',
    '',
    'line of the map that is no "- `name`: text": "- `merge-calls.ts`, `deep/`".',
  ],
  [
    'a path that leads nowhere',
    '../model/llm-call.ts',
    '../llm-call.ts',
    '`../llm-call.ts` is neither below the folder, nor below src/, nor below the repository.',
  ],
  [
    'a name that is not in the file where it says',
    'Another field: `merge-calls.ts`',
    'Another field: `FIELDS`, `mergeCalls()` and `GONE` in `merge-calls.ts`',
    '`GONE` is not in `merge-calls.ts`: name what is there now, or where it went.',
  ],
  [
    'two likely changes',
    /- Another tolerance.*\n/,
    '',
    '"Likely changes" has 2 lines; wanted are 3 bullets.',
  ],
  ['too many lines', 'Any dialect.', 'Any dialect.\n'.repeat(30), '50 lines; 40 at most.'],
])('the check of READMEs fails on one with %s', async (_fault, from, to, problem) => {
  const { exitCode, lines } = await checkReadmes(README.replace(from, to));
  expect(exitCode).toBe(1);
  expect(lines).toContain(`src/reading/calls/README.md: ${problem}`);
});

test('the check of READMEs fails when the table of test helpers and the folder differ', async () => {
  const { exitCode, lines } = await checkReadmes(README, {
    'test/support/use-folder.ts': '',
    'test/README.md': '| file | what it gives |\n| --- | --- |\n| `use-server.ts` | a server |\n',
  });
  expect(exitCode).toBe(1);
  expect(lines).toContain('test/README.md: the table does not name use-folder.ts.');
  expect(lines).toContain('test/README.md: the table names use-server.ts, which test/support does not have.');
});

/** Runs the check over a small tree of folders in which one README.md is the given text and the others are right. */
async function checkReadmes(readme: string, others: Record<string, string> = {}) {
  const root = await useFolder();
  const names = { '': ['reading/'], reading: ['calls/', 'model/'], 'reading/calls/deep': ['x.ts'] };
  for (const [folder, entries] of Object.entries({ ...names, 'reading/model': ['llm-call.ts'] }))
    await write(root, join('src', folder, 'README.md'), rightReadme(folder || 'src', entries));
  await write(root, 'src/reading/calls/README.md', readme);
  for (const file of ['calls/same-call.ts', 'calls/merge-calls.ts', 'calls/deep/x.ts', 'model/llm-call.ts'])
    await write(root, join('src/reading', file), '');
  await write(
    root,
    'src/reading/calls/merge-calls.ts',
    'const FIELDS = {};\nexport function mergeCalls() {}\n',
  );
  for (const [path, text] of Object.entries(others)) await write(root, path, text);
  return promisify(execFile)(process.execPath, ['scripts/check-readmes.mjs', root]).then(
    ({ stderr }) => ({ exitCode: 0, lines: stderr.trim().split('\n') }),
    ({ code, stderr }: { code: number; stderr: string }) => ({
      exitCode: code,
      lines: stderr.trim().split('\n'),
    }),
  );
}

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function rightReadme(title: string, entries: readonly string[]): string {
  const map = entries.map((entry) => `- \`${entry}\`: a part.`).join('\n');
  const changes = '- One.\n- Two.\n- Three.';
  return `# ${title}\n\nA folder.\n\n**In:** a. **Out:** b.\n\n## Map\n\n${map}\n\n## Must not know\n\nMuch.\n\n## Likely changes\n\n${changes}\n`;
}
