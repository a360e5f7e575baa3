import type { AnyEntry, Sequence } from '../model/queued-entry.js';
import type { SettlementListener, SpoolLossEvent } from '../accounting/settlement-tracker.js';

/** `open`: not withdrawn so far. `kept`: cannot be withdrawn any more. */
export type WithdrawalState = 'kept' | 'open' | 'withdrawn';

/** Returns the state of an entry at the time of the call. */
export type WithdrawalCheck = () => WithdrawalState;

/** Number of checks above which those that are decided are removed, for the first time. */
const FIRST_PRUNE = 1_000;

/** Entries that their sender may withdraw until they are sent. */
export class Withdrawals implements SettlementListener {
  readonly #checks = new Map<Sequence, WithdrawalCheck>();
  #pruneAt = FIRST_PRUNE;

  add(sequence: Sequence, check: WithdrawalCheck): void {
    this.#checks.set(sequence, check);
    if (this.#checks.size <= this.#pruneAt) return;
    for (const known of this.#checks.keys()) this.#stateOf(known);
    this.#pruneAt = Math.max(this.#checks.size * 2, FIRST_PRUNE);
  }

  isWithdrawn(sequence: Sequence): boolean {
    return this.#stateOf(sequence) === 'withdrawn';
  }

  /** Returns the numbers of all entries that are withdrawn. */
  all(): ReadonlySet<Sequence> {
    return new Set([...this.#checks.keys()].filter((sequence) => this.isWithdrawn(sequence)));
  }

  onFinished({ sequence }: AnyEntry): void {
    this.#checks.delete(sequence);
  }

  onLost({ reason, sequence }: SpoolLossEvent): void {
    if (reason === 'opted_out') this.#checks.delete(sequence);
  }

  /** Forgets the check of an entry that cannot be withdrawn any more. */
  #stateOf(sequence: Sequence): WithdrawalState {
    const check = this.#checks.get(sequence);
    if (!check) return 'kept';
    const state = stateBy(check);
    if (state === 'kept') this.#checks.delete(sequence);
    return state;
  }
}

/** A check that fails must not send what somebody may have opted out of. */
function stateBy(check: WithdrawalCheck): WithdrawalState {
  try {
    return check();
  } catch {
    return 'withdrawn';
  }
}
