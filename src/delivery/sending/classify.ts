import type { Outcome, ParsedResponse } from './outcome.js';
import { parseRetryAfter } from './retry-after.js';
import type { DropReason } from '../model/settlement.js';

/** What an outcome means for the batch, and for the traffic after it. `error` is for people: short, without content. */
export type Verdict =
  | { readonly action: 'deliver'; readonly rejected: readonly number[] }
  | {
      readonly action: 'retry';
      readonly error: string;
      /** Whether all of the destination is troubled, or perhaps only the path of this lane. */
      readonly scope: 'destination' | 'lane';
      readonly retryAfterMs?: number;
    }
  | { readonly action: 'park'; readonly error: string }
  | { readonly action: 'split'; readonly error: string }
  | { readonly action: 'isolate'; readonly error: string; readonly rejected: readonly number[] }
  | { readonly action: 'drop'; readonly error: string; readonly reason: DropReason };

const TRY_LATER = new Set([408, 425, 429]);
/** Not implemented, and HTTP version not supported: the server will not learn it by tomorrow. */
const PERMANENT_SERVER_ERRORS = new Set([501, 505]);
/** These speak of load or of the whole service, not of one path. */
const WHOLE_SERVICE = new Set([429, 503]);

export function classify(outcome: Outcome, nowMs: number): Verdict {
  switch (outcome.type) {
    case 'failed':
      return { action: 'retry', scope: 'destination', error: outcome.error };
    case 'timed-out':
      return { action: 'retry', scope: 'lane', error: `no answer within ${outcome.afterMs} ms` };
    case 'answered':
      return classifyAnswer(outcome.answer, nowMs);
    default: {
      const unreachable: never = outcome;
      return unreachable;
    }
  }
}

function classifyAnswer(answer: ParsedResponse, nowMs: number): Verdict {
  const { status, rejected } = answer;
  const error = describe(answer);
  if (status >= 200 && status < 300) return { action: 'deliver', rejected };
  if (TRY_LATER.has(status) || (status >= 500 && status < 600 && !PERMANENT_SERVER_ERRORS.has(status))) {
    const retryAfterMs = parseRetryAfter(answer.retryAfter, nowMs);
    const scope = WHOLE_SERVICE.has(status) || retryAfterMs !== undefined ? 'destination' : 'lane';
    return { action: 'retry', scope, error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status === 401 || status === 403) return { action: 'park', error };
  if (status === 413) return { action: 'split', error };
  if (status === 400 || status === 422) return { action: 'isolate', error, rejected };
  return { action: 'drop', error, reason: isRedirect(status) ? 'redirect' : 'http_error' };
}

function isRedirect(status: number): boolean {
  // A browser shows a redirect that it was told not to follow as status 0.
  return status === 0 || (status >= 300 && status < 400);
}

function describe({ status, reason }: ParsedResponse): string {
  if (Number.isNaN(status)) return reason ?? 'no status';
  return reason ? `HTTP ${status}: ${reason}` : `HTTP ${status}`;
}
