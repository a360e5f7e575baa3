import { letProcessEnd, MAX_DELAY_MS, type Timer } from './background-timer.js';

/** The timers that {@link withTimeout} uses. */
export interface TimeoutTimers {
  setTimer(callback: () => void, delayMs: number, keepsProcessAlive: boolean): unknown;
  clearTimer(timer: unknown): void;
}

const SYSTEM_TIMERS: TimeoutTimers = {
  setTimer(callback, delayMs, keepsProcessAlive) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_DELAY_MS));
    if (!keepsProcessAlive) letProcessEnd(timer);
    return timer;
  },
  clearTimer: (timer) => clearTimeout(timer as Timer),
};

/**
 * Starts `work` and resolves when it has ended, well or badly, or after `timeoutMs`. Never rejects. Keeps the process alive
 * meanwhile, unless `keepsProcessAlive` is false.
 */
export async function withTimeout(
  work: () => unknown,
  timeoutMs: number,
  { timers = SYSTEM_TIMERS, keepsProcessAlive = true } = {},
): Promise<void> {
  let timer: unknown;
  const timeout = new Promise<void>((resolve) => {
    timer = timers.setTimer(resolve, Math.max(timeoutMs, 0), keepsProcessAlive);
  });
  await Promise.race([ended(work), timeout]);
  timers.clearTimer(timer);
}

async function ended(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {
    // A failure is an end too. Errors are the concern of the caller's `work`.
  }
}
