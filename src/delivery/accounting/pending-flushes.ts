import type { AnyEntry, Sequence } from '../model/queued-entry.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { SettlementListener, SpoolLossEvent } from './settlement-tracker.js';

/** A time after which a flush ends if a condition holds. */
export interface EarlyEnd {
  readonly afterMs: number;
  readonly isOver: () => boolean;
}

interface PendingFlush {
  /** The number of the last entry that the flush awaits. */
  readonly upTo: number;
  /** The deadline while requests fail. */
  readonly failureDeadlineMs: number;
  unfinished: number;
  readonly resolve: (inTime: boolean) => void;
}

/** Unfinished flushes. Each resolves when all entries accepted before it are finished, or at its deadline. */
export class PendingFlushes implements SettlementListener {
  readonly #flushes = new Set<PendingFlush>();
  readonly #runtime: DeliveryRuntime;

  constructor(runtime: DeliveryRuntime) {
    this.#runtime = runtime;
  }

  /** The highest number of an entry that a flush awaits. 0 if there is none. */
  get awaitedUpTo(): number {
    let highest = 0;
    for (const { upTo } of this.#flushes) highest = Math.max(highest, upTo);
    return highest;
  }

  get isEmpty(): boolean {
    return this.#flushes.size === 0;
  }

  /**
   * Resolves when `unfinished` entries up to the number `upTo` are finished: true, or after `timeoutMs`: false. If requests fail, it ends
   * when the next one cannot start within `failureTimeoutMs` of the call. `earlyEnds` are times at which it ends if their condition holds.
   */
  wait(
    upTo: number,
    unfinished: number,
    timeoutMs: number,
    failureTimeoutMs = timeoutMs,
    earlyEnds: readonly EarlyEnd[] = [],
  ): Promise<boolean> {
    return new Promise((resolve) => {
      const now = this.#runtime.now();
      const flush: PendingFlush = {
        upTo,
        unfinished,
        failureDeadlineMs: now + Math.min(failureTimeoutMs, timeoutMs),
        resolve: (inTime) => {
          this.#flushes.delete(flush);
          for (const timer of timers) this.#runtime.clearTimer(timer);
          resolve(inTime);
        },
      };
      // The only timer of a delivery that keeps the process alive. While it runs, the other timers can fire too.
      const timers = [this.#runtime.setTimer(() => flush.resolve(false), timeoutMs, true)];
      for (const { afterMs, isOver } of earlyEnds) {
        const end = (): void => {
          if (isOver()) flush.resolve(false);
        };
        if (afterMs < timeoutMs) timers.push(this.#runtime.setTimer(end, afterMs, false));
      }
      this.#flushes.add(flush);
    });
  }

  onFinished({ sequence }: AnyEntry): void {
    this.#settle(sequence, 1);
  }

  onLost({ sequence, count }: SpoolLossEvent): void {
    this.#settle(sequence, count);
  }

  /** Call while requests fail. Resolves flushes whose deadline for failures lies before the next possible request. */
  resolveFailingBefore(nextRequestMs: number): void {
    for (const flush of this.#flushes) {
      if (flush.failureDeadlineMs < nextRequestMs) flush.resolve(false);
    }
  }

  /** Resolves all flushes: nothing more is tried for them. */
  resolveAll(): void {
    for (const flush of this.#flushes) flush.resolve(false);
  }

  #settle(sequence: Sequence, count: number): void {
    for (const flush of this.#flushes) {
      if (sequence > flush.upTo) continue;
      flush.unfinished -= count;
      if (flush.unfinished <= 0) flush.resolve(true);
    }
  }
}
