import { createHmac } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { sameSecret } from './same-secret.js';

const REQUIRED = 'Token required: open the address that the server printed at its start';
const DOCUMENT = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <meta name="color-scheme" content="light dark" />
  <title>Token required · Trubrics</title>
  <main>
    <h1>Token required</h1>
    <p>Open the address that the server printed at its start: it ends in <code>?token=…</code></p>
    <p><a href="">Try again</a></p>
  </main>
</html>
`;

/**
 * Requires the token: as `Authorization: Bearer …` from programs, as `?token=…` once from a browser. The latter is removed from the
 * address, and a cookie with a value derived from the token remains. Browsers share cookies between ports, so each has its own. `exemptPaths` are prefixes of the ingestion paths, which check the API key themselves.
 */
export function tokenGuard(token: string, exemptPaths: readonly string[], basePath = ''): MiddlewareHandler {
  const session = createHmac('sha256', token).update('trubrics session').digest('base64url');
  return async (c, next) => {
    if (exemptPaths.some((path) => c.req.path.startsWith(path))) return next();
    const fromQuery = c.req.query('token');
    if (fromQuery !== undefined && sameSecret(fromQuery, token)) {
      setCookie(c, cookieOf(c), session, { httpOnly: true, sameSite: 'Lax', path: '/' });
      return c.req.path.startsWith('/api/') ? next() : c.redirect(basePath + withoutToken(c), 302);
    }
    if (sameSecret(bearerOf(c) ?? '', token) || sameSecret(getCookie(c, cookieOf(c)) ?? '', session))
      return next();
    if (isNavigation(c)) return c.html(DOCUMENT, 401);
    return c.json({ detail: REQUIRED }, 401);
  };
}

/** Returns true for a person who opens a view: the page's own requests ask for anything. */
function isNavigation(c: Context): boolean {
  return !c.req.path.startsWith('/api/') && (c.req.header('accept') ?? '').includes('text/html');
}

function cookieOf(c: Context): string {
  return `trubrics_session_${new URL(c.req.url).port || 'default'}`;
}

function bearerOf(c: Context): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

function withoutToken(c: Context): string {
  const url = new URL(c.req.url);
  url.searchParams.delete('token');
  // `//name/` would lead to another host.
  return url.pathname.replace(/^\/+/, '/') + url.search;
}
