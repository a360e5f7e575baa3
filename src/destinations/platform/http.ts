import type { DestinationResponse } from '../destination.js';
import { fetchInit, untracedFetch, type FetchLike } from '../http/fetch.js';
import { readBriefly } from '../http/response-body.js';

/** The platform said no, in the terms in which a destination answers. Its message holds neither credentials nor content. */
export class PlatformRefusal extends Error {
  override readonly name = 'PlatformRefusal';
  readonly answer: DestinationResponse & { readonly reason: string };

  constructor(answer: DestinationResponse & { readonly reason: string }) {
    super(answer.reason);
    this.answer = answer;
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
  /** The body as JSON, `undefined` when it is none. */
  readonly body: unknown;
  /** The error code that Google's services name, for instance `ALREADY_EXISTS` or `INVALID_PASSWORD`. */
  readonly code: string | undefined;
}

/** There is no connection. What `fetch` threw is not passed on: it may quote the address, and the key in it. */
export class PlatformUnreachable extends Error {
  override readonly name = 'PlatformUnreachable';
  readonly code: string;

  constructor(code: string) {
    super(`the platform cannot be reached (${code})`);
    this.code = code;
  }
}

/** @throws {PlatformUnreachable} when there is no connection. */
export async function request(
  { method, url, headers, body, signal }: PlatformRequest,
  customFetch: FetchLike | undefined,
): Promise<PlatformResponse> {
  const fetch = customFetch ?? untracedFetch();
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
  const json = parse(await readBriefly(response));
  return { status: response.status, headers: response.headers, body: json, code: codeOf(json) };
}

/** A member of something that a server sent. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** The first member that is text. */
export function textMember(value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** A short name for what went wrong, from a small set of values. */
function errorCode(error: unknown): string {
  const code = textMember(error, 'code') ?? textMember(error, 'cause', 'code') ?? textMember(error, 'name');
  return code !== undefined && /^\w{1,40}$/.test(code) ? code : 'unknown error';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(body: unknown): string | undefined {
  // Identity Toolkit puts its code at the beginning of the message, Firestore into the status.
  const message = textMember(body, 'error', 'message') ?? '';
  const code = /^[A-Z]{2,30}(?:_[A-Z]{1,30}){1,8}\b/.exec(message)?.[0];
  return code ?? /^[A-Z_]{3,60}$/.exec(textMember(body, 'error', 'status') ?? '')?.[0];
}
