/**
 * Calls `work` after `delayMs` without keeping the process alive. Answers whether it will: where a timer cannot be detached from
 * the process (Deno) there is none.
 */
export function backgroundTimer(delayMs: number, work: () => void): boolean {
  // Above 2^31 - 1 ms a timer fires at once.
  const timer: unknown = setTimeout(work, Math.min(delayMs, 2_147_483_647));
  if (isDetachable(timer)) {
    timer.unref();
    return true;
  }
  clearTimeout(timer as number);
  return false;
}

function isDetachable(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function';
}
