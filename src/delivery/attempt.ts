import type { Answer, Batch, Destination } from '../destinations/destination.js';
import { describeError, type Outcome, readAnswer } from './outcome.js';
import type { DeliveryRuntime } from './runtime.js';
import { untraced } from './untraced.js';

/**
 * Makes one request. Never rejects, and never takes longer than `timeoutMs`, also when `send` ignores its signal or never
 * settles.
 */
export async function attempt(
  destination: Destination,
  batch: Batch,
  timeoutMs: number,
  abort: AbortController,
  runtime: DeliveryRuntime,
): Promise<Outcome> {
  let timer: unknown;
  const timeout = new Promise<Outcome>((resolve) => {
    timer = runtime.setTimer(() => resolve({ type: 'timed-out', afterMs: timeoutMs }), timeoutMs, false);
  });
  const outcome = await Promise.race([answerOf(destination, batch, abort.signal), timeout]);
  runtime.clearTimer(timer);
  if (outcome.type === 'timed-out') abort.abort();
  return outcome;
}

async function answerOf(destination: Destination, batch: Batch, signal: AbortSignal): Promise<Outcome> {
  let answer: Answer | void;
  try {
    answer = await untraced(() => destination.send(batch, { signal }));
  } catch (error) {
    return { type: 'failed', error: describeError(error) };
  }
  return readAnswer(answer);
}
