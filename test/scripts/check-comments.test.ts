import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { useFolder } from '../support/use-folder.js';

/** Runs the check over one file. Returns the lines that it prints. */
async function linesFor(code: string, file = 'a.ts'): Promise<readonly string[]> {
  const root = await useFolder();
  await mkdir(join(root, 'src/reading'), { recursive: true });
  await writeFile(join(root, 'src/reading', file), code);
  const { stderr } = await promisify(execFile)(process.execPath, ['scripts/check-comments.mjs', root]).catch(
    (error: { stderr: string }) => error,
  );
  return stderr.split('\n').filter(Boolean);
}

test('comments that begin with a noun or a verb pass, whatever words follow', async () => {
  const code = '/** Returns what was asked. */\nconst a = 1;\n// People who ask: see `b`.\n';
  expect(
    await linesFor(
      `${code}/** Offset of the item. */\nconst off = a; // What follows code is no comment of its own.\n`,
    ),
  ).toEqual([]);
});

test('each kind of comment that begins with a refused word is named with its file, line and word', async () => {
  const code = `/** What was asked. */
const a = 1;

/**
 * Whether it is one.
 */
const b = 2;
  // Of several, the last
  // counts.
/** The same of the answer. */
`;
  expect(await linesFor(code)).toEqual([
    'src/reading/a.ts:1: the comment begins with "What": begin with a verb or a noun.',
    'src/reading/a.ts:4: the comment begins with "Whether": begin with a verb or a noun.',
    'src/reading/a.ts:8: the comment begins with "Of": begin with a verb or a noun.',
    'src/reading/a.ts:10: the comment begins with "The same": begin with a verb or a noun.',
  ]);
  expect(await linesFor('return <p>\n  {/* Where it is. */}\n</p>;', 'a.tsx')).toHaveLength(1);
});
