import type { Destination } from '../destinations/destination.js';
import { DeliveryLog } from './accounting/delivery-log.js';
import { PendingFlushes } from './accounting/pending-flushes.js';
import { SelfMetrics } from './accounting/self-metrics.js';
import { SettlementCounts } from './accounting/settlement-counts.js';
import { SettlementTracker } from './accounting/settlement-tracker.js';
import { UserCallbacks } from './accounting/user-callbacks.js';
import { Delivery } from './delivery.js';
import type { MemoryEntry } from './model/queued-entry.js';
import { DEFAULT_DELIVERY_SETTINGS, type DeliverySettings } from './model/settings.js';
import { EntryBuffer } from './queue/entry-buffer.js';
import { EntryQueues } from './queue/entry-queues.js';
import { Fifo } from './queue/fifo.js';
import { largestEntryBytes, limitsOf } from './queue/split-into-batches.js';
import { Withdrawals } from './queue/withdrawals.js';
import { type DeliveryRuntime, systemRuntime } from './runtime/runtime.js';
import { BatchSender } from './sending/batch-sender.js';
import { createController, openStore } from './spooling/open-store.js';

/**
 * Composes the delivery to one destination. Starts no timer and no I/O, unless there is a spool.
 *
 * @throws TypeError if a limit of the destination is out of range. Settings come from options, which were checked before.
 */
export function createDelivery(
  destination: Destination,
  givenSettings: Partial<DeliverySettings> = {},
  givenRuntime: Partial<DeliveryRuntime> = {},
): Delivery {
  const settings: DeliverySettings = { ...DEFAULT_DELIVERY_SETTINGS, ...givenSettings };
  const runtime = { ...systemRuntime, ...givenRuntime };
  const limits = limitsOf(destination);
  const { maxQueueRecords, maxQueueBytes, meterProvider, onDrop } = settings;

  const counts = new SettlementCounts();
  const log = new DeliveryLog(destination, runtime, settings.warnsProcess);
  const flushes = new PendingFlushes(runtime);
  const metrics = new SelfMetrics(meterProvider, destination, counts, maxQueueRecords);
  metrics.connect();
  const tracker = new SettlementTracker(counts);
  const withdrawals = new Withdrawals();
  for (const listener of [log, metrics, flushes, withdrawals]) tracker.addListener(listener);

  const store = settings.spool && openStore(settings.spool, destination, tracker, runtime);
  const maxAgeMs = store?.maxAgeMs ?? settings.maxAgeMs;
  const queues = new EntryQueues(limits);
  const unwritten = new Fifo<MemoryEntry>();
  const common = { destination, settings, runtime, counts, tracker, log, flushes, metrics, withdrawals };
  const sender = new BatchSender({ ...common, maxAgeMs, queues });
  const buffer = new EntryBuffer({
    settings,
    limits,
    queues,
    unwritten,
    counts,
    tracker,
    sender,
    withdrawals,
  });
  const spool =
    settings.spool &&
    store &&
    createController(settings.spool, { ...common, store, unwritten, target: buffer });
  if (spool) {
    tracker.addListener(spool);
    sender.onRoom(() => spool.refill());
    // A spool may have claimed entries while it was opened.
    spool.refill();
  }
  // Last, so that the callbacks of the user see the delivery as it is after the change.
  tracker.addListener(new UserCallbacks(destination.name, onDrop, runtime));

  const maxEntryBytes = Math.min(largestEntryBytes(limits), maxQueueBytes);
  return new Delivery({ ...common, maxEntryBytes, sender, buffer, spool });
}
