import type { DeliveryRuntime } from '../runtime/runtime.js';

interface Waiter {
  /** The number of the last entry that it waits for. */
  readonly upTo: number;
  readonly deadlineMs: number;
  unsettled: number;
  readonly finish: (inTime: boolean) => void;
}

/** Those who await a flush: each for the entries that were unsettled when it came, and until its deadline. */
export class PendingFlushes {
  readonly #waiting = new Set<Waiter>();
  readonly #runtime: DeliveryRuntime;

  constructor(runtime: DeliveryRuntime) {
    this.#runtime = runtime;
  }

  /** Entries up to this number are awaited by somebody. */
  get awaitedUpTo(): number {
    let highest = 0;
    for (const { upTo } of this.#waiting) highest = Math.max(highest, upTo);
    return highest;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Resolves with whether all came to their end in time. */
  wait(upTo: number, unsettled: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        upTo,
        unsettled,
        deadlineMs: this.#runtime.now() + timeoutMs,
        finish: (inTime) => {
          this.#waiting.delete(waiter);
          this.#runtime.clearTimer(timer);
          resolve(inTime);
        },
      };
      // The one timer that keeps the process alive: as long as it runs, all the others get their turn too.
      const timer = this.#runtime.setTimer(() => waiter.finish(false), timeoutMs, true);
      this.#waiting.add(waiter);
    });
  }

  /** So many entries, the last of them with this number, have come to their end. */
  settled(sequence: number, count = 1): void {
    for (const waiter of this.#waiting) {
      if (sequence > waiter.upTo) continue;
      waiter.unsettled -= count;
      if (waiter.unsettled <= 0) waiter.finish(true);
    }
  }

  /** Lets go those whose time is up before anything can happen. */
  releaseBefore(nextChanceMs: number): void {
    for (const waiter of this.#waiting) {
      if (waiter.deadlineMs < nextChanceMs) waiter.finish(false);
    }
  }
}
