import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Bytes of all files that `npm pack` puts into the package. */
const MAX_PACKAGE_BYTES = 2_500_000;

/** Bytes of an application's bundle that uses one entry, minified and gzipped, without the OpenTelemetry API. */
const BUNDLES = [
  { uses: 'TrubricsSpanProcessor', entry: 'index.js', maxBytes: 69_220 },
  { uses: 'TrubricsSpanExporter', entry: 'index.js', maxBytes: 66_455 },
  { uses: 'TrubricsClient', entry: 'index.js', maxBytes: 26_350 },
  { uses: 'readLlmCall', entry: 'index.js', maxBytes: 26_350 },
  { uses: 'withTrubrics', entry: 'index.js', maxBytes: 1_550 },
  { uses: 'TrubricsCallbackHandler', entry: 'langchain/index.js', maxBytes: 18_980 },
];

/** What other tests write into `dist` while they run. */
const TEMPORARY = /^dist\/(script-|page-\d)/;

test('the package is no larger than its budget', () => {
  const files = packedFiles();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeLessThan(MAX_PACKAGE_BYTES);
  expect(files.map(({ path }) => path)).toContain('dist/page/page.js.gz');
});

test('nothing is installed with the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).not.toHaveProperty('optionalDependencies');
});

test('the bill of materials names the package and every library whose code is built in', () => {
  const json = execFileSync(process.execPath, ['scripts/write-sbom.mjs'], { cwd: ROOT, encoding: 'utf8' });
  const { metadata, components } = JSON.parse(json) as {
    metadata: { component: { name: string } };
    components: { group?: string; name: string }[];
  };
  const names = components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));
  expect(metadata.component.name).toBe('opentelemetry-exporter-trubrics');
  expect(names).toEqual(expect.arrayContaining(['hono', '@hono/node-server', 'preact', 'uplot', 'stopword']));
  for (const tool of ['vitest', 'typescript', 'cli-highlight']) expect(names).not.toContain(tool);
});

test('declarations refer to the OpenTelemetry API and to nothing else', () => {
  const declarations = packedFiles().filter(({ path }) => path.endsWith('.d.ts'));
  const imported = declarations.flatMap(({ path }) =>
    Array.from(
      readFileSync(join(ROOT, path), 'utf8').matchAll(/(?:from|import\()\s*["']([^."'][^"']*)["']/g),
    ),
  );
  expect(declarations.length).toBeGreaterThan(0);
  expect([...new Set(imported.map(([, id]) => id))]).toEqual(['@opentelemetry/api']);
});

test.each(BUNDLES)('a bundle with $uses is no larger than its budget', async ({ uses, entry, maxBytes }) => {
  const code = `export { ${uses} } from ${JSON.stringify(join(ROOT, 'dist/esm', entry))};`;
  const bundle = await rolldown({
    input: 'application',
    external: ['@opentelemetry/api'],
    platform: 'browser',
    plugins: [
      {
        name: 'application',
        resolveId: (id) => (id === 'application' ? id : undefined),
        load: (id) => (id === 'application' ? code : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  // Bundlers that write one file, such as Rollup with `output.file`, refuse code that is loaded on demand.
  expect(output).toHaveLength(1);
  expect(gzipSync(output[0].code, { level: 9 }).length).toBeLessThan(maxBytes);
});

function packedFiles(): readonly { readonly path: string; readonly size: number }[] {
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [packed] = JSON.parse(json) as [{ files: { path: string; size: number }[] }];
  return packed.files.filter(({ path }) => !TEMPORARY.test(path));
}
