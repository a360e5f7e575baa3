import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { isRecord } from '../../common/unknown-values.js';
import { parseFlag } from '../../common/options/option-kinds.js';
import { environmentVariable, type Environment } from '../../common/options/environment.js';
import { findInstalled, readManifest, type InstalledPackages } from './installed-packages.js';
import { readSources, type SourceFile } from './source-files.js';

/** Facts about an application that are known without starting it. */
export interface Project {
  readonly folder: string;
  /** Name in package.json. */
  readonly name: string | undefined;
  /** Scripts of package.json, each as one line. */
  readonly scripts: readonly string[];
  readonly hasManifest: boolean;
  /** True if package.json says that `.js` files are ES modules. */
  readonly isModule: boolean;
  readonly packages: InstalledPackages;
  readonly sources: readonly SourceFile[];
  /** Variables of this terminal, completed from the files `.env.local` and `.env`. */
  readonly environment: Environment;
  /** The file that a variable comes from, if this terminal lacks it. */
  readonly fileOf: ReadonlyMap<string, string>;
}

/** Files of variables, in the order of Next.js and Vite: the first that has a variable wins. */
const ENV_FILES = ['.env.local', '.env'];

/** Text before the name of an imported module, with the parenthesis of `import()`. */
const IMPORT = String.raw`(?<!\b(?:import|export)\s+type\b[^'"]*)\bfrom|\bimport(?:\s*\()?`;

/** Reads what the checks need from a folder and an environment. */
export function readProject(folder: string, terminal: Environment): Project {
  const manifest = readManifest(join(folder, 'package.json'));
  const scripts = isRecord(manifest?.['scripts']) ? Object.values(manifest['scripts']) : [];
  const environment: Record<string, string | undefined> = { ...terminal };
  const fileOf = new Map<string, string>();
  for (const file of ENV_FILES)
    for (const [name, value] of Object.entries(readEnvFile(join(folder, file)))) {
      if (environmentVariable(name, environment) !== undefined) continue;
      environment[name] = value;
      fileOf.set(name, file);
    }
  return {
    folder,
    name: typeof manifest?.['name'] === 'string' ? manifest['name'] : undefined,
    scripts: scripts.filter((script) => typeof script === 'string'),
    hasManifest: manifest !== undefined,
    isModule: manifest?.['type'] === 'module',
    packages: findInstalled(folder),
    sources: readSources(folder),
    environment,
    fileOf,
  };
}

function readEnvFile(file: string): Record<string, string | undefined> {
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}

/** Returns the value of a variable; undefined if it is missing or blank. */
export function variable({ environment }: Project, name: string): string | undefined {
  return environmentVariable(name, environment);
}

/** Returns whether a variable switches something on. */
export function isOn(project: Project, name: string): boolean {
  return parseFlag(variable(project, name) ?? '') === true;
}

/** Returns the copies of a package, the one that the application loads first. */
export function copiesOf({ packages }: Project, name: string): readonly { version: string; path: string }[] {
  return packages.get(name) ?? [];
}

/** Returns the files whose code matches. */
export function filesWith({ sources }: Project, pattern: RegExp): readonly string[] {
  return sources.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

/** Returns the files whose code loads one of the modules, by `import` or `require()`. Imports of types alone load nothing. */
export function filesThatLoad(project: Project, modules: string): readonly string[] {
  return filesWith(project, new RegExp(`(?:${IMPORT}|\\brequire\\s*\\()\\s*['"](?:${modules})['"]`));
}

/** Returns a pattern of an `import` of one of the modules, whose name is its first group. */
export function importOf(modules: string): RegExp {
  return new RegExp(`(?:${IMPORT})\\s*['"](${modules})['"]`);
}
