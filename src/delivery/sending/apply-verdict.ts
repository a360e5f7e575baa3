import type { Verdict } from './classify.js';
import type { Breakers, Probes } from './breakers.js';
import { bisectBatch } from './bisect-batch.js';
import type { DeliveryLog } from '../accounting/delivery-log.js';
import type { EntryQueue, QueuedEntry } from '../queue/entry-queue.js';
import type { SettlementTracker } from '../accounting/settlement-tracker.js';
import type { DropReason, FinalSettlement } from '../model/settlement.js';

/** A batch under way. */
export interface InFlightBatch {
  readonly lane: EntryQueue;
  readonly batch: readonly QueuedEntry[];
  readonly probes: Probes;
  readonly abort: AbortController;
}

/** Who has to know what became of a batch. */
export interface VerdictContext {
  readonly gates: Breakers;
  readonly ledger: SettlementTracker;
  readonly journal: DeliveryLog;
}

const DELIVERED: FinalSettlement = { status: 'delivered' };

/** Does what a verdict says: entries are settled, or wait again in their lane, and the gates open or close. */
export function applyVerdict(flight: InFlightBatch, verdict: Verdict, parts: VerdictContext): void {
  const { lane, batch, probes } = flight;
  const { gates, ledger, journal } = parts;
  switch (verdict.action) {
    case 'retry':
      lane.giveBack(batch);
      gates.fail(lane.kind, probes, verdict);
      return journal.failed(verdict.error, ledger.unsettled);
    case 'park':
      lane.giveBack(batch);
      gates.park(lane.kind, probes);
      return journal.refused(verdict.error, ledger.unsettled);
    case 'deliver':
      gates.pass(lane.kind, probes);
      return deliver(batch, verdict.rejected, parts);
    case 'split':
      gates.pass(lane.kind, probes);
      if (batch.length > 1) return lane.giveBackSmaller(batch);
      return dropAll(batch, 'too_large', verdict.error, ledger);
    case 'isolate': {
      gates.pass(lane.kind, probes);
      const { bad, again } = bisectBatch(batch, verdict.rejected);
      for (const part of again) lane.giveBack(part);
      return dropAll(bad, 'invalid', verdict.error, ledger);
    }
    case 'drop':
      gates.pass(lane.kind, probes);
      return dropAll(batch, verdict.reason, verdict.error, ledger);
    default: {
      const unreachable: never = verdict;
      return unreachable;
    }
  }
}

function deliver(
  batch: readonly QueuedEntry[],
  rejected: readonly number[],
  { gates, ledger, journal }: VerdictContext,
): void {
  for (const [index, entry] of batch.entries()) {
    if (rejected.includes(index)) ledger.drop(entry, 'invalid');
    else ledger.settle(entry, DELIVERED);
  }
  if (gates.state === 'sending') journal.recovered(ledger.unsettled);
}

function dropAll(
  entries: readonly QueuedEntry[],
  reason: DropReason,
  error: string | undefined,
  ledger: SettlementTracker,
): void {
  for (const entry of entries) ledger.drop(entry, reason, error);
}
