// Writes the bill of materials of the package (CycloneDX): the libraries whose code is built in. Nothing else is installed with it.
// `npm run build && npm run -s sbom > sbom.cdx.json`. It takes what `npm sbom` says of the development dependencies.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const SEPARATOR = `\n${'-'.repeat(80)}\n`;
/** Names of the libraries in the file of licences: the lines before the first empty one of each part. */
const builtIn = new Set(
  readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8')
    .split(SEPARATOR)
    .flatMap((part) => part.trim().split('\n\n')[0].split('\n')),
);
const json = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  encoding: 'utf8',
  maxBuffer: 100_000_000,
});
const { components, dependencies, ...rest } = JSON.parse(json);
const kept = components.filter((component) => builtIn.has(nameOf(component)) && isLoaded(component));
const refs = new Set([rest.metadata.component['bom-ref'], ...kept.map((component) => component['bom-ref'])]);
const missing = [...builtIn].filter((name) => !kept.some((component) => nameOf(component) === name));
// Data of others is no installed package: its licence stands in src/.
const data = missing.map((name) => ({ type: 'data', name, 'bom-ref': name }));
const between = dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
// npm takes the name of the folder.
rest.metadata.component.name = JSON.parse(readFileSync('package.json', 'utf8')).name;
console.log(JSON.stringify({ ...rest, components: [...kept, ...data], dependencies: between }, undefined, 2));

/** Returns whether a copy is one that a built-in library loads: its own, or that of the root. Tools have copies of their own. */
function isLoaded({ properties = [] }) {
  const { value = '' } = properties.find(({ name }) => name === 'cdx:npm:package:path') ?? {};
  const owner = /^node_modules\/(.+)\/node_modules\//.exec(value)?.[1];
  return owner === undefined || builtIn.has(owner);
}

function nameOf({ group, name }) {
  return group ? `${group}/${name}` : name;
}
