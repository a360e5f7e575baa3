import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Reader } from './reader.js';
import { sessionDigest, sessionOf, tokenDigest } from './session.js';

/** Variables of a request that the guard has let pass. */
export interface ReaderVariables {
  Variables: { reader: Reader };
}

export interface ReaderGuardOptions {
  /** Returns the reader whose token has this digest, see `tokenDigest()`. Compares in constant time. */
  readonly findByDigest: (digest: Buffer) => Reader | undefined;
  /** Returns the reader that a trusted proxy has named in this request. */
  readonly findByProxy?: (c: Context) => Reader | undefined;
  /** Prefixes of the ingestion paths, which check the API key themselves. */
  readonly exemptPaths: readonly string[];
  /** Path below which the requested page is shown, to redirect to it without the token. */
  readonly basePathOf: (c: Context) => string;
  readonly cookieName: (c: Context) => string;
  /** Where a person gets the token, as a sentence of HTML. */
  readonly advice: string;
  /** The same for a program. */
  readonly detail: string;
}

/**
 * Requires a reader. A token is shown as `Authorization: Bearer …` by programs, as `?token=…` once by a browser. The latter is removed
 * from the address, and a cookie with a value derived from the token remains.
 */
export function readerGuard(options: ReaderGuardOptions): MiddlewareHandler<ReaderVariables> {
  const { findByDigest, findByProxy, exemptPaths } = options;
  return async (c, next) => {
    if (exemptPaths.some((path) => c.req.path.startsWith(path))) return next();
    const fromQuery = c.req.query('token');
    const entering = fromQuery === undefined ? undefined : findByDigest(tokenDigest(fromQuery));
    if (fromQuery !== undefined && entering) {
      setCookie(c, options.cookieName(c), sessionOf(fromQuery), {
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
        secure: isSecure(c),
      });
      if (!c.req.path.startsWith('/api/')) return c.redirect(options.basePathOf(c) + withoutToken(c), 302);
    }
    const reader =
      entering ??
      findByDigest(tokenDigest(bearerOf(c) ?? '')) ??
      findByProxy?.(c) ??
      findByDigest(sessionDigest(getCookie(c, options.cookieName(c)) ?? ''));
    if (reader) {
      c.set('reader', reader);
      return next();
    }
    if (isNavigation(c)) return c.html(document(options.advice), 401);
    return c.json({ detail: options.detail }, 401);
  };
}

/** Returns the token of the header `Authorization: Bearer …`. */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

function document(advice: string): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <meta name="color-scheme" content="light dark" />
  <title>Token required · Trubrics</title>
  <main>
    <h1>Token required</h1>
    <p>${advice}</p>
    <p><a href="">Try again</a></p>
  </main>
</html>
`;
}

/** Returns true if the browser came by TLS. A proxy that ends it says so; a false word would only keep the cookie from plain HTTP. */
function isSecure(c: Context): boolean {
  return c.req.header('x-forwarded-proto') === 'https' || new URL(c.req.url).protocol === 'https:';
}

/** Returns true for a person who opens a view: the page's own requests ask for anything. */
function isNavigation(c: Context): boolean {
  return !c.req.path.startsWith('/api/') && (c.req.header('accept') ?? '').includes('text/html');
}

function withoutToken(c: Context): string {
  const url = new URL(c.req.url);
  url.searchParams.delete('token');
  // `//name/` would lead to another host.
  return url.pathname.replace(/^\/+/, '/') + url.search;
}
