import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { sameSecret } from './same-secret.js';

const COOKIE = 'trubrics_token';

/**
 * Requires the token: as `Authorization: Bearer …` from programs, as `?token=…` once from a browser. The latter is stored in a cookie
 * and removed from the address. `exemptPaths` are prefixes of the ingestion paths, which check the API key themselves.
 */
export function tokenGuard(token: string, exemptPaths: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    if (exemptPaths.some((path) => c.req.path.startsWith(path))) return next();
    const fromQuery = c.req.query('token');
    if (fromQuery !== undefined && sameSecret(fromQuery, token)) {
      setCookie(c, COOKIE, token, { httpOnly: true, sameSite: 'Lax', path: '/' });
      return c.req.path.startsWith('/api/') ? next() : c.redirect(withoutToken(c), 302);
    }
    const given = bearerOf(c) ?? getCookie(c, COOKIE);
    if (given !== undefined && sameSecret(given, token)) return next();
    return c.json({ detail: 'Token required: open the address that the server printed at its start' }, 401);
  };
}

function bearerOf(c: Context): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

function withoutToken(c: Context): string {
  const url = new URL(c.req.url);
  url.searchParams.delete('token');
  return url.pathname + url.search;
}
