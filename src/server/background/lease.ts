import { randomUUID } from 'node:crypto';
import { NOT_STORED, VersionConflictError, type DocumentStore } from '../engines/document-store.js';

/** Kind of the documents that say which server does a work, by its name. */
const LEASE_KIND = 'lease';
/** Time for which a lease lasts. So much later, another server goes on when one was killed. */
export const LEASE_MS = 180_000;

export interface LeaseOptions {
  readonly documents: DocumentStore;
  /** Name of the work. */
  readonly name: string;
  /** Milliseconds of a clock that is never set back. */
  readonly now: () => number;
}

/**
 * A right that one of the servers over a store has at a time. Clocks of two servers are never compared: a lease has ended if this server has seen it
 * unchanged for {@link LEASE_MS}.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #holder = randomUUID();
  #own: { readonly version: number; readonly since: number } | undefined;
  /** The lease of another server, and when this one saw it first. */
  #seen: { readonly version: number; readonly since: number } | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Returns true if this server has the lease, until {@link isHeld} says otherwise. Takes or renews it if possible. */
  async take(): Promise<boolean> {
    const { documents, name, now } = this.#options;
    if (this.#own && now() < this.#own.since + LEASE_MS / 2) return true;
    const stored = await documents.get(LEASE_KIND, name);
    if (stored && stored.version !== this.#own?.version && !this.#hasEnded(stored.version)) {
      this.#own = undefined;
      return false;
    }
    // Before the request, because other servers count from when they see its result.
    const since = now();
    try {
      const { version } = await documents.put(
        { kind: LEASE_KIND, name, value: { holder: this.#holder } },
        stored?.version ?? NOT_STORED,
      );
      this.#own = { version, since };
    } catch (error) {
      this.#own = undefined;
      if (!(error instanceof VersionConflictError)) throw error;
    }
    return this.#own !== undefined;
  }

  /** Returns true if no other server has the lease for the next `forMs`. */
  isHeld(forMs = 0): boolean {
    return this.#own !== undefined && this.#options.now() + forMs < this.#own.since + LEASE_MS;
  }

  /** Gives the lease back, so that another server need not wait for its end. */
  async release(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    if (!own) return;
    const { documents, name } = this.#options;
    await documents.delete(LEASE_KIND, name, own.version).catch((error: unknown) => {
      if (!(error instanceof VersionConflictError)) throw error;
    });
  }

  #hasEnded(version: number): boolean {
    const now = this.#options.now();
    if (this.#seen?.version !== version) this.#seen = { version, since: now };
    return now - this.#seen.since >= LEASE_MS;
  }
}
