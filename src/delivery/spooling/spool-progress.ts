import { ENTRY_KINDS } from '../model/queued-entry.js';
import type { SpoolStore } from '../model/spool.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { SpoolLog } from './spool-log.js';

const REPORT_INTERVAL_MS = 30_000;

/** Reports to the log how far the spool has been sent, while it holds more than fits into memory. */
export class SpoolProgress {
  readonly #store: SpoolStore;
  readonly #log: SpoolLog;
  readonly #runtime: DeliveryRuntime;
  /** Entries that were loaded and are not finished. */
  #unfinishedLoaded = 0;
  /** Entries finished since the backlog on disk exceeded memory. */
  #finished = 0;
  /** True if a line has been written, so that a line must follow when the spool is empty. */
  #isReported = false;
  #timer: unknown;
  #isStopped = false;

  constructor(store: SpoolStore, log: SpoolLog, runtime: DeliveryRuntime) {
    this.#store = store;
    this.#log = log;
    this.#runtime = runtime;
  }

  onLoaded(count: number): void {
    this.#unfinishedLoaded += count;
  }

  onFinished(): void {
    this.#unfinishedLoaded--;
    this.#finished++;
  }

  /** Entries were claimed, and the log has a line about it. */
  onClaimed(): void {
    this.#isReported = true;
  }

  /** Starts the reports if entries wait on disk. */
  watch(): void {
    if (this.#isStopped || this.#timer !== undefined || waitingIn(this.#store) === 0) return;
    this.#finished = 0;
    this.#reportLater();
  }

  stop(): void {
    this.#isStopped = true;
    this.#runtime.clearTimer(this.#timer);
  }

  #reportLater(): void {
    const finishedBefore = this.#finished;
    this.#timer = this.#runtime.setTimer(() => this.#report(finishedBefore), REPORT_INTERVAL_MS, false);
  }

  #report(finishedBefore: number): void {
    this.#timer = undefined;
    const left = waitingIn(this.#store) + this.#unfinishedLoaded;
    if (left === 0) {
      if (this.#isReported) this.#log.onReplayEnd(this.#finished);
      this.#isReported = false;
      return;
    }
    // During an outage nothing is finished, so there is no progress to report.
    if (this.#finished > finishedBefore) {
      this.#log.onReplayProgress(left, this.#store.bytes);
      this.#isReported = true;
    }
    this.#reportLater();
  }
}

/** Returns the number of stored entries, of all kinds, that have not been taken. */
export function waitingIn(store: SpoolStore): number {
  return ENTRY_KINDS.reduce((sum, kind) => sum + store.waiting(kind), 0);
}
