import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns the path of the single entry of a directory, for instance the spool of the only destination. */
export async function onlyDirectoryIn(dir: string): Promise<string> {
  const names = await readdir(dir);
  if (names.length !== 1) throw new Error(`${dir} contains ${names.length} entries: ${names.join(', ')}`);
  return join(dir, names[0] ?? '');
}
