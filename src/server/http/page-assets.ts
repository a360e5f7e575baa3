import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PageAsset {
  readonly body: string;
  readonly contentType: string;
}

const FILES = {
  '/page.js': 'text/javascript; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
  '/favicon.svg': 'image/svg+xml',
} as const;

const cache = new Map<string, PageAsset | undefined>();

/** A file of the built page, from memory after its first use; `undefined` when there is no such file or no built page. */
export function pageAsset(path: string): PageAsset | undefined {
  const contentType = (FILES as Record<string, string>)[path];
  return contentType === undefined ? undefined : load(path.slice(1), contentType);
}

/** The document, which all views share. */
export function pageDocument(): PageAsset | undefined {
  return load('index.html', 'text/html; charset=utf-8');
}

function load(file: string, contentType: string): PageAsset | undefined {
  const known = cache.get(file);
  if (known) return known;
  const folder = findPageFolder();
  if (folder === undefined || !existsSync(join(folder, file))) return undefined;
  const asset = { body: readFileSync(join(folder, file), 'utf8'), contentType };
  cache.set(file, asset);
  return asset;
}

/** This file runs from `src/server`, `dist/esm/server` and `dist/cjs/server`: the page is at the package root above all of them. */
function findPageFolder(): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let depth = 0; depth < 5; depth++) {
    const candidate = join(folder, 'dist', 'page');
    if (existsSync(join(candidate, 'index.html'))) return candidate;
    folder = dirname(folder);
  }
  return undefined;
}
