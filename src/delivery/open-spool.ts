import type { Journal } from './journal.js';
import type { Ledger } from './ledger.js';
import type { DeliveryRuntime } from './runtime.js';
import type { Spool } from './spool.js';
import { Spooling, type SpoolingHooks } from './spooling.js';

/** Opens a destination's part of the spool, if there is one, and has its news booked. */
export function openSpool(
  spool: Spool | undefined,
  destination: string,
  ledger: Ledger,
  journal: Journal,
  runtime: DeliveryRuntime,
  hooks: SpoolingHooks,
): Spooling | undefined {
  if (!spool) return undefined;
  const events = {
    adopted(count: number, bytes: number): number {
      const sequence = ledger.adopt(count);
      // The store first learns the number, then hands out the entries.
      queueMicrotask(() => spooling.adopted(count, bytes));
      return sequence;
    },
    lost: ledger.lose.bind(ledger),
  };
  const spooling: Spooling = new Spooling(spool.open(destination, events, runtime), hooks, journal, runtime);
  return spooling;
}
