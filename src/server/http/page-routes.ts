import { lookUp } from '../../common/unknown-values.js';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono, type Context } from 'hono';
import { withPageSettings, type PageSettings } from './page-settings.js';

/** Paths of the page's views; all of them are one document. */
export const VIEWS: readonly string[] = [
  '/',
  '/conversations',
  '/people',
  '/topics',
  '/overview',
  '/explore',
  '/rejected',
];

interface PageAsset {
  readonly body: string;
  readonly contentType: string;
}

const FILES = {
  '/page.js': 'text/javascript; charset=utf-8',
  '/live-worker.js': 'text/javascript; charset=utf-8',
  '/markdown-worker.js': 'text/javascript; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
  '/favicon.svg': 'image/svg+xml',
} as const;

const cache = new Map<string, PageAsset | undefined>();

/** Routes of the built page: one document for all views, and its files. */
export function pageRoutes(settingsOf: (c: Context) => PageSettings): Hono {
  const app = new Hono();
  for (const view of VIEWS)
    app.get(view, (c) => {
      const page = pageDocument();
      if (page)
        return c.body(withPageSettings(page.body, settingsOf(c)), 200, { 'content-type': page.contentType });
      return c.text(
        'The page is not built: run "npm run build" in the package. The API works without it.',
        503,
      );
    });
  app.get('/:file', (c) => {
    const asset = pageAsset(c.req.path);
    if (!asset) return c.notFound();
    return c.body(asset.body, 200, { 'content-type': asset.contentType, 'cache-control': 'no-cache' });
  });
  return app;
}

/** Returns a file of the built page; undefined if there is no such file or no built page. Cached after its first use. */
function pageAsset(path: string): PageAsset | undefined {
  const contentType = lookUp<string>(FILES, path);
  return contentType === undefined ? undefined : load(path.slice(1), contentType);
}

/** Returns the document that all views share. */
function pageDocument(): PageAsset | undefined {
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

/** Finds `dist/page` above this file, which runs from `src/`, `dist/esm/` or `dist/cjs/`. */
function findPageFolder(): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let depth = 0; depth < 5; depth++) {
    const candidate = join(folder, 'dist', 'page');
    if (existsSync(join(candidate, 'index.html'))) return candidate;
    folder = dirname(folder);
  }
  return undefined;
}
