import type { DestinationResponse, Batch, Destination } from '../../destinations/destination.js';
import { describeError, type Outcome, parseResponse } from './outcome.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import { withTracingSuppressed } from '../runtime/with-tracing-suppressed.js';

/**
 * Makes one request. Never rejects, and ends when `timeoutMs` have passed or `abort` is used, also when `send` ignores its signal or never
 * settles.
 */
export async function attempt(
  destination: Destination,
  batch: Batch,
  timeoutMs: number,
  abort: AbortController,
  runtime: DeliveryRuntime,
): Promise<Outcome> {
  const startedMs = runtime.now();
  const timer = runtime.setTimer(() => abort.abort(), timeoutMs, false);
  const aborted = new Promise<Outcome>((resolve) => {
    // Registered before `send` can register anything: the timeout wins over the rejection that it causes.
    abort.signal.addEventListener('abort', () => {
      // Not `timeoutMs`: a flush that gives up may have ended it sooner.
      resolve({ type: 'timed-out', afterMs: Math.round(runtime.now() - startedMs) });
    });
  });
  const outcome = await Promise.race([answerOf(destination, batch, abort.signal), aborted]);
  runtime.clearTimer(timer);
  return outcome;
}

async function answerOf(destination: Destination, batch: Batch, signal: AbortSignal): Promise<Outcome> {
  let answer: DestinationResponse | void;
  try {
    answer = await withTracingSuppressed(() => destination.send(batch, { signal }));
  } catch (error) {
    return { type: 'failed', error: describeError(error) };
  }
  return parseResponse(answer);
}
