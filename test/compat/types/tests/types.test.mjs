// Compiles our declarations with each supported major of TypeScript, strictly and with `skipLibCheck: false`, as an application would.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const install = fileURLToPath(new URL('..', import.meta.url));
const RESOLUTIONS = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];
const FORMATS = ['module', 'commonjs'];
const compilers = Object.keys(
  JSON.parse(readFileSync(join(install, 'package.json'), 'utf8')).dependencies,
).filter((name) => name.startsWith('typescript-'));

for (const compiler of compilers)
  for (const resolution of RESOLUTIONS)
    for (const format of FORMATS)
      test(`${compiler} compiles the declarations, ${resolution.moduleResolution}, ${format}`, () => {
        const { status, stdout, stderr } = compile(compiler, resolution, format);
        assert.equal(status, 0, `${stdout}${stderr}`);
      });

function compile(compiler, resolution, format) {
  const folder = join(install, 'projects', `${compiler}-${resolution.moduleResolution}-${format}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(install, 'test/project/consumer.ts'), join(folder, 'consumer.ts'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: format }));
  const compilerOptions = {
    ...resolution,
    target: 'es2022',
    lib: ['es2022'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const tsc = join(install, 'node_modules', compiler, 'bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
}
