import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewRecord } from '../../src/server/model/stored-record.js';
import { isSkip, type PlacedRecord } from '../../src/transfer/formats/read-record.js';
import { fileSource } from '../../src/transfer/input/byte-source.js';
import type { NamedSkip } from '../../src/transfer/import-report.js';
import { readFiles } from '../../src/transfer/read-files.js';
import { recogniseFile, type KnownFile } from '../../src/transfer/recognise-file.js';
import { useFolder } from './use-folder.js';

/** Writes a file and returns its path. */
export async function writeInput(content: string | Buffer, name = 'input.jsonl'): Promise<string> {
  const path = join(await useFolder(), name);
  await writeFile(path, content);
  return path;
}

/** JSON lines of some values. */
export function jsonLines(...values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** Writes files, and what `import` knows of them. The name of each is that of its content. */
export async function knownFiles(contents: Readonly<Record<string, string | Buffer>>): Promise<KnownFile[]> {
  return Promise.all(
    Object.entries(contents).map(async ([name, content]) =>
      recogniseFile(await fileSource(await writeInput(content, name), name)),
    ),
  );
}

/** What `import` reads from files. */
export async function readContents(contents: Readonly<Record<string, string | Buffer>>): Promise<{
  readonly records: readonly NewRecord[];
  readonly skips: readonly NamedSkip[];
}> {
  const all: PlacedRecord[] = [];
  for await (const chunk of readFiles(await knownFiles(contents))) all.push(...chunk);
  return {
    records: all.flatMap(({ read }) => (isSkip(read) ? [] : [read])),
    skips: all.flatMap(({ place, read }) => (isSkip(read) ? [{ place, ...read }] : [])),
  };
}
