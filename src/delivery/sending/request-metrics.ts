import type { Verdict } from './classify.js';
import type { Outcome } from './outcome.js';

/** The HTTP status, as an attribute; a browser's 0 and an answer without one are none. */
export function statusOf(outcome: Outcome): number | undefined {
  return outcome.type === 'answered' && outcome.answer.status > 0 ? outcome.answer.status : undefined;
}

/** What went wrong with a request, from a small set of values. */
export function errorTypeOf(outcome: Outcome, verdict: Verdict): string | undefined {
  if (verdict.action === 'deliver') return verdict.rejected.length > 0 ? 'rejected' : undefined;
  if (outcome.type === 'timed-out') return 'timeout';
  return outcome.type === 'failed' ? outcome.error : String(outcome.answer.status);
}
