import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

/** Builds `src/` file by file, because the entries do not export all that is measured. Returns a function that loads one module. */
export async function buildModules(name, entries = ['index']) {
  const dir = fileURLToPath(new URL(`../../../node_modules/.cache/bench/${name}`, import.meta.url));
  const bundle = await rolldown({
    input: entries.map((entry) => fileURLToPath(new URL(`../../../src/${entry}.ts`, import.meta.url))),
    external: (id) => /^[^./]/.test(id),
    platform: 'node',
  });
  await bundle.write({
    dir,
    format: 'esm',
    preserveModules: true,
    preserveModulesRoot: 'src',
    entryFileNames: '[name].js',
  });
  await bundle.close();
  return (file) => import(pathToFileURL(`${dir}/${file}`).href);
}
