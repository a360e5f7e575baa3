import { withTimeout } from '../../common/with-timeout.js';
import type { ResourceLike } from '../../reading/model/span-like.js';

/** Longest wait for asynchronous resource attributes. After it the record is written without them. */
const MAX_WAIT_MS = 5_000;
/** Above this number of waiting spans, further spans do not wait. */
const MAX_WAITING = 1_000;

/**
 * Delays work until the resource of a span is complete, for instance while a resource detector asks a metadata service for the service
 * name. If the resource is complete, which is usual, the work is done at once.
 */
export class PendingResources {
  readonly #waiting = new Set<Promise<void>>();

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Runs `work` now, or when the resource is complete, after {@link MAX_WAIT_MS} at the latest. `work` must not throw. */
  run(resource: ResourceLike | undefined, work: () => void): void {
    if (!resource?.asyncAttributesPending || this.#waiting.size >= MAX_WAITING) return work();
    const detect = (): unknown => resource.waitForAsyncAttributes?.();
    const waiting: Promise<void> = withTimeout(detect, MAX_WAIT_MS, { keepsProcessAlive: false })
      .then(work)
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }

  /** Resolves when all work that waits now is done, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.#waiting.size > 0) await withTimeout(() => Promise.all(this.#waiting), timeoutMs);
  }
}
