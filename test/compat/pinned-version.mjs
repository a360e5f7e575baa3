// Versions of the packages that cases of the matrix are about.
import { readFileSync } from 'node:fs';

/** Returns the pinned version of the package that a case is about; `undefined` if it is about none. */
export function pinnedVersion({ of, node, install }) {
  if (of === undefined) return undefined;
  const manifest = new URL(`${of === 'node' ? node : install}/package.json`, import.meta.url);
  const range = JSON.parse(readFileSync(manifest, 'utf8')).dependencies[of];
  return range.slice(range.lastIndexOf('@') + 1);
}
