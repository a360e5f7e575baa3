import type { ResourceLike } from '../../reading/model/span-like.js';
import { letProcessEnd, type Timer } from '../../common/background-timer.js';

/** A resource detector that takes longer is not waited for: the record goes without what it would have said. */
const MAX_WAIT_MS = 5_000;
const MAX_WAITING = 1_000;

/**
 * Holds work back until the resource of a span is known: while resource detectors ask a metadata service, the service name is
 * still on its way. Usually there is nothing to wait for, and the work is done at once.
 */
export class PendingResources {
  readonly #waiting = new Set<Promise<void>>();

  /** Runs `work` now, or when the resource is known, at the latest after five seconds. `work` must not throw. */
  run(resource: ResourceLike | undefined, work: () => void): void {
    if (!resource?.asyncAttributesPending || this.#waiting.size >= MAX_WAITING) return work();
    const known = Promise.resolve(resource.waitForAsyncAttributes?.()).catch(() => undefined);
    const waiting: Promise<void> = withDeadline(known, MAX_WAIT_MS, false)
      .then(work)
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }

  /** Resolves when all work that is held back now is done, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.#waiting.size > 0) await withDeadline(Promise.all(this.#waiting), timeoutMs, true);
  }
}

/** Resolves with the promise or at the deadline. Somebody who awaits it needs a timer that keeps the process alive. */
async function withDeadline(
  promise: Promise<unknown>,
  timeoutMs: number,
  keepsProcessAlive: boolean,
): Promise<void> {
  let timer: Timer | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
    if (!keepsProcessAlive) letProcessEnd(timer);
  });
  await Promise.race([promise, deadline]);
  clearTimeout(timer);
}
