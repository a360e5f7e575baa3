import { DROP_REASONS, type DropReason, type Settlement } from './settlement.js';

/** Counts what became of everything accepted. */
export class Ledger {
  accepted = 0;
  delivered = 0;
  spooled = 0;
  readonly dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
  #droppedTotal = 0;

  /** Entries that are still queued or in flight. */
  get unsettled(): number {
    return this.accepted - this.delivered - this.spooled - this.#droppedTotal;
  }

  settle(settlement: Settlement): void {
    switch (settlement.status) {
      case 'delivered':
        this.delivered++;
        return;
      case 'spooled':
        this.spooled++;
        return;
      case 'dropped':
        this.dropped[settlement.reason]++;
        this.#droppedTotal++;
        return;
      default: {
        const unreachable: never = settlement;
        return unreachable;
      }
    }
  }
}
