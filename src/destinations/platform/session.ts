import type { FetchLike } from '../fetch.js';
import { PlatformRefusal, request, textMember, type PlatformResponse } from './http.js';

export interface SessionOptions {
  readonly email: string;
  readonly password: string;
  readonly firebaseApiKey: string;
  /** Base of the Identity Toolkit. */
  readonly identityUrl: string;
  /** Base of the Secure Token service. */
  readonly tokenUrl: string;
  readonly fetch: FetchLike | undefined;
}

interface Tokens {
  readonly idToken: string;
  readonly refreshToken: string | undefined;
  /** By the monotonic clock: a machine whose clock is wrong still knows how old a token is. */
  readonly refreshAtMs: number;
}

const DEFAULT_LIFETIME_S = 3_600;
/** A token that is refreshed this early is still good when a slow request arrives. */
const REFRESH_EARLY_S = 300;

/** Signs in with email and password when a token is first needed, and keeps a valid one. */
export class FirebaseSession {
  readonly #options: SessionOptions;
  #tokens: Tokens | undefined;
  #renewal: Promise<Tokens> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** @throws {PlatformRefusal} when the account or the key is refused. */
  async token(signal: AbortSignal): Promise<string> {
    if (this.#tokens && performance.now() < this.#tokens.refreshAtMs) return this.#tokens.idToken;
    // Whoever comes meanwhile waits for the same answer.
    this.#renewal ??= this.#renew(signal).finally(() => (this.#renewal = undefined));
    this.#tokens = await this.#renewal;
    return this.#tokens.idToken;
  }

  /** The token was refused although it should be good: the next call gets a new one. */
  forget(token: string): void {
    if (this.#tokens?.idToken === token) this.#tokens = { ...this.#tokens, refreshAtMs: 0 };
  }

  async #renew(signal: AbortSignal): Promise<Tokens> {
    const refreshToken = this.#tokens?.refreshToken;
    if (refreshToken !== undefined) {
      const refreshed = await this.#refresh(refreshToken, signal);
      if (refreshed) return refreshed;
    }
    return this.#signIn(signal);
  }

  async #signIn(signal: AbortSignal): Promise<Tokens> {
    const { email, password, identityUrl } = this.#options;
    const response = await this.#post(
      `${identityUrl}/v1/accounts:signInWithPassword`,
      'application/json',
      JSON.stringify({ email, password, returnSecureToken: true }),
      signal,
    );
    const { body } = response;
    const idToken = textMember(body, 'idToken');
    if (response.status !== 200 || idToken === undefined) throw signInRefusal(response);
    return tokens(idToken, textMember(body, 'refreshToken'), textMember(body, 'expiresIn'));
  }

  /** `undefined`: the refresh token is no longer good, for instance because the password was changed. */
  async #refresh(refreshToken: string, signal: AbortSignal): Promise<Tokens | undefined> {
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
    const type = 'application/x-www-form-urlencoded';
    const { status, body, headers } = await this.#post(
      `${this.#options.tokenUrl}/v1/token`,
      type,
      form.toString(),
      signal,
    );
    const idToken = textMember(body, 'id_token');
    if (status === 200 && idToken !== undefined) {
      return tokens(idToken, textMember(body, 'refresh_token'), textMember(body, 'expires_in'));
    }
    if (status >= 500 || status === 429) {
      throw new PlatformRefusal({ status, headers, reason: 'the token could not be refreshed' });
    }
    return undefined;
  }

  #post(url: string, type: string, body: string, signal: AbortSignal): Promise<PlatformResponse> {
    const { firebaseApiKey, fetch } = this.#options;
    return request(
      {
        method: 'POST',
        url: `${url}?key=${encodeURIComponent(firebaseApiKey)}`,
        headers: { 'content-type': type },
        body,
        signal,
      },
      fetch,
    );
  }
}

function tokens(idToken: string, refreshToken: string | undefined, lifetime: string | undefined): Tokens {
  const seconds = Number(lifetime) || DEFAULT_LIFETIME_S;
  const goodForMs = Math.max(seconds - REFRESH_EARLY_S, seconds / 2) * 1_000;
  return { idToken, refreshToken, refreshAtMs: performance.now() + goodForMs };
}

function signInRefusal({ status, headers, code, body }: PlatformResponse): PlatformRefusal {
  if (status >= 500 || status === 429)
    return new PlatformRefusal({ status, headers, reason: code ?? 'sign-in' });
  if (code?.startsWith('TOO_MANY_ATTEMPTS'))
    return new PlatformRefusal({ status: 429, headers, reason: code });
  // Without Google's code it was not the Identity Toolkit that answered: the account is not to blame.
  if (code === undefined) {
    const reason = `the platform does not sign anybody in (HTTP ${status})`;
    return new PlatformRefusal({ status: 401, reason });
  }
  const isKey = /api.key/i.test(textMember(body, 'error', 'message') ?? '');
  const what = isKey
    ? 'the Firebase web key is not valid'
    : 'wrong email or password, or no such account; sign up at https://trubrics.com/sign-up/';
  return new PlatformRefusal({ status: 401, reason: `${what} (${code})` });
}
