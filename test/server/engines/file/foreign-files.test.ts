import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileStore, type NewRecord } from '../../../../src/server/index.js';
import { useFolder } from '../../../support/use-folder.js';
import { idsOf, numbered } from '../stored.js';

const record = (id: string): NewRecord => ({ ...numbered(0), id, prompt: 'Größe 😀 {"a":1}' });
const line = (id: string): string => JSON.stringify(record(id));

/** Opens a file with these bytes, adds a record, and opens it again. */
async function reopened(bytes: string | Uint8Array): Promise<{ ids: readonly string[]; skipped: number }> {
  const file = join(await useFolder(), 'records.jsonl');
  writeFileSync(file, bytes);
  let skipped = 0;
  const first = await openFileStore({ file, onSkippedLines: (count) => (skipped = count) });
  await first.put([record('new')]);
  await first.close();
  const second = await openFileStore({ file });
  const ids = await idsOf(second);
  expect((await second.get(['a'])).get('a')).toMatchObject({ prompt: 'Größe 😀 {"a":1}' });
  await second.close();
  return { ids, skipped };
}

const TWO = `${line('a')}\n${line('b')}\n`;
const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

test.each([
  ['with a byte order mark', `\uFEFF${TWO}`],
  ['in UTF-16, little endian', utf16(TWO)],
  ['in UTF-16, big endian', utf16(TWO).swap16()],
  ['with Windows line ends', TWO.replaceAll('\n', '\r\n')],
  ['without the last newline', TWO.trimEnd()],
  ['in UTF-16 without the last newline', utf16(TWO.trimEnd())],
  ['with zeros before a line', `${line('a')}\n\0\0\0\0${line('b')}\n`],
  ['with a torn line before a whole one', `${line('a')}\n${line('x').slice(0, 90)}${line('b')}\n`],
  ['that was joined from files without their last newlines', `${line('a')}${line('b')}`],
  ['with joined lines after a torn one', `${line('x').slice(0, 90)}${line('a')}${line('b')}\n`],
  ['with a byte order mark between joined lines', `${line('a')}\uFEFF${line('b')}\n`],
  ['with empty lines', `\n\n${line('a')}\n\n${line('b')}\n\n`],
])('a file %s loses nothing that can be read', async (_name, bytes) => {
  expect(await reopened(bytes)).toEqual({ ids: ['a', 'b', 'new'], skipped: 0 });
});

test('the lines of a file that are no records are counted', async () => {
  const bytes = `${line('a')}\nnonsense\n{"kind":"prompt","id":1}\n${line('b')}\n${line('c').slice(0, 50)}`;
  expect(await reopened(bytes)).toEqual({ ids: ['a', 'b', 'new'], skipped: 3 });
});

test.each([
  ['a note', 'Remember the milk'],
  ['notes', 'Remember\nthe milk'],
  ['one JSON object', '{"name":"something else"}'],
  ['formatted JSON', '{\n  "name": "something else"\n}'],
  ['a JSON list of records', `[${line('a')},${line('b')}]`],
  ['a list in brackets', '[draft] {unfinished}'],
])('%s, opened by mistake, keeps all of its bytes', async (_name, text) => {
  const file = join(await useFolder(), 'mistake');
  writeFileSync(file, text);
  let skipped = 0;
  const store = await openFileStore({ file, onSkippedLines: (count) => (skipped = count) });
  await store.close();
  expect(skipped).toBe(text.split('\n').length);
  expect(readFileSync(file, 'utf8').trimEnd()).toBe(text);
});

test('a link to a file that is not there yet creates that file', async () => {
  const folder = await useFolder();
  const [link, target] = [join(folder, 'link.jsonl'), join(folder, 'target.jsonl')];
  symlinkSync(target, link);
  const store = await openFileStore({ file: link });
  await store.put([record('a')]);
  await store.close();
  expect(existsSync(target)).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe(`${line('a')}\n`);
});
