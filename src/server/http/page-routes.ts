import { lookUp } from '../../common/unknown-values.js';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Hono, type Context } from 'hono';
import { VIEW_PATHS } from './view-paths.js';
import { withPageSettings, type PageSettings } from './page-settings.js';

/** Files of the page, which `scripts/build.mjs` compresses, and their types. */
const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const;

const CACHED = { 'cache-control': 'no-cache' };
/** A part of the page that is loaded when it is first used. Its name holds the hash of its content. */
const CHUNK = /^\/chunk-[\w-]+\.js$/;
const CACHED_FOR_GOOD = { 'cache-control': 'private, max-age=31536000, immutable' };

let files: ReadonlyMap<string, Buffer<ArrayBuffer>> | undefined;

/** Routes of the built page: one document for all views, and its files. */
export function pageRoutes(settingsOf: (c: Context) => Promise<PageSettings>): Hono {
  const app = new Hono();
  for (const view of VIEW_PATHS)
    app.get(view, async (c) => {
      const page = load('index.html');
      if (page) return c.html(withPageSettings(page.toString(), await settingsOf(c)));
      return c.text(
        'The page is not built: run "npm run build" in the package. The API works without it.',
        503,
      );
    });
  // Relative, so that it holds behind a proxy with a path of its own.
  for (const view of VIEW_PATHS.filter((path) => path !== '/'))
    app.get(`${view}/`, (c) => c.redirect(`..${view}${new URL(c.req.url).search}`, 301));
  app.get('/favicon.svg', (c) => {
    const icon = load('favicon.svg');
    return icon ? c.body(icon, 200, { ...CACHED, 'content-type': 'image/svg+xml' }) : c.notFound();
  });
  app.get('/:file', (c) => {
    const contentType = lookUp<string>(TYPES, extname(c.req.path).slice(1));
    const compressed = contentType === undefined ? undefined : load(`${c.req.path.slice(1)}.gz`);
    if (contentType === undefined || !compressed) return c.notFound();
    const cached = CHUNK.test(c.req.path) ? CACHED_FOR_GOOD : CACHED;
    const headers = { ...cached, 'content-type': contentType, vary: 'accept-encoding' };
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

/** Returns a file of the built page; undefined if there is no such file or no built page. */
function load(file: string): Buffer<ArrayBuffer> | undefined {
  files ??= loadAll();
  return files?.get(file);
}

/**
 * Reads all files of the page at once (about 200 kB): after an update of the package below a running server, the scripts on the disk would
 * not fit to those that were sent before.
 */
function loadAll(): ReadonlyMap<string, Buffer<ArrayBuffer>> | undefined {
  const folder = findPageFolder();
  if (folder === undefined) return undefined;
  return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
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
