import type { ResourceLike } from './reading/span-like.js';

/**
 * Holds work back until the resource of a span is known: while resource detectors ask a metadata service, the service name is
 * still on its way. Usually there is nothing to wait for, and the work is done at once.
 */
export class ResourceWaits {
  readonly #waiting = new Set<Promise<void>>();

  /** Runs `work` now, or when the resource is known. `work` must not throw. */
  run(resource: ResourceLike | undefined, work: () => void): void {
    if (!resource?.asyncAttributesPending) return work();
    const waiting: Promise<void> = Promise.resolve(resource.waitForAsyncAttributes?.())
      .catch(() => undefined)
      .then(work)
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }

  /** Resolves when all work that is held back now is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
  }
}
