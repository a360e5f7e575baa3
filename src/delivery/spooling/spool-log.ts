import { entries, megabytes, type DeliveryLog } from '../accounting/delivery-log.js';

/** Writes the lines about a spool to the log of a delivery. It is part of the controller: a delivery without a spool has no code for it. */
export class SpoolLog {
  readonly #log: DeliveryLog;

  constructor(log: DeliveryLog) {
    this.#log = log;
  }

  onFailed(error: string): void {
    this.#log.write(
      'warn',
      `the spool cannot be written (${error}); entries are kept in memory until it can`,
    );
  }

  onRecovered(): void {
    this.#log.write('info', 'the spool can be written again');
  }

  onReplayProgress(left: number, bytes: number): void {
    this.#log.write('info', `sending what waits in the spool: ${entries(left)} left (${megabytes(bytes)})`);
  }

  onReplayEnd(count: number): void {
    this.#log.write('info', `the spool is empty again, after ${entries(count)}`);
  }
}
