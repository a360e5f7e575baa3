import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isRecord } from '../../common/unknown-values.js';

/** A copy of a package below a `node_modules`. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Path from the checked folder. */
  readonly path: string;
}

/** Copies of every package, by its name. The first is the one that the folder itself loads. */
export type InstalledPackages = ReadonlyMap<string, readonly InstalledPackage[]>;

/** Packages of packages of packages … are found down to this level; more are loops of links. */
const MAX_DEPTH = 12;

/**
 * Returns the packages that an application in `folder` can load: those of its own `node_modules` and of those above, with the copies
 * nested in them. Links to other packages of a workspace are not followed.
 */
export function findInstalled(folder: string): InstalledPackages {
  const found = new Map<string, InstalledPackage[]>();
  const seen = new Set<string>();
  for (let above = folder; ; above = dirname(above)) {
    scan(join(above, 'node_modules'), 0, { found, seen, from: folder });
    if (dirname(above) === above) return found;
  }
}

interface Search {
  readonly found: Map<string, InstalledPackage[]>;
  readonly seen: Set<string>;
  readonly from: string;
}

function scan(modules: string, depth: number, search: Search): void {
  if (depth > MAX_DEPTH) return;
  for (const name of packageNames(modules)) addPackage(join(modules, name), name, search);
  for (const name of packageNames(modules)) {
    const nested = join(modules, name, 'node_modules');
    if (!isLink(join(modules, name)) && existsSync(nested)) scan(nested, depth + 1, search);
  }
  // pnpm keeps every copy in a folder of its own.
  const store = join(modules, '.pnpm');
  if (depth === 0 && existsSync(store))
    for (const entry of entriesOf(store)) scan(join(store, entry, 'node_modules'), depth + 1, search);
}

function packageNames(modules: string): string[] {
  return entriesOf(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? entriesOf(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
    );
}

function addPackage(path: string, name: string, { found, seen, from }: Search): void {
  const real = realPath(path);
  if (real === undefined || seen.has(real)) return;
  seen.add(real);
  const { version } = readManifest(join(real, 'package.json')) ?? {};
  if (typeof version !== 'string') return;
  const copies = found.get(name) ?? [];
  found.set(name, [...copies, { name, version, path: relative(from, path) }]);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return true;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns the content of a package.json; undefined if there is none, or none that can be read. */
export function readManifest(file: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
