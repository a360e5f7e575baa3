import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** Bundles a TypeScript file of the tests into one that Node runs. `dispose` removes it. */
export async function bundleScript(
  path: string,
): Promise<{ readonly file: string; readonly dispose: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'bundle-'));
  const bundle = await rolldown({ input: path, platform: 'node', logLevel: 'silent' });
  await bundle.write({ dir, format: 'esm', entryFileNames: 'main.mjs' });
  await bundle.close();
  return { file: join(dir, 'main.mjs'), dispose: () => rm(dir, { recursive: true, force: true }) };
}
