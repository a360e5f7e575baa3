import type { DeliveryLog } from '../accounting/delivery-log.js';
import type { SettlementTracker } from '../accounting/settlement-tracker.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { Spool } from '../model/spool.js';
import { SpoolController, type SpoolingHooks } from './spool-controller.js';

/** Opens a destination's part of the spool, if there is one, and has its news booked. */
export function openSpool(
  spool: Spool | undefined,
  destination: string,
  ledger: SettlementTracker,
  journal: DeliveryLog,
  runtime: DeliveryRuntime,
  hooks: SpoolingHooks,
): SpoolController | undefined {
  if (!spool) return undefined;
  const events = {
    claimed(count: number, bytes: number): number {
      const sequence = ledger.claim(count);
      // The store first learns the number, then hands out the entries.
      queueMicrotask(() => spooling.claimed(count, bytes));
      return sequence;
    },
    lost: ledger.lose.bind(ledger),
  };
  const spooling: SpoolController = new SpoolController(
    spool.open(destination, events, runtime),
    hooks,
    journal,
    runtime,
  );
  return spooling;
}
