import { parseJson } from '../../common/unknown-values.js';
import type { DestinationResponse } from '../destination.js';
import { fetchInit, unpatchedFetch, type FetchLike } from '../http/fetch.js';
import { readBriefly } from '../http/response-body.js';

/** A refusal by the platform, as the response that a destination resolves with. Its message has neither credentials nor content. */
export class PlatformRefusal extends Error {
  override readonly name = 'PlatformRefusal';
  readonly response: DestinationResponse & { readonly reason: string };

  constructor(response: DestinationResponse & { readonly reason: string }) {
    super(response.reason);
    this.response = response;
  }
}

export interface PlatformRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface PlatformResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; `undefined` if it is not JSON. */
  readonly body: unknown;
  /** Error code of Google's services, for instance `ALREADY_EXISTS` or `INVALID_PASSWORD`. */
  readonly code: string | undefined;
}

/** A failed connection. Does not contain the error of `fetch`, which may quote the address with the key. */
export class PlatformUnreachable extends Error {
  override readonly name = 'PlatformUnreachable';
  readonly code: string;

  constructor(code: string) {
    super(`the platform cannot be reached (${code})`);
    this.code = code;
  }
}

/**
 * Sends one request and reads its response.
 *
 * @throws {PlatformUnreachable} if there is no connection.
 */
export async function request(
  { method, url, headers, body, signal }: PlatformRequest,
  customFetch: FetchLike | undefined,
): Promise<PlatformResponse> {
  const fetch = customFetch ?? unpatchedFetch();
  const init: RequestInit = {
    ...fetchInit(),
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
    redirect: 'manual',
    signal,
  };
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new PlatformUnreachable(errorCode(error));
  }
  const json = parseJson(await readBriefly(response));
  return { status: response.status, headers: response.headers, body: json, code: codeOf(json) };
}

/** Returns the member at `path` of a parsed body; `undefined` if there is none. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** Returns the member at `path` if it is a string. */
export function textMember(value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** Returns the code or the class of an error, for instance `ECONNREFUSED`: a low-cardinality value for metrics. */
function errorCode(error: unknown): string {
  const code = textMember(error, 'code') ?? textMember(error, 'cause', 'code') ?? textMember(error, 'name');
  return code !== undefined && /^\w{1,40}$/.test(code) ? code : 'unknown error';
}

function codeOf(body: unknown): string | undefined {
  // Identity Toolkit has its code at the beginning of `message`, Firestore in `status`.
  const message = textMember(body, 'error', 'message') ?? '';
  const code = /^[A-Z]{2,30}(?:_[A-Z]{1,30}){1,8}\b/.exec(message)?.[0];
  return code ?? /^[A-Z_]{3,60}$/.exec(textMember(body, 'error', 'status') ?? '')?.[0];
}
