import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { letProcessEnd, MAX_DELAY_MS, type Timer } from '../../common/background-timer.js';

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

export const systemRuntime: DeliveryRuntime = {
  now: () => performance.timeOrigin + performance.now(),
  random: () => Math.random(),
  setTimer(callback, delayMs, keepsProcessAlive) {
    // In the root context: a timer must not keep alive what the request of the moment carries.
    const timer = context.with(ROOT_CONTEXT, () =>
      setTimeout(callback, Math.min(Math.ceil(delayMs), MAX_DELAY_MS)),
    );
    if (!keepsProcessAlive) letProcessEnd(timer);
    return timer;
  },
  clearTimer: (timer) => clearTimeout(timer as Timer),
};
