import type { Context } from 'hono';

/** Path to which the form of the sign-in page posts, below the path at which the page is shown. */
export const SIGN_IN_PATH = '/sign-in';

/** Longest body of the form: a token and a path. */
const MAX_BYTES = 16 * 1024;

/** Headers of the sign-in page: its form posts to this server, which the policy of all other pages forbids. */
export const SIGN_IN_HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  // With `no-referrer`, a browser sends its form with `Origin: null` (Fetch Standard, "append a request Origin header").
  'referrer-policy': 'same-origin',
} as const;

/** Contents of the submitted form. */
export interface SignIn {
  readonly token: string;
  /** Path of this server to go on to. */
  readonly next: string;
}

/** Reads the form. Returns undefined if the body is something else. */
export async function readSignIn(c: Context): Promise<SignIn | undefined> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  const length = Number(c.req.header('content-length') ?? Number.NaN);
  if (type !== 'application/x-www-form-urlencoded' || !(length <= MAX_BYTES)) return undefined;
  const form = new URLSearchParams(await c.req.text());
  return { token: form.get('token')?.trim() ?? '', next: localPath(form.get('next') ?? '/') };
}

/**
 * Returns a path of this server, as a header can carry it. `//host/` would lead to another one, and so would what browsers read as that:
 * `/\host/`, `/.//host/`, and either with a tab in it.
 */
export function localPath(path: string): string {
  const { pathname, search } = new URL(`/${path.replace(/^[/\\\s]+/, '')}`, 'http://localhost');
  return `/${pathname.replace(/^\/+/, '')}${search}`;
}

export interface SignInPage {
  /** Address that the form posts to. */
  readonly action: string;
  readonly next: string;
  /** Advice for people on how to get the token, as a sentence of HTML. */
  readonly advice: string;
  /** True if a token was sent that is not known. */
  readonly isWrong: boolean;
}

/** Returns the document that asks for a token. */
export function signInPage({ action, next, advice, isWrong }: SignInPage): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <meta name="color-scheme" content="light dark" />
  <title>Token required · Trubrics</title>
  <main>
    <h1>Token required</h1>
    <p>${advice}</p>
    ${isWrong ? '<p role="alert"><strong>This token is not known.</strong></p>' : ''}
    <form method="post" action="${escape(action)}">
      <p>
        <label for="token">Token</label>
        <input id="token" name="token" type="password" required autocomplete="current-password" />
        <input type="hidden" name="next" value="${escape(next)}" />
        <button type="submit">Sign in</button>
      </p>
    </form>
  </main>
</html>
`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
