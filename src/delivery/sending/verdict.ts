import type { DeliveryLog } from '../accounting/delivery-log.js';
import type { SettlementCounts } from '../accounting/settlement-counts.js';
import type { SettlementTracker } from '../accounting/settlement-tracker.js';
import type { QueuedEntry } from '../model/queued-entry.js';
import type { DropReason } from '../model/settlement.js';
import type { EntryQueue } from '../queue/entry-queues.js';
import type { BreakerFailure, Breakers, Probes } from './backoff-breaker.js';
import { isSuccess, type Outcome, type ParsedResponse } from './outcome.js';
import { parseRetryAfter } from './retry-after.js';

/*
 * The fate of an entry. `accept()` encodes it and drops it at once if it cannot be sent. Otherwise it waits in the spool or in memory,
 * where it can still be dropped: on overflow, on expiry, at shutdown. Then it is sent in a batch, and the result decides:
 *
 *     2xx                                             deliver       but drop the entries that the response rejects
 *     no connection, timeout, 408, 425, 429, 5xx      retry         the whole batch, after a backoff
 *     our own abort, because a flush gave up           give-back     later, unchanged; says nothing about the destination
 *     401, 403                                        unauthorized  retry the whole batch, once a minute
 *     413                                             split         send smaller batches; drop a single entry
 *     400, 422                                        bisect        find the bad entries, drop them, send the others again
 *     all others (redirects, 404, 501, 505 …)         drop          the whole batch
 *
 * `classify()` chooses the row, `applyVerdict()` carries it out. Every entry is settled exactly once.
 */

/** The meaning of an outcome for its batch and for later requests. `error` is for people: short, without content. */
export type Verdict =
  | { readonly action: 'deliver'; readonly rejected: readonly number[] }
  | ({ readonly action: 'retry'; readonly error: string } & BreakerFailure)
  | { readonly action: 'give-back' }
  | { readonly action: 'unauthorized'; readonly error: string }
  | { readonly action: 'split'; readonly error: string }
  | { readonly action: 'bisect'; readonly error: string; readonly rejected: readonly number[] }
  | { readonly action: 'drop'; readonly error: string; readonly reason: DropReason };

const RETRYABLE_CLIENT_ERRORS = new Set([408, 425, 429]);
/** Not implemented, and HTTP version not supported: a retry does not change them. */
const PERMANENT_SERVER_ERRORS = new Set([501, 505]);
/** Statuses about load or the whole service, not about one path. */
const WHOLE_SERVICE = new Set([429, 503]);

export function classify(outcome: Outcome, nowMs: number): Verdict {
  switch (outcome.type) {
    case 'failed':
      return { action: 'retry', scope: 'destination', error: outcome.error };
    case 'timed-out':
      return { action: 'retry', scope: 'kind', error: `no answer within ${outcome.afterMs} ms` };
    case 'given-up':
      return { action: 'give-back' };
    case 'responded':
      return classifyResponse(outcome.response, nowMs);
    default: {
      const unreachable: never = outcome;
      return unreachable;
    }
  }
}

function classifyResponse(response: ParsedResponse, nowMs: number): Verdict {
  const { status, rejected } = response;
  const error = describe(response);
  if (isSuccess(status)) return { action: 'deliver', rejected };
  if (isRetryable(status)) {
    const retryAfterMs = parseRetryAfter(response.retryAfter, nowMs);
    const scope = WHOLE_SERVICE.has(status) || retryAfterMs !== undefined ? 'destination' : 'kind';
    return { action: 'retry', scope, error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status === 401 || status === 403) return { action: 'unauthorized', error };
  if (status === 413) return { action: 'split', error };
  if (status === 400 || status === 422) return { action: 'bisect', error, rejected };
  return { action: 'drop', error, reason: isRedirect(status) ? 'redirect' : 'http_error' };
}

function isRetryable(status: number): boolean {
  if (RETRYABLE_CLIENT_ERRORS.has(status)) return true;
  return status >= 500 && status < 600 && !PERMANENT_SERVER_ERRORS.has(status);
}

function isRedirect(status: number): boolean {
  // With `redirect: 'manual'`, a browser reports a redirect as status 0.
  return status === 0 || (status >= 300 && status < 400);
}

function describe({ status, reason }: ParsedResponse): string {
  if (Number.isNaN(status)) return reason ?? 'no status';
  return reason ? `HTTP ${status}: ${reason}` : `HTTP ${status}`;
}

/** A batch in a request. */
export interface InFlightBatch {
  readonly queue: EntryQueue;
  readonly entries: readonly QueuedEntry[];
  readonly probes: Probes;
  readonly abort: AbortController;
  /** Lets the process end although the request is in flight. Returns false if that is not possible. */
  release?: () => boolean;
}

/** Collaborators that {@link applyVerdict} updates. */
export interface VerdictContext {
  readonly breakers: Breakers;
  readonly counts: SettlementCounts;
  readonly tracker: SettlementTracker;
  readonly log: DeliveryLog;
}

/** Settles the entries of a batch or gives them back to their queue, and tells the breakers the result. */
export function applyVerdict(batch: InFlightBatch, verdict: Verdict, context: VerdictContext): void {
  const { queue, entries, probes } = batch;
  const { breakers, counts, tracker, log } = context;
  switch (verdict.action) {
    case 'retry':
      queue.giveBack(entries);
      breakers.onFailure(queue.kind, probes, verdict);
      return log.onRetry(verdict.error, counts.inMemoryCount);
    case 'give-back':
      queue.giveBack(entries);
      return breakers.onInconclusive(queue.kind, probes);
    case 'unauthorized':
      queue.giveBack(entries);
      breakers.onUnauthorized(queue.kind, probes);
      return log.onUnauthorized(verdict.error, counts.inMemoryCount);
    case 'deliver':
      breakers.onSuccess(queue.kind, probes);
      return deliver(entries, verdict.rejected, context);
    case 'split':
      breakers.onSuccess(queue.kind, probes);
      if (entries.length > 1) return queue.giveBackSmaller(entries);
      return dropAll(entries, 'too_large', verdict.error, tracker);
    case 'bisect': {
      breakers.onSuccess(queue.kind, probes);
      const { bad, retry } = bisectBatch(entries, verdict.rejected);
      for (const part of retry) queue.giveBack(part);
      return dropAll(bad, 'invalid', verdict.error, tracker);
    }
    case 'drop':
      breakers.onSuccess(queue.kind, probes);
      return dropAll(entries, verdict.reason, verdict.error, tracker);
    default: {
      const unreachable: never = verdict;
      return unreachable;
    }
  }
}

function deliver(
  entries: readonly QueuedEntry[],
  rejected: readonly number[],
  { breakers, counts, tracker, log }: VerdictContext,
): void {
  let index = 0;
  for (const entry of entries) {
    if (rejected.includes(index)) tracker.drop(entry, 'invalid');
    else tracker.deliver(entry);
    index += 1;
  }
  if (breakers.state === 'sending') log.onRecovered(counts.inMemoryCount);
}

function dropAll(
  entries: readonly QueuedEntry[],
  reason: DropReason,
  error: string,
  tracker: SettlementTracker,
): void {
  for (const entry of entries) tracker.drop(entry, reason, error);
}

/** The parts of a batch that was refused because of its content. */
export interface BisectedBatch<T> {
  readonly bad: readonly T[];
  /** Batches to be sent again. */
  readonly retry: readonly (readonly T[])[];
}

/**
 * Separates the bad items from the good ones: by the rejected indexes if the response names them, otherwise by halving. One bad item in
 * a batch of 100 costs at most 15 requests: the refused one, and two for each of seven halvings.
 */
export function bisectBatch<T>(items: readonly T[], rejected: readonly number[]): BisectedBatch<T> {
  const named = new Set(rejected.filter((index) => index >= 0 && index < items.length));
  if (named.size > 0) {
    const good = items.filter((_, index) => !named.has(index));
    return { bad: items.filter((_, index) => named.has(index)), retry: good.length > 0 ? [good] : [] };
  }
  if (items.length <= 1) return { bad: items, retry: [] };
  const middle = Math.ceil(items.length / 2);
  return { bad: [], retry: [items.slice(0, middle), items.slice(middle)] };
}
