import { RepeatedWork } from '../background/repeated-work.js';

/** Time from the start of a server to its first work in the background. */
const FIRST_WORK_MS = 1000;
/** Time after a work in the background that failed, for instance because the store is gone. */
const AFTER_FAILED_WORK_MS = 30_000;

/** Work that one of the servers over a store does from time to time. */
export interface BackgroundWorker {
  /** Resolves with the milliseconds until the next call. */
  run(): Promise<number>;
  /** Asks a call that is running to end early. */
  stop(): void;
  /** Gives back the lease, for which another server would have to wait otherwise. */
  close(): Promise<void>;
}

/** Calls the workers of a project until it is closed. */
export class BackgroundWork {
  readonly #running: readonly { readonly worker: BackgroundWorker; readonly repeated: RepeatedWork }[];

  constructor(workers: readonly BackgroundWorker[]) {
    this.#running = workers.map((worker) => ({
      worker,
      repeated: new RepeatedWork(() => worker.run(), FIRST_WORK_MS, AFTER_FAILED_WORK_MS),
    }));
  }

  /** Resolves when no worker runs any more. Never rejects. */
  async close(): Promise<void> {
    for (const { worker } of this.#running) worker.stop();
    for (const { worker, repeated } of this.#running) {
      await repeated.close();
      await worker.close().catch(() => undefined);
    }
  }
}
