import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Reader } from './reader.js';
import { localPath, readSignIn, SIGN_IN_HEADERS, SIGN_IN_PATH, signInPage } from './sign-in.js';
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
  /** Advice for people on how to get the token, as a sentence of HTML. */
  readonly advice: string;
  /** Advice for programs. */
  readonly detail: string;
}

/**
 * Requires a reader. A token is shown as `Authorization: Bearer …` by programs, by the form of the sign-in page or as `?token=…` once by a browser. The
 * latter is removed from the address. A cookie with a value derived from the token remains.
 */
export function readerGuard(options: ReaderGuardOptions): MiddlewareHandler<ReaderVariables> {
  const { findByDigest, findByProxy, exemptPaths } = options;
  return async (c, next) => {
    if (exemptPaths.some((path) => c.req.path.startsWith(path))) return next();
    if (c.req.method === 'POST' && c.req.path === SIGN_IN_PATH) return signIn(c, options);
    const fromQuery = c.req.query('token');
    const entering = fromQuery === undefined ? undefined : findByDigest(tokenDigest(fromQuery));
    if (fromQuery !== undefined && entering) {
      beginSession(c, options, fromQuery);
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
    if (isNavigation(c))
      return askForToken(c, options, withoutToken(c), entering === undefined && fromQuery !== undefined);
    return c.json({ detail: options.detail }, 401);
  };
}

async function signIn(c: Context, options: ReaderGuardOptions): Promise<Response> {
  const sent = await readSignIn(c);
  if (!sent) return c.json({ detail: 'The form of the sign-in page is expected here' }, 400);
  if (!options.findByDigest(tokenDigest(sent.token))) return askForToken(c, options, sent.next, true);
  beginSession(c, options, sent.token);
  return c.redirect(options.basePathOf(c) + sent.next, 303);
}

function beginSession(c: Context, options: ReaderGuardOptions, token: string): void {
  setCookie(c, options.cookieName(c), sessionOf(token), {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: isSecure(c),
  });
}

function askForToken(c: Context, options: ReaderGuardOptions, next: string, isWrong: boolean): Response {
  const action = options.basePathOf(c) + SIGN_IN_PATH;
  return c.html(signInPage({ action, next, advice: options.advice, isWrong }), 401, SIGN_IN_HEADERS);
}

/** Returns the token of the header `Authorization: Bearer …`. */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
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
  return localPath(url.pathname) + url.search;
}
