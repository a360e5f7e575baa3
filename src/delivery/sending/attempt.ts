import type { DestinationResponse, Batch, Destination } from '../../destinations/destination.js';
import { describeError, type Outcome, parseResponse } from './outcome.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import { withTracingSuppressed } from '../runtime/with-tracing-suppressed.js';

/**
 * Makes one request. Ends after `timeoutMs` or on `abort`, even if `send` ignores its signal or never settles. Never rejects.
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
    // Registered before `send` can register a listener, so that the timeout wins over the rejection that it causes.
    abort.signal.addEventListener('abort', () => {
      // Measured, because a flush that gives up aborts before `timeoutMs`.
      resolve({ type: 'timed-out', afterMs: Math.round(runtime.now() - startedMs) });
    });
  });
  const outcome = await Promise.race([request(destination, batch, abort.signal), aborted]);
  runtime.clearTimer(timer);
  return outcome;
}

async function request(destination: Destination, batch: Batch, signal: AbortSignal): Promise<Outcome> {
  let response: DestinationResponse | void;
  try {
    response = await withTracingSuppressed(() => destination.send(batch, { signal }));
  } catch (error) {
    return { type: 'failed', error: describeError(error) };
  }
  return parseResponse(response);
}
