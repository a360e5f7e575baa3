import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { removeDirectory } from './remove-directory.js';

/** An empty temporary folder, removed when the test has finished. */
export async function useFolder(prefix = 'trubrics-test-'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  onTestFinished(() => removeDirectory(folder));
  return folder;
}
