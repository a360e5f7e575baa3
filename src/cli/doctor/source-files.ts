import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A file of the application, without its comments. */
export interface SourceFile {
  /** Path from the checked folder. */
  readonly path: string;
  readonly code: string;
}

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** Built files repeat the sources. Folders with a leading dot are those of tools. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'vendor']);
/** Larger folders are read in part: the checks of sources then know less. */
const MAX_FILES = 5_000;
/** Larger files are generated. */
const MAX_BYTES = 500_000;

/** Reads the JavaScript and TypeScript below a folder, at most {@link MAX_FILES} files. */
export function readSources(folder: string): SourceFile[] {
  const found: SourceFile[] = [];
  const folders = [folder];
  for (let current = folders.shift(); current !== undefined; current = folders.shift()) {
    for (const entry of entriesOf(current)) {
      const path = join(current, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && !SKIPPED.has(entry.name)) folders.push(path);
      } else if (entry.isFile() && SOURCE.test(entry.name)) {
        if (found.length >= MAX_FILES) return found;
        const code = readCode(path);
        if (code !== undefined) found.push({ path: relative(folder, path), code });
      }
    }
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readCode(path: string): string | undefined {
  try {
    return statSync(path).size > MAX_BYTES ? undefined : withoutComments(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Leaves out comments, so that code that is commented out does not count. `//` inside an address is none. */
function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}
