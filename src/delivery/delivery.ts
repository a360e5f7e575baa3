import { withTimeout } from '../common/with-timeout.js';
import type { Destination, Entry } from '../destinations/destination.js';
import type { DeliveryLog } from './accounting/delivery-log.js';
import type { PendingFlushes } from './accounting/pending-flushes.js';
import type { SelfMetrics } from './accounting/self-metrics.js';
import type { SettlementCounts } from './accounting/settlement-counts.js';
import type { SettlementTracker } from './accounting/settlement-tracker.js';
import type { MemoryEntry } from './model/queued-entry.js';
import type { DeliverySettings } from './model/settings.js';
import type { Settlement } from './model/settlement.js';
import type { DeliveryStats } from './model/delivery-stats.js';
import { encodeEntry, notEncoded } from './queue/encode-entry.js';
import type { WithdrawalCheck, Withdrawals } from './queue/withdrawals.js';
import type { EntryBuffer } from './queue/entry-buffer.js';
import type { DeliveryRuntime } from './runtime/runtime.js';
import { withTracingSuppressed } from '../common/suppress-tracing.js';
import type { BatchSender } from './sending/batch-sender.js';
import type { SpoolController } from './spooling/spool-controller.js';

export interface DeliveryParts {
  readonly destination: Destination;
  readonly settings: DeliverySettings;
  readonly runtime: DeliveryRuntime;
  /** The size of the largest entry that can be sent. */
  readonly maxEntryBytes: number;
  readonly counts: SettlementCounts;
  readonly tracker: SettlementTracker;
  readonly flushes: PendingFlushes;
  readonly metrics: SelfMetrics;
  readonly log: DeliveryLog;
  readonly sender: BatchSender;
  readonly buffer: EntryBuffer;
  readonly spool: SpoolController | undefined;
  readonly withdrawals: Withdrawals;
}

/** The share of the shutdown time for the flush, if the spool or the destination must be released afterwards. */
const FLUSH_SHARE = 0.9;
/** Longest wait of a flush for a destination that fails, if everything is on disk. Nothing is lost by waiting. */
const SAFE_FAILURE_TIMEOUT_MS = 1_000;

/**
 * Delivers entries to one destination: in batches, bounded in memory, retried until they arrive. Made by `createDelivery()`.
 *
 * Every accepted entry is settled exactly once: delivered (at least once), spooled, or dropped with a reason. With a spool it is
 * settled as soon as it is on disk, and sent from there. Nothing here throws into the caller, is traced, or keeps the process alive
 * (except a pending `flush` or `shutdown`).
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  /** `accepting` until shutdown. `flushing`: drops new entries, still sends. `closed`: sends nothing more. */
  #phase: 'accepting' | 'flushing' | 'closed' = 'accepting';
  #shutdown: Promise<void> | undefined;
  #hasLookedForOrphans = false;
  /** `encode()` of the destination is being called. What it hands to this delivery would recurse without end. */
  #isEncoding = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /**
   * Encodes and queues an entry. `onSettled` is called exactly once, possibly before this returns. If `isWithdrawn` says so at any time
   * before the entry is sent, it is dropped. Never throws.
   */
  accept(entry: Entry, onSettled?: (settlement: Settlement) => void, isWithdrawn?: WithdrawalCheck): void {
    const { destination, maxEntryBytes, runtime, tracker, spool, buffer, withdrawals } = this.#parts;
    const isReentrant = this.#isEncoding;
    this.#isEncoding = true;
    const encoded = isReentrant ? notEncoded(entry) : encodeEntry(destination, entry, maxEntryBytes);
    this.#isEncoding = isReentrant;
    const { kind, json, bytes } = encoded;
    const sequence = tracker.onAccepted(bytes);
    const acceptedAtMs = runtime.now();
    const fields = { kind, bytes, sequence, acceptedAtMs, onSettled };
    if (this.#phase !== 'accepting') {
      return tracker.drop({ storage: 'none', json, ...fields }, 'already_shutdown');
    }
    if (!encoded.sendable) return tracker.drop({ storage: 'none', json, ...fields }, encoded.dropReason);
    const queued: MemoryEntry = {
      storage: 'memory',
      kind,
      json: encoded.json,
      bytes,
      sequence,
      acceptedAtMs,
      onSettled,
    };
    if (isWithdrawn) withdrawals.add(sequence, isWithdrawn);
    if (!spool) return buffer.add(queued);
    spool.write(queued);
    buffer.dropOverflow();
  }

  /**
   * Sends everything at once. Resolves when all entries accepted before the call are delivered or dropped, at the latest after
   * `timeoutMs` (default: `shutdownTimeoutMs`), and earlier if no request is possible within that time. Undelivered entries are kept,
   * in the spool if there is one, otherwise in memory.
   *
   * If the destination fails, it resolves as soon as everything is on disk, or if no request is possible within `failureTimeoutMs`
   * (default: `timeoutMs`) of the call.
   */
  async flush(timeoutMs?: number, failureTimeoutMs?: number): Promise<void> {
    if (this.#phase === 'closed') return;
    const waitMs = this.#timeout(timeoutMs);
    const deadlineMs = this.#parts.runtime.now() + waitMs;
    this.withdraw();
    await this.#flushAccepted(waitMs, failureTimeoutMs);
    // Short processes do not live until the spool looks for itself.
    if (!this.#hasLookedForOrphans || this.#phase === 'flushing')
      await this.#flushOrphans(deadlineMs, failureTimeoutMs);
  }

  /** Claims what ended processes left in the spool, and sends it, part by part, as long as the destination takes it. */
  async #flushOrphans(deadlineMs: number, failureTimeoutMs: number | undefined): Promise<void> {
    const { spool, sender, runtime, counts } = this.#parts;
    if (!spool) return;
    let claimedBefore = counts.claimed;
    // Without entries of its own to try, it may not have heard yet that the destination works again.
    while (sender.state === 'sending' || counts.unfinished === 0) {
      let hasFound = false;
      const claim = async (): Promise<void> => {
        hasFound = await spool.claimOrphans();
      };
      const leftMs = deadlineMs - runtime.now();
      if (leftMs <= 0 || this.#isClosed()) return;
      await withTimeout(claim, leftMs, { timers: runtime });
      // The spool may have claimed some by itself meanwhile.
      if (!hasFound && counts.claimed === claimedBefore) {
        this.#hasLookedForOrphans = true;
        return;
      }
      claimedBefore = counts.claimed;
      await this.#flushAccepted(Math.max(deadlineMs - runtime.now(), 0), failureTimeoutMs);
    }
  }

  async #flushAccepted(waitMs: number, failureTimeoutMs: number | undefined): Promise<void> {
    const { counts, flushes, spool, runtime, sender } = this.#parts;
    const { accepted, unfinished } = counts;
    const written = spool && withTimeout(() => spool.written(accepted), waitMs, { timers: runtime });
    if (unfinished === 0) return written;
    const isFailing = (): boolean => sender.state !== 'sending';
    const finished = flushes.wait(accepted, unfinished, waitMs, failureTimeoutMs, [
      // The probe of a destination that hangs takes the time of a request.
      { afterMs: failureTimeoutMs ?? waitMs, isOver: isFailing },
      { afterMs: SAFE_FAILURE_TIMEOUT_MS, isOver: () => isFailing() && counts.inMemoryCount === 0 },
    ]);
    withTracingSuppressed(() => sender.flushNow());
    const inTime = await finished;
    await written;
    // A request that outlasts all flushes must not keep the process alive.
    if (!inTime && flushes.isEmpty) sender.giveUp();
  }

  /** Drops the entries that are withdrawn by now and have not been sent, and erases them on disk. */
  withdraw(): void {
    const { withdrawals, buffer, spool } = this.#parts;
    const withdrawn = withdrawals.all();
    if (withdrawn.size === 0) return;
    spool?.erase(withdrawn);
    buffer.dropWithdrawn();
  }

  /**
   * Flushes, drops the entries that remain in memory only as `shutdown_timeout` and releases the destination, all within `timeoutMs`
   * (default: `shutdownTimeoutMs`). Entries in the spool stay there. Further calls return the promise of the first.
   */
  shutdown(timeoutMs?: number): Promise<void> {
    this.#shutdown ??= this.#close(this.#parts.runtime.now() + this.#timeout(timeoutMs));
    return this.#shutdown;
  }

  /** Returns a snapshot of the counters. */
  stats(): DeliveryStats {
    const { destination, counts, sender, spool } = this.#parts;
    const { state, inFlightInMemoryOnly: inFlight, lastError } = sender;
    return {
      destination: destination.name,
      state: this.#phase === 'accepting' ? state : 'shut-down',
      accepted: counts.accepted,
      queued: counts.inMemoryCount - inFlight,
      inFlight,
      delivered: counts.delivered,
      spooled: counts.spooled,
      dropped: { ...counts.dropped },
      queuedBytes: counts.inMemoryBytes,
      ...(spool && {
        spool: { state: spool.state, bytes: spool.bytes, waiting: spool.waiting, claimed: counts.claimed },
      }),
      ...(lastError !== undefined && { lastError }),
    };
  }

  #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #timeout(givenMs: number | undefined): number {
    const { shutdownTimeoutMs } = this.#parts.settings;
    return typeof givenMs === 'number' && givenMs >= 0 ? givenMs : shutdownTimeoutMs;
  }

  async #close(deadlineMs: number): Promise<void> {
    const { destination, runtime, tracker, flushes, metrics, log, sender, buffer, spool } = this.#parts;
    this.#phase = 'flushing';
    // If the destination is down, the flush uses all of its time.
    const flushShare = spool || destination.shutdown ? FLUSH_SHARE : 1;
    await this.flush(Math.max(deadlineMs - runtime.now(), 0) * flushShare);
    this.withdraw();
    this.#phase = 'closed';
    spool?.stop();
    for (const entry of [...sender.end(), ...buffer.close()]) {
      if (entry.storage === 'memory') tracker.drop(entry, 'shutdown_timeout', sender.lastError);
    }
    log.reportRemainingDrops();
    const release = () => Promise.all([spool?.close(), destination.shutdown?.()]);
    const timeLeftMs = deadlineMs - runtime.now();
    await withTimeout(() => withTracingSuppressed(release), timeLeftMs, { timers: runtime });
    // Flushes that still await entries in the spool: this delivery does not send them any more.
    flushes.resolveAll();
    metrics.shutdown();
  }
}
