import { lookUp } from '../../common/unknown-values.js';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Hono, type Context } from 'hono';
import { withPageSettings, type PageSettings } from './page-settings.js';

/** Paths of the page's views; all of them are one document. */
export const VIEWS: readonly string[] = [
  '/',
  '/summary',
  '/conversations',
  '/review',
  '/datasets',
  '/people',
  '/topics',
  '/overview',
  '/explore',
  '/alerts',
  '/rejected',
];

/** Files of the page, which `scripts/build.mjs` compresses, and their types. */
const FILES = {
  '/page.js': 'text/javascript; charset=utf-8',
  '/live-worker.js': 'text/javascript; charset=utf-8',
  '/markdown-worker.js': 'text/javascript; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
} as const;

const CACHED = { 'cache-control': 'no-cache' };

const cache = new Map<string, Buffer<ArrayBuffer>>();

/** Routes of the built page: one document for all views, and its files. */
export function pageRoutes(settingsOf: (c: Context) => Promise<PageSettings>): Hono {
  const app = new Hono();
  for (const view of VIEWS)
    app.get(view, async (c) => {
      const page = load('index.html');
      if (page) return c.html(withPageSettings(page.toString(), await settingsOf(c)));
      return c.text(
        'The page is not built: run "npm run build" in the package. The API works without it.',
        503,
      );
    });
  // Relative, so that it holds behind a proxy with a path of its own.
  for (const view of VIEWS.filter((path) => path !== '/'))
    app.get(`${view}/`, (c) => c.redirect(`..${view}${new URL(c.req.url).search}`, 301));
  app.get('/favicon.svg', (c) => {
    const icon = load('favicon.svg');
    return icon ? c.body(icon, 200, { ...CACHED, 'content-type': 'image/svg+xml' }) : c.notFound();
  });
  app.get('/:file', (c) => {
    const contentType = lookUp<string>(FILES, c.req.path);
    const compressed = contentType === undefined ? undefined : load(`${c.req.path.slice(1)}.gz`);
    if (contentType === undefined || !compressed) return c.notFound();
    const headers = { ...CACHED, 'content-type': contentType, vary: 'accept-encoding' };
    if (!acceptsGzip(c.req.header('accept-encoding'))) return c.body(gunzipSync(compressed), 200, headers);
    return c.body(compressed, 200, { ...headers, 'content-encoding': 'gzip' });
  });
  return app;
}

/** Returns whether a client takes gzip: named, or by `*`, and not with a weight of zero (RFC 9110, section 12.5.3). */
function acceptsGzip(header = ''): boolean {
  const weights = new Map(
    header.split(',').map((part) => {
      const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      return [coding, !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))];
    }),
  );
  return weights.get('gzip') ?? weights.get('*') ?? false;
}

/** Returns a file of the built page; undefined if there is no such file or no built page. Cached after its first use. */
function load(file: string): Buffer<ArrayBuffer> | undefined {
  const known = cache.get(file);
  if (known) return known;
  const folder = findPageFolder();
  if (folder === undefined || !existsSync(join(folder, file))) return undefined;
  const content = readFileSync(join(folder, file));
  cache.set(file, content);
  return content;
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
