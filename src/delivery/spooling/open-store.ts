import type { EntryKind } from '../../destinations/destination.js';
import type { SettlementTracker } from '../accounting/settlement-tracker.js';
import { toSequence } from '../model/queued-entry.js';
import type { DropReason } from '../model/settlement.js';
import type { Spool, SpoolOwner, SpoolStore } from '../model/spool.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { SpoolController, SpoolControllerParts } from './spool-controller.js';

/** Opens the store of a destination. Its events go to `tracker`. */
export function openStore(
  spool: Spool,
  owner: SpoolOwner,
  tracker: SettlementTracker,
  runtime: DeliveryRuntime,
): SpoolStore {
  const events = {
    claimed: (count: number, bytes: number, from?: string) => tracker.onClaimed(count, bytes, from),
    lost: (kind: EntryKind, count: number, reason: DropReason, sequence: number) =>
      tracker.onLost({ kind, count, reason, sequence: toSequence(sequence) }),
  };
  return spool.open(owner, events, runtime);
}

/** Makes the controller that comes with a spool: only a spool brings its code. */
export function createController({ Controller }: Spool, parts: SpoolControllerParts): SpoolController {
  return new (Controller as typeof SpoolController)(parts);
}
