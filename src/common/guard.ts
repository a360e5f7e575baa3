import { logger } from './logger.js';

const failures = new Map<string, number>();

/**
 * Runs `work` at the boundary to the application, and returns its result. If `work` throws, the error is logged and `undefined`
 * returned: an exception in `SpanProcessor.onEnd` would surface in the application's `span.end()`, and one in a LangChain
 * callback in the application's run. `onError` counts what was lost; it must not throw.
 */
export function guard<T>(place: string, work: () => T, onError?: () => void): T | undefined {
  try {
    return work();
  } catch (error) {
    reportFailure(place, error);
    onError?.();
    return undefined;
  }
}

/** Logs the first failure of a place, and then every tenth, hundredth, … one. */
export function reportFailure(place: string, error: unknown): void {
  const count = (failures.get(place) ?? 0) + 1;
  failures.set(place, count);
  if (!isPowerOfTen(count)) return;
  // Only the class of the error: its message may quote a prompt.
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  logger.error(`${place} failed with ${kind} (failure ${count} in this process)`);
}

export function isPowerOfTen(count: number): boolean {
  return Number.isInteger(Math.log10(count));
}
