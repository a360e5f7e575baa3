/** The longest delay of a timer. Node fires a timer with a longer delay after 1 ms. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

export type Timer = ReturnType<typeof setTimeout>;

/** Starts a timer that lets the process end before it fires, where the runtime can do that (see {@link letProcessEnd}). */
export function startBackgroundTimer(delayMs: number, work: () => void): Timer {
  const timer = setTimeout(work, Math.min(delayMs, MAX_DELAY_MS));
  letProcessEnd(timer);
  return timer;
}

/**
 * Starts a timer only if the runtime lets the process end before it fires. Returns whether it was started. For delays so long that
 * a process must not wait for them.
 */
export function startDetachedTimer(delayMs: number, work: () => void): boolean {
  const timer = setTimeout(work, Math.min(delayMs, MAX_DELAY_MS));
  if (letProcessEnd(timer)) return true;
  clearTimeout(timer);
  return false;
}

/** Detaches a timer from the process. Returns false where a timer is a mere number: Deno, browsers and Workers. */
export function letProcessEnd(timer: unknown): boolean {
  const { unref } = Object(timer) as { unref?: unknown };
  if (typeof unref !== 'function') return false;
  unref.call(timer);
  return true;
}
