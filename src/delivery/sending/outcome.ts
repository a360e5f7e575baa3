import { withTracingSuppressed } from '../../common/suppress-tracing.js';
import type { Batch, Destination, DestinationResponse, SendContext } from '../../destinations/destination.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';

/** The result of one request, copied from what the destination returned. */
export type Outcome =
  | { readonly type: 'responded'; readonly response: ParsedResponse }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'timed-out'; readonly afterMs: number }
  /** We aborted the request because nobody waits for it any more. It says nothing about the destination. */
  | { readonly type: 'given-up' };

/** Reason with which a request is aborted that nobody waits for. */
export const GIVEN_UP = Symbol('given up');

/** A response with checked fields. `status` is NaN if the response could not be read. */
export interface ParsedResponse {
  readonly status: number;
  readonly retryAfter?: string;
  readonly rejected: readonly number[];
  readonly reason?: string;
}

const MAX_REASON_LENGTH = 300;

/**
 * Makes one request. Ends after `timeoutMs` or on `abort`, even if `send` ignores its signal or never settles. Never rejects.
 */
export async function attempt(
  destination: Destination,
  batch: Batch,
  timeoutMs: number,
  abort: AbortController,
  runtime: DeliveryRuntime,
  onRelease?: SendContext['onRelease'],
): Promise<Outcome> {
  const startedMs = runtime.now();
  const timer = runtime.setTimer(() => abort.abort(), timeoutMs, false);
  const aborted = new Promise<Outcome>((resolve) => {
    // Registered before `send` can register a listener, so that the timeout wins over the rejection that it causes.
    abort.signal.addEventListener('abort', () => {
      if (abort.signal.reason === GIVEN_UP) resolve({ type: 'given-up' });
      else resolve({ type: 'timed-out', afterMs: Math.round(runtime.now() - startedMs) });
    });
  });
  const outcome = await Promise.race([
    request(destination, batch, { signal: abort.signal, ...(onRelease && { onRelease }) }),
    aborted,
  ]);
  runtime.clearTimer(timer);
  return outcome;
}

async function request(destination: Destination, batch: Batch, context: SendContext): Promise<Outcome> {
  let response: DestinationResponse | void;
  try {
    response = await withTracingSuppressed(() => destination.send(batch, context));
  } catch (error) {
    return { type: 'failed', error: describeError(error) };
  }
  return parseResponse(response);
}

/** Reads each field of a response once. `undefined` counts as a 200. Never throws. */
export function parseResponse(returned: DestinationResponse | void): Outcome {
  if (returned === undefined) return { type: 'responded', response: { status: 200, rejected: [] } };
  try {
    const { status, rejected } = returned;
    if (typeof status !== 'number') return UNREADABLE;
    const reason: unknown = returned.reason;
    const retryAfter: unknown = returned.headers?.get('retry-after');
    return {
      type: 'responded',
      response: {
        status,
        rejected: Array.isArray(rejected) ? rejected.filter((index) => Number.isInteger(index)) : [],
        ...(typeof retryAfter === 'string' && { retryAfter }),
        ...(typeof reason === 'string' && { reason: oneLine(reason) }),
      },
    };
  } catch {
    return UNREADABLE;
  }
}

const UNREADABLE: Outcome = {
  type: 'responded',
  response: {
    status: Number.NaN,
    rejected: [],
    reason: 'send() returned something that is not an answer',
  },
};

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Returns the HTTP status for the metrics. `undefined` without one, and for the 0 of a browser. */
export function statusOf(outcome: Outcome): number | undefined {
  return outcome.type === 'responded' && outcome.response.status > 0 ? outcome.response.status : undefined;
}

/** Returns the `error.type` for the metrics, one of a small set of values. `undefined` if all was delivered. */
export function errorTypeOf(outcome: Outcome): string | undefined {
  if (outcome.type === 'failed') return outcome.error;
  if (outcome.type === 'timed-out') return 'timeout';
  if (outcome.type === 'given-up') return 'aborted';
  const { status, rejected } = outcome.response;
  if (!isSuccess(status)) return String(status);
  return rejected.length > 0 ? 'rejected' : undefined;
}

/** Messages of the fetch implementations of Node.js, browsers, Deno and Bun when there was no connection. */
const NO_CONNECTION =
  /^(?:fetch failed|failed to fetch|load failed|networkerror when |error sending request|unable to connect)/i;
/** Causes that have a message but no code, and what they are called here. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/^bad port$/i, 'bad port'],
  [/^unknown scheme$/i, 'unknown scheme'],
  [/connection refused/i, 'ECONNREFUSED'],
  [/connection reset/i, 'ECONNRESET'],
  [/dns error|failed to lookup|name resolution/i, 'ENOTFOUND'],
  [/certificate/i, 'certificate not accepted'],
];

/** Returns the cause of an error: a code, else a known cause, else its class. Never its message, which may quote what was being sent. */
export function describeError(error: unknown): string {
  try {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = codeOf(error) ?? codeOf(cause) ?? codeOf(firstErrorOf(cause) ?? firstErrorOf(error));
    if (code) return code;
    const text = [error, cause].map((each) => (each instanceof Error ? each.message : '')).join('\n');
    if (error instanceof TypeError) {
      const known = CAUSES.find(([pattern]) => text.split('\n').some((line) => pattern.test(line)));
      if (known && NO_CONNECTION.test(error.message)) return known[1];
      return NO_CONNECTION.test(error.message) ? 'no connection' : 'TypeError in send()';
    }
    const name: unknown = error instanceof Error ? error.name : undefined;
    return typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : 'unknown error';
  } catch {
    return 'unknown error';
  }
}

/** An AggregateError is what Node.js throws when no address of a host accepts a connection. */
function firstErrorOf(error: unknown): unknown {
  return error instanceof AggregateError ? (error.errors as readonly unknown[])[0] : undefined;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[A-Z]\w{1,40}$/.test(code) ? code : undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, MAX_REASON_LENGTH);
}
