import { context, ROOT_CONTEXT } from '@opentelemetry/api';

/** What the engine needs of the world, so that tests can bring their own. */
export interface DeliveryRuntime {
  /** Milliseconds since the epoch, from a clock that is never set back. */
  now(): number;
  /** From 0 up to, and not including, 1. */
  random(): number;
  /** `keepsProcessAlive`: only for somebody who waits; every other timer must let the process end. */
  setTimer(callback: () => void, delayMs: number, keepsProcessAlive: boolean): unknown;
  clearTimer(timer: unknown): void;
}

// Node fires a timer with a longer delay after 1 ms.
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemRuntime: DeliveryRuntime = {
  now: () => performance.timeOrigin + performance.now(),
  random: () => Math.random(),
  setTimer(callback, delayMs, keepsProcessAlive) {
    // In the root context: a timer must not keep alive what the request of the moment carries.
    const timer: unknown = context.with(ROOT_CONTEXT, () =>
      setTimeout(callback, Math.min(Math.ceil(delayMs), LONGEST_DELAY_MS)),
    );
    if (!keepsProcessAlive) letProcessEnd(timer);
    return timer;
  },
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

function letProcessEnd(timer: unknown): void {
  // A number in browsers and on Workers.
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    timer.unref();
  }
}
