import { type Finding, ok, problem, warning } from './finding.js';
import { copiesOf, filesWith, type Project } from './project.js';

const PACKAGE = 'opentelemetry-exporter-trubrics';
const API = '@opentelemetry/api';
const CORE = '@langchain/core';
/** Each of them has the tracer provider of one major version. */
const SDKS = ['@opentelemetry/sdk-trace-base', '@opentelemetry/sdk-trace'];
const OLDEST_NODE = '20.19.0';

/** Checks the versions of Node.js and of the packages that have to fit together. */
export function checkVersions(project: Project, nodeVersion: string): Finding[] {
  return [
    checkNode(nodeVersion),
    checkPackage(project),
    ...checkApi(project),
    ...checkSdk(project),
    ...checkLangChain(project),
  ];
}

function checkNode(version: string): Finding {
  const plain = version.replace(/^v/, '');
  if (isBefore(plain, OLDEST_NODE))
    return problem('node', `Node.js ${plain} is too old`, `Use Node.js ${OLDEST_NODE} or later.`);
  return ok('node', `Node.js ${plain}`);
}

function checkPackage(project: Project): Finding {
  const [own, ...others] = copiesOf(project, PACKAGE);
  if (!own) {
    if (project.name === PACKAGE) return ok('package', 'this is the package itself');
    const how = project.hasManifest
      ? ''
      : ' There is no package.json here: run doctor in the folder of your application.';
    return problem('package', `${PACKAGE} is not installed in this folder`, `npm install ${PACKAGE}.${how}`);
  }
  if (others.length > 0)
    return warning(
      'package',
      `${PACKAGE} is installed ${others.length + 1} times: ${listOf([own, ...others])}`,
      `Each copy has its own processor and counts. Let one remain: npm ls ${PACKAGE}`,
    );
  return ok('package', `${PACKAGE} ${own.version}`);
}

/** Copies share what is registered, but a copy does not use what an older minor version has registered (semver.ts of the API). */
function checkApi(project: Project): Finding[] {
  const copies = copiesOf(project, API);
  const [own] = copies;
  if (!own) {
    if (copiesOf(project, PACKAGE).length === 0) return [];
    return [problem('otel-api', `${API} is not installed`, `npm install ${API}`)];
  }
  if (isBefore(own.version, '1.9.0') || majorOf(own.version) !== '1')
    return [
      problem(
        'otel-api',
        `${API} ${own.version} does not fit: ^1.9.0 is needed`,
        `npm install ${API}@^1.9.0`,
      ),
    ];
  if (new Set(copies.map(({ version }) => minorOf(version))).size > 1)
    return [
      problem(
        'otel-api',
        `${API} is installed ${copies.length} times, in versions that do not see each other: ${listOf(copies)}`,
        `A copy does not use the tracer provider that an older one has registered: its spans are lost. Let one remain: npm dedupe, or "overrides": { "${API}": "${own.version}" } in package.json`,
      ),
    ];
  if (copies.length > 1)
    return [
      warning(
        'otel-api',
        `${API} is installed ${copies.length} times: ${listOf(copies)}`,
        'They work together as long as their minor versions are equal. npm dedupe leaves one.',
      ),
    ];
  return [ok('otel-api', `${API} ${own.version}`)];
}

function checkSdk(project: Project): Finding[] {
  const copies = SDKS.flatMap((name) => copiesOf(project, name).map((copy) => ({ ...copy, name })));
  const [own] = copies;
  if (!own) return [];
  if (new Set(copies.map(({ version }) => majorOf(version))).size > 1)
    return [
      problem(
        'otel-sdk',
        `OpenTelemetry SDKs of several major versions are installed: ${copies.map(({ name, version, path }) => `${name} ${version} (${path})`).join(', ')}`,
        'A processor or exporter of one does not understand the spans of another. Install @opentelemetry packages of one release: npm ls @opentelemetry/sdk-trace-base',
      ),
    ];
  // The option came with 1.29.
  const inVain = isBefore(own.version, '1.29.0') ? filesWith(project, /spanProcessors\s*:/) : [];
  if (inVain.length > 0)
    return [
      problem(
        'otel-sdk',
        `${own.name} ${own.version} does not know the option spanProcessors, which ${inVain[0]} uses`,
        'Call provider.addSpanProcessor(new TrubricsSpanProcessor()), or install version 1.29 or later.',
      ),
    ];
  return [ok('otel-sdk', `${own.name} ${own.version}`)];
}

function checkLangChain(project: Project): Finding[] {
  const copies = copiesOf(project, CORE);
  const [own] = copies;
  if (!own) return [];
  const unfit = copies.find(({ version }) => isBefore(version, '0.3.0') || !isBefore(version, '2.0.0'));
  if (unfit)
    return [
      problem(
        'langchain',
        `${CORE} ${unfit.version} (${unfit.path}) does not fit: >=0.3 <2 is needed`,
        `npm install ${CORE}@1`,
      ),
    ];
  if (copies.length > 1)
    return [
      problem(
        'langchain',
        `${CORE} is installed ${copies.length} times: ${listOf(copies)}`,
        `Calls of a copy that is not patched are not recorded, and callbacks are not inherited from one to the other. Let one remain: npm ls ${CORE}, then npm dedupe or "overrides": { "${CORE}": "${own.version}" } in package.json`,
      ),
    ];
  return [ok('langchain', `${CORE} ${own.version}`)];
}

function listOf(copies: readonly { readonly version: string; readonly path: string }[]): string {
  return copies.map(({ version, path }) => `${version} (${path})`).join(', ');
}

export function majorOf(version: string): string {
  return version.split('.')[0] ?? '';
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Returns whether a version is older than another one. A prerelease counts as its release. */
export function isBefore(version: string, other: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(other)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0);
}

function numbersOf(version: string): number[] {
  return (/^\d+\.\d+\.\d+/.exec(version)?.[0] ?? '0.0.0').split('.').map(Number);
}
