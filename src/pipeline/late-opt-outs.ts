import type { OptOutCheck } from '../records/privacy/opt-out.js';
import { rememberWithdrawn } from './opted-out-calls.js';

/** Number of checks above which those that are decided are removed, for the first time. */
const FIRST_PRUNE = 1_000;

/** Records that were sent while a span around them was open. An opt-out on that span withdraws them, and feedback on them. */
export class LateOptOuts {
  readonly #checks = new Map<string, OptOutCheck>();
  #pruneAt = FIRST_PRUNE;

  add(recordId: string, check: OptOutCheck): void {
    this.#checks.set(recordId, check);
    if (this.#checks.size <= this.#pruneAt) return;
    this.findWithdrawn();
    // Doubled, so that records below spans that stay open for long are not checked with each new one.
    this.#pruneAt = Math.max(this.#checks.size * 2, FIRST_PRUNE);
  }

  /** Returns the check of a record that can still be withdrawn. */
  checkOf(recordId: string | undefined): OptOutCheck | undefined {
    return recordId === undefined ? undefined : this.#checks.get(recordId);
  }

  /** Remembers the records that are opted out by now. Forgets those that are decided. */
  findWithdrawn(): void {
    for (const [id, check] of this.#checks) {
      const state = check();
      if (state === 'open') continue;
      this.#checks.delete(id);
      if (state === 'withdrawn') rememberWithdrawn(id);
    }
  }
}
