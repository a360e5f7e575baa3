import type { DestinationResponse } from '../../destinations/destination.js';

/** What came of one request, copied out of whatever the destination returned. */
export type Outcome =
  | { readonly type: 'answered'; readonly answer: ParsedResponse }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'timed-out'; readonly afterMs: number };

export interface ParsedResponse {
  readonly status: number;
  readonly retryAfter?: string;
  readonly rejected: readonly number[];
  readonly reason?: string;
}

const LONGEST_REASON = 200;

/** Reads an answer once. Nothing returned is a 200; an answer without a status is none. */
export function parseResponse(returned: DestinationResponse | void): Outcome {
  if (returned === undefined) return { type: 'answered', answer: { status: 200, rejected: [] } };
  try {
    const { status, rejected } = returned;
    if (typeof status !== 'number') return unreadable;
    const reason: unknown = returned.reason;
    const retryAfter: unknown = returned.headers?.get('retry-after');
    return {
      type: 'answered',
      answer: {
        status,
        rejected: Array.isArray(rejected) ? rejected.filter((index) => Number.isInteger(index)) : [],
        ...(typeof retryAfter === 'string' && { retryAfter }),
        ...(typeof reason === 'string' && { reason: oneLine(reason) }),
      },
    };
  } catch {
    return unreadable;
  }
}

const unreadable: Outcome = {
  type: 'answered',
  answer: { status: Number.NaN, rejected: [], reason: 'send() returned something that is not an answer' },
};

/** Names an error by its code or class. Its message is left out: it may quote what was being sent. */
export function describeError(error: unknown): string {
  try {
    const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
    if (code) return code;
    const name: unknown = error instanceof Error ? error.name : undefined;
    return typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : 'unknown error';
  } catch {
    return 'unknown error';
  }
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, LONGEST_REASON);
}
