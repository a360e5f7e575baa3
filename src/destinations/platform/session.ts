import type { FetchLike } from '../http/fetch.js';
import { PlatformRefusal, request, textMember, type PlatformResponse } from './http.js';

export interface SessionOptions {
  readonly email: string;
  readonly password: string;
  readonly firebaseApiKey: string;
  /** Base URL of the Identity Toolkit. */
  readonly identityUrl: string;
  /** Base URL of the Secure Token service. */
  readonly tokenUrl: string;
  readonly fetch: FetchLike | undefined;
}

interface Tokens {
  readonly idToken: string;
  /** Email of the account as the service spells it. */
  readonly email: string;
  readonly refreshToken: string | undefined;
  /** Time of the monotonic clock, so that a wrong system clock does not matter. */
  readonly refreshAtMs: number;
}

const DEFAULT_LIFETIME_S = 3_600;
/** Time before the expiry at which a token is refreshed, so that it is still valid when a slow request arrives. */
const REFRESH_EARLY_S = 300;

/** Signs in with email and password when a token is first needed, and refreshes the token before it expires. */
export class FirebaseSession {
  readonly #options: SessionOptions;
  #tokens: Tokens | undefined;
  #renewal: Promise<Tokens> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /**
   * Returns a valid token.
   *
   * @throws {PlatformRefusal} if the account or the key is refused.
   */
  async token(signal: AbortSignal): Promise<string> {
    return (await this.#validTokens(signal)).idToken;
  }

  /**
   * Returns the email as the service spells it, because organisations list it so: `Ada@Example.com` can sign in as `ada@example.com`.
   *
   * @throws {PlatformRefusal} if the account or the key is refused.
   */
  async email(signal: AbortSignal): Promise<string> {
    return (await this.#validTokens(signal)).email;
  }

  /** Call if the token was refused although it should be valid: the next call of `token()` returns a new one. */
  invalidate(token: string): void {
    if (this.#tokens?.idToken === token) this.#tokens = { ...this.#tokens, refreshAtMs: 0 };
  }

  async #validTokens(signal: AbortSignal): Promise<Tokens> {
    if (this.#tokens && performance.now() < this.#tokens.refreshAtMs) return this.#tokens;
    // Concurrent calls share one request.
    this.#renewal ??= this.#renew(signal).finally(() => (this.#renewal = undefined));
    this.#tokens = await this.#renewal;
    return this.#tokens;
  }

  async #renew(signal: AbortSignal): Promise<Tokens> {
    return (this.#tokens && (await this.#refresh(this.#tokens, signal))) ?? this.#signIn(signal);
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
    return {
      idToken,
      email: textMember(body, 'email') ?? email,
      refreshToken: textMember(body, 'refreshToken'),
      refreshAtMs: refreshTime(textMember(body, 'expiresIn')),
    };
  }

  /** Returns `undefined` if the refresh token is no longer valid, for instance because the password was changed. */
  async #refresh({ email, refreshToken }: Tokens, signal: AbortSignal): Promise<Tokens | undefined> {
    if (refreshToken === undefined) return undefined;
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
      return {
        idToken,
        email,
        refreshToken: textMember(body, 'refresh_token'),
        refreshAtMs: refreshTime(textMember(body, 'expires_in')),
      };
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

function refreshTime(lifetime: string | undefined): number {
  const seconds = Number(lifetime) || DEFAULT_LIFETIME_S;
  return performance.now() + Math.max(seconds - REFRESH_EARLY_S, seconds / 2) * 1_000;
}

function signInRefusal({ status, headers, code, body }: PlatformResponse): PlatformRefusal {
  if (status >= 500 || status === 429)
    return new PlatformRefusal({ status, headers, reason: code ?? 'sign-in' });
  if (code?.startsWith('TOO_MANY_ATTEMPTS'))
    return new PlatformRefusal({ status: 429, headers, reason: code });
  // Without an error code of Google, another server answered: the account may be right.
  const reason =
    code === undefined
      ? `the platform does not sign anybody in (HTTP ${status})`
      : `${whyRefused(code, textMember(body, 'error', 'message') ?? '')} (${code})`;
  return new PlatformRefusal({ status: 401, reason });
}

function whyRefused(code: string, message: string): string {
  if (/api.key/i.test(message)) return 'the Firebase web key is not valid';
  if (code === 'USER_DISABLED') return 'the account is disabled';
  return 'wrong email or password, or no such account; sign up at https://trubrics.com/sign-up/';
}
