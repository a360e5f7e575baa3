import { logger } from '../../common/logger.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import { safely } from '../../common/safely.js';
import type { DropReason } from '../model/settlement.js';

const DROP_REPORT_INTERVAL_MS = 60_000;

/**
 * What people read of a delivery: one line for each change of state, and one a minute with counts while entries are lost.
 * No content, no credentials.
 */
export class DeliveryLog {
  readonly #name: string;
  readonly #runtime: DeliveryRuntime;
  #unreported = new Map<DropReason, number>();
  #dropTimer: unknown;
  #outageSinceMs: number | undefined;
  #refusalTold = false;

  constructor(name: string, runtime: DeliveryRuntime) {
    this.#name = name;
    this.#runtime = runtime;
  }

  failed(error: string, waiting: number): void {
    if (this.#outageSinceMs !== undefined) return;
    this.#outageSinceMs = this.#runtime.now();
    this.#write('warn', `cannot deliver (${error}); will keep trying, ${entries(waiting)} waiting`);
  }

  refused(error: string, waiting: number): void {
    this.#outageSinceMs ??= this.#runtime.now();
    if (this.#refusalTold) return;
    this.#refusalTold = true;
    this.#write(
      'error',
      `the destination refuses the credentials (${error}). Nothing is delivered until that is corrected: check the API ` +
        `key and the host. ${entries(waiting)} waiting; one batch is tried every minute`,
    );
  }

  recovered(waiting: number): void {
    if (this.#outageSinceMs === undefined) return;
    const seconds = Math.round((this.#runtime.now() - this.#outageSinceMs) / 1_000);
    this.#outageSinceMs = undefined;
    this.#refusalTold = false;
    this.#write('info', `delivers again after ${seconds} s; ${entries(waiting)} waiting`);
  }

  dropped(reason: DropReason, error?: string, count = 1): void {
    // Not a loss: the destination says that it does not want such entries.
    if (reason === 'unsupported') return;
    if (this.#dropTimer !== undefined) {
      this.#unreported.set(reason, (this.#unreported.get(reason) ?? 0) + count);
      return;
    }
    this.#reportDropsLater();
    const cause = error ? `${reason}: ${error}` : reason;
    this.#write(
      'warn',
      `dropped ${entries(count)} (${cause}); if there are more, their number follows within a minute`,
    );
  }

  spoolFailed(error: string): void {
    this.#write('warn', `the spool cannot be written (${error}); entries are kept in memory until it can`);
  }

  spoolRecovered(): void {
    this.#write('info', 'the spool can be written again');
  }

  claimed(count: number, bytes: number): void {
    this.#write(
      'info',
      `found ${entries(count)} (${megabytes(bytes)}) that a process which has ended left in the spool`,
    );
  }

  replaying(left: number, bytes: number): void {
    this.#write('info', `sending what waits in the spool: ${entries(left)} left (${megabytes(bytes)})`);
  }

  replayed(count: number): void {
    this.#write('info', `the spool is empty again, after ${entries(count)}`);
  }

  /** Writes what has been dropped since the last line about it. */
  reportDrops(): void {
    this.#runtime.clearTimer(this.#dropTimer);
    this.#dropTimer = undefined;
    if (this.#unreported.size === 0) return;
    const counts = [...this.#unreported].map(([reason, count]) => `${reason}: ${count}`);
    this.#unreported = new Map();
    this.#write('warn', `dropped more entries (${counts.join(', ')})`);
  }

  #reportDropsLater(): void {
    const report = (): void => {
      const isGoingOn = this.#unreported.size > 0;
      this.reportDrops();
      // Else the next one is a new loss, and told at once.
      if (isGoingOn) this.#reportDropsLater();
    };
    this.#dropTimer = this.#runtime.setTimer(report, DROP_REPORT_INTERVAL_MS, false);
  }

  #write(level: 'info' | 'warn' | 'error', message: string): void {
    safely(() => logger[level](`${this.#name}: ${message}`));
  }
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
