import { logger, warnProcess } from '../../common/logger.js';
import { safely } from '../../common/safely.js';
import type { Destination } from '../../destinations/destination.js';
import type { AnyEntry } from '../model/queued-entry.js';
import type { DropReason, FinalSettlement } from '../model/settlement.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { SettlementListener, SpoolLossEvent } from './settlement-tracker.js';

const DROP_REPORT_INTERVAL_MS = 60_000;

/** Reasons that the application gives: an opt-out, and a record after its own `shutdown()`. */
const OF_THE_APPLICATION: ReadonlySet<DropReason> = new Set(['opted_out', 'already_shutdown']);

/**
 * Writes the `diag` lines of a delivery: one for each change of state, and at most one per minute about dropped entries. Lines
 * contain neither content nor credentials.
 */
export class DeliveryLog implements SettlementListener {
  readonly #name: string;
  /** The host, for messages: ` at https://…`. */
  readonly #place: string;
  #mayWarnProcess: boolean;
  readonly #runtime: DeliveryRuntime;
  #unreportedDrops = new Map<DropReason, number>();
  #dropTimer: unknown;
  #outageSinceMs: number | undefined;
  #isUnauthorizedReported = false;

  constructor(
    { name, url }: Pick<Destination, 'name' | 'url'>,
    runtime: DeliveryRuntime,
    warnsProcess = true,
  ) {
    this.#name = name;
    this.#place = url === undefined ? '' : ` at ${url}`;
    this.#runtime = runtime;
    this.#mayWarnProcess = warnsProcess;
  }

  /** A request failed and will be retried. Writes a line only at the start of an outage. */
  onRetry(error: string, waiting: number): void {
    if (this.#outageSinceMs !== undefined) return;
    this.#outageSinceMs = this.#runtime.now();
    const message = `cannot deliver${this.#place} (${error}); will keep trying, ${entries(waiting)} waiting`;
    this.write('warn', message);
    this.#warnProcessOnce(message);
  }

  onUnauthorized(error: string, waiting: number): void {
    this.#outageSinceMs ??= this.#runtime.now();
    if (this.#isUnauthorizedReported) return;
    this.#isUnauthorizedReported = true;
    const message =
      `the destination${this.#place} refuses the credentials (${error}). Check the API key and the host. ` +
      `${entries(waiting)} waiting; one batch is tried every minute`;
    this.write('error', message);
    this.#warnProcessOnce(message);
  }

  /** All requests succeed. Writes a line only at the end of an outage. */
  onRecovered(waiting: number): void {
    if (this.#outageSinceMs === undefined) return;
    const seconds = Math.round((this.#runtime.now() - this.#outageSinceMs) / 1_000);
    this.#outageSinceMs = undefined;
    this.#isUnauthorizedReported = false;
    this.write('info', `delivers again after ${seconds} s; ${entries(waiting)} waiting`);
  }

  onFinished(_entry: AnyEntry, settlement: FinalSettlement, error: string | undefined): void {
    if (settlement.status === 'dropped') this.#reportDrop(settlement.reason, error, 1);
  }

  onLost({ reason, count }: SpoolLossEvent): void {
    this.#reportDrop(reason, undefined, count);
  }

  onClaimed(count: number, bytes: number, from: string | undefined): void {
    const what = `${entries(count)} (${megabytes(bytes)})`;
    if (from !== undefined) {
      this.write('warn', `takes over ${what} that were spooled for another account, from ${from}`);
      return;
    }
    this.write('info', `found ${what} that a process which has ended left in the spool`);
  }

  /** Writes a line about the drops since the last such line, if there are any. */
  reportRemainingDrops(): void {
    this.#runtime.clearTimer(this.#dropTimer);
    this.#dropTimer = undefined;
    if (this.#unreportedDrops.size === 0) return;
    const counts = [...this.#unreportedDrops].map(([reason, count]) => `${reason}: ${count}`);
    this.#unreportedDrops = new Map();
    this.write('warn', `dropped more entries (${counts.join(', ')})`);
  }

  #reportDrop(reason: DropReason, error: string | undefined, count: number): void {
    // Not a loss: the destination does not take such entries.
    if (reason === 'unsupported') return;
    const message = `dropped ${entries(count)} (${error ? `${reason}: ${error}` : reason})`;
    if (!OF_THE_APPLICATION.has(reason)) this.#warnProcessOnce(message);
    if (this.#dropTimer !== undefined) {
      this.#unreportedDrops.set(reason, (this.#unreportedDrops.get(reason) ?? 0) + count);
      return;
    }
    this.#reportDropsLater();
    this.write('warn', `${message}; the number of more follows within a minute`);
  }

  #reportDropsLater(): void {
    const report = (): void => {
      const isGoingOn = this.#unreportedDrops.size > 0;
      this.reportRemainingDrops();
      // Without a timer, the next drop is a new loss and gets a line at once.
      if (isGoingOn) this.#reportDropsLater();
    };
    this.#dropTimer = this.#runtime.setTimer(report, DROP_REPORT_INTERVAL_MS, false);
  }

  /** Diagnostics are silent until a logger is set. Once, because standard error belongs to the application. */
  #warnProcessOnce(message: string): void {
    if (!this.#mayWarnProcess) return;
    this.#mayWarnProcess = false;
    safely(() => warnProcess(`${this.#name}: ${message}. Run "npx opentelemetry-exporter-trubrics doctor"`));
  }

  /** Writes a line that names the destination. */
  write(level: 'info' | 'warn' | 'error', message: string): void {
    safely(() => logger[level](`${this.#name}: ${message}`));
  }
}

export function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
