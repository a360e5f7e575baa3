import type { Destination, Entry, EntryKind } from '../destinations/destination.js';
import { Alarm } from './alarm.js';
import { attempt } from './attempt.js';
import { classify, type Verdict } from './classify.js';
import { type BatchLimits, largestEntryBytes, limitsOf } from './cut.js';
import { encodeOnce } from './encode-once.js';
import { Gates, type Probes } from './gates.js';
import { isolate } from './isolate.js';
import { Journal } from './journal.js';
import type { Lane, QueuedEntry } from './lane.js';
import { Lanes } from './lanes.js';
import { Ledger } from './ledger.js';
import { type DeliveryRuntime, systemRuntime } from './runtime.js';
import { errorTypeOf, statusOf } from './request-metrics.js';
import { SelfMetrics } from './self-metrics.js';
import { completeSettings, type DeliverySettings } from './settings.js';
import type { DeliveryStats, DropReason, FinalSettlement, Settlement } from './settlement.js';
import { openSpool } from './open-spool.js';
import type { TakenItem } from './spool.js';
import type { Spooling } from './spooling.js';
import { untraced } from './untraced.js';
import { Waiters } from './waiters.js';
import { within } from './within.js';

const NEVER = Number.POSITIVE_INFINITY;
const DELIVERED: FinalSettlement = { status: 'delivered' };

/** A batch under way. */
interface Flight {
  readonly lane: Lane;
  readonly batch: readonly QueuedEntry[];
  readonly probes: Probes;
  readonly abort: AbortController;
}

/**
 * Brings entries to one destination: in batches, bounded in memory, repeated until they arrive.
 *
 * Every accepted entry is settled exactly once: delivered (at least once), spooled, or dropped with a reason. With a spool it is
 * settled as soon as it is on disk, and sent from there. Nothing here throws into the caller, keeps the process alive (unless
 * somebody awaits `flush` or `shutdown`) or is traced. Constructing starts no timer and no I/O, unless there is a spool.
 */
export class Delivery {
  readonly #destination: Destination;
  readonly #settings: DeliverySettings;
  readonly #runtime: DeliveryRuntime;
  readonly #limits: BatchLimits;
  readonly #journal: Journal;
  readonly #waiters: Waiters;
  readonly #metrics: SelfMetrics;
  readonly #gates: Gates;
  /** Rings when a batch may be sent. */
  readonly #alarm: Alarm;
  readonly #ledger: Ledger;
  readonly #lanes: Lanes;
  readonly #spooling: Spooling | undefined;
  readonly #flights = new Set<Flight>();
  #lastError: string | undefined;
  /** Nothing new is accepted. */
  #closed = false;
  /** Nothing more is sent. */
  #isOver = false;
  #shutdown: Promise<void> | undefined;

  /** @throws TypeError when a setting is out of range. */
  constructor(
    destination: Destination,
    settings: Partial<DeliverySettings> = {},
    runtime: Partial<DeliveryRuntime> = {},
  ) {
    this.#destination = destination;
    this.#settings = completeSettings(settings);
    this.#runtime = { ...systemRuntime, ...runtime };
    this.#limits = limitsOf(destination);
    this.#journal = new Journal(destination.name, this.#runtime);
    this.#waiters = new Waiters(this.#runtime);
    this.#metrics = new SelfMetrics(this.#settings.meterProvider, destination, () => ({
      size: this.#ledger.unsettled,
      capacity: this.#settings.maxQueueRecords,
    }));
    this.#ledger = new Ledger(
      destination.name,
      this.#journal,
      this.#waiters,
      this.#metrics,
      this.#settings.onDrop,
    );
    this.#metrics.connect(0);
    this.#gates = new Gates(this.#runtime);
    this.#alarm = new Alarm(this.#runtime, () => this.#pump());
    this.#lanes = new Lanes(this.#limits);
    this.#spooling = openSpool(
      this.#settings.spool,
      destination.name,
      this.#ledger,
      this.#journal,
      this.#runtime,
      {
        stored: (entry) => this.#ledger.store(entry),
        unstored: (entry) =>
          this.#isOver ? this.#ledger.drop(entry, 'shutdown_timeout') : this.#enqueue(entry),
        room: (kind) => this.#room(kind),
        loaded: (kind, items) => this.#enqueueStored(kind, items),
      },
    );
    this.#ledger.onFinished = (entry, settlement, error) => this.#spooling?.finish(entry, settlement, error);
  }

  /** Encodes and queues an entry. `onSettled` is called exactly once, possibly before this returns. Never throws. */
  accept(entry: Entry, onSettled?: (settlement: Settlement) => void): void {
    const largest = Math.min(largestEntryBytes(this.#limits), this.#settings.maxQueueBytes);
    const { kind, json, bytes, refusal } = encodeOnce(this.#destination, entry, largest);
    const sequence = this.#ledger.accept(bytes);
    const queued = { kind, json, bytes, sequence, acceptedAtMs: this.#runtime.now(), onSettled };
    if (this.#closed) this.#ledger.drop(queued, 'already_shutdown');
    else if (refusal) this.#ledger.drop(queued, refusal);
    else if (this.#spooling) this.#write(queued, this.#spooling);
    else this.#enqueue(queued);
  }

  /**
   * Sends everything at once and resolves when all that was accepted before the call is delivered or dropped, at the latest
   * after `timeoutMs` (default: `shutdownTimeoutMs`), and sooner when nothing more can be tried within that time. What is
   * undelivered by then is kept: in the spool if there is one, else in memory.
   */
  async flush(timeoutMs?: number): Promise<void> {
    if (this.#ledger.unfinished === 0 || this.#isOver) return;
    const waitMs = this.#timeout(timeoutMs);
    const { accepted, unfinished } = this.#ledger;
    const finished = this.#waiters.wait(accepted, unfinished, waitMs);
    const written = this.#spooling && within(waitMs, () => this.#spooling?.written(accepted), this.#runtime);
    this.#gates.hurry();
    untraced(() => this.#pump());
    const inTime = await finished;
    await written;
    // A request that outlasts everybody who waits for it would keep the process alive. Its entries wait on, to be sent again.
    if (!inTime && this.#waiters.isEmpty) for (const { abort } of this.#flights) abort.abort();
  }

  /**
   * Flushes, drops what is left in memory alone as `shutdown_timeout` and releases the destination, all within `timeoutMs`
   * (default: `shutdownTimeoutMs`). What is in the spool stays there. Any further call returns the promise of the first.
   */
  shutdown(timeoutMs?: number): Promise<void> {
    this.#shutdown ??= this.#close(this.#runtime.now() + this.#timeout(timeoutMs));
    return this.#shutdown;
  }

  /** A snapshot of the counters. */
  stats(): DeliveryStats {
    const inFlight = this.#inFlight();
    const spool = this.#spooling;
    return {
      destination: this.#destination.name,
      state: this.#closed ? 'shut-down' : this.#gates.state,
      accepted: this.#ledger.accepted,
      queued: this.#ledger.unsettled - inFlight,
      inFlight,
      delivered: this.#ledger.delivered,
      spooled: this.#ledger.spooled,
      dropped: { ...this.#ledger.dropped },
      queuedBytes: this.#ledger.heldBytes,
      ...(spool && {
        spool: {
          state: spool.state,
          bytes: spool.store.bytes,
          waiting: spool.waiting,
          adopted: this.#ledger.adopted,
        },
      }),
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    };
  }

  #timeout(givenMs: number | undefined): number {
    return typeof givenMs === 'number' && givenMs >= 0 ? givenMs : this.#settings.shutdownTimeoutMs;
  }

  #enqueue(entry: QueuedEntry): void {
    const lane = this.#lanes.of(entry.kind);
    const wasFull = lane.isFull(this.#settings.flushAt);
    lane.push(entry);
    this.#dropOverflow();
    if (lane.size === 1 || lane.isFull(this.#settings.flushAt) !== wasFull) this.#setAlarm();
  }

  #write(entry: QueuedEntry, spooling: Spooling): void {
    spooling.write(entry);
    this.#dropOverflow();
  }

  #enqueueStored(kind: EntryKind, items: readonly TakenItem[]): void {
    const lane = this.#lanes.of(kind);
    if (this.#isOver) return;
    for (const item of items) lane.push({ kind, ...item });
    this.#setAlarm();
  }

  /** So much more of a kind should be loaded from the spool: enough for all that may be under way, and as much again. */
  #room(kind: EntryKind): { items: number; bytes: number } {
    const { concurrency, flushAt, maxQueueRecords, maxQueueBytes } = this.#settings;
    const lane = this.#lanes.of(kind);
    const items = Math.max(this.#limits.maxItems * concurrency * 2, flushAt);
    return {
      items: Math.min(items, maxQueueRecords) - lane.size - lane.flights * this.#limits.maxItems,
      bytes: Math.min(this.#limits.maxBytes * (concurrency + 1), maxQueueBytes) - lane.bytes,
    };
  }

  /** Entries under way that are in memory alone. */
  #inFlight(): number {
    let count = 0;
    for (const { batch } of this.#flights) for (const { ticket } of batch) if (!ticket) count++;
    return count;
  }

  #dropOverflow(): void {
    const { maxQueueRecords, maxQueueBytes } = this.#settings;
    while (this.#ledger.unsettled > maxQueueRecords || this.#ledger.heldBytes > maxQueueBytes) {
      // What waits to be written is younger than what could not be written.
      const oldest = this.#lanes.removeOldestHeld() ?? this.#spooling?.removeOldest();
      if (!oldest) return;
      this.#ledger.drop(oldest, 'queue_overflow');
    }
  }

  /** Sends whatever may be sent now, and sees to it that it is called again when more may be. */
  #pump(): void {
    for (const lane of this.#lanes) {
      while (this.#readyAtMs(lane) <= this.#runtime.now()) {
        this.#dropExpired(lane);
        const batch = lane.takeBatch();
        if (batch.length > 0) this.#launch(lane, batch);
      }
    }
    this.#lanes.takeTurns();
    this.#spooling?.refill();
    if (this.#flights.size === 0) this.#waiters.releaseBefore(this.#nextChanceMs());
    this.#setAlarm();
  }

  /** When the lane's next batch should go: when it is due, both gates are open and there is a free place. */
  #readyAtMs(lane: Lane): number {
    if (lane.flights >= this.#settings.concurrency) return NEVER;
    return Math.max(this.#dueAtMs(lane), this.#gates.opensAt(lane.kind));
  }

  #dueAtMs(lane: Lane): number {
    const oldest = lane.oldest;
    if (!oldest) return NEVER;
    if (lane.isFull(this.#settings.flushAt) || oldest.sequence <= this.#waiters.awaitedUpTo) return 0;
    return oldest.acceptedAtMs + this.#settings.flushIntervalMs;
  }

  /** When the gates let a batch through that waits. */
  #nextChanceMs(): number {
    if (this.#lanes.size === 0) return 0;
    return this.#lanes.earliest((lane) => (lane.size > 0 ? this.#gates.opensAt(lane.kind) : NEVER));
  }

  #setAlarm(): void {
    this.#alarm.set(this.#lanes.earliest((lane) => this.#readyAtMs(lane)));
  }

  #launch(lane: Lane, batch: readonly QueuedEntry[]): void {
    const flight: Flight = {
      lane,
      batch,
      probes: this.#gates.enter(lane.kind),
      abort: new AbortController(),
    };
    this.#metrics.connect(this.#ledger.unfinished);
    lane.flights++;
    this.#flights.add(flight);
    void this.#fly(flight);
  }

  async #fly(flight: Flight): Promise<void> {
    const { lane, batch, abort } = flight;
    const startedMs = this.#runtime.now();
    const request = { kind: lane.kind, items: batch.map(({ json }) => json) };
    const outcome = await attempt(
      this.#destination,
      request,
      this.#settings.requestTimeoutMs,
      abort,
      this.#runtime,
    );
    // Shut down meanwhile: the batch is settled already.
    if (!this.#flights.delete(flight)) return;
    lane.flights--;
    const verdict = classify(outcome, this.#runtime.now());
    const seconds = (this.#runtime.now() - startedMs) / 1_000;
    this.#metrics.requested(seconds, statusOf(outcome), errorTypeOf(outcome, verdict));
    this.#land(flight, verdict);
    this.#pump();
  }

  #land(flight: Flight, verdict: Verdict): void {
    const { lane, batch, probes } = flight;
    if ('error' in verdict) this.#lastError = verdict.error;
    switch (verdict.action) {
      case 'retry':
        lane.giveBack(batch);
        this.#gates.fail(lane.kind, probes, verdict);
        return this.#journal.failed(verdict.error, this.#ledger.unsettled);
      case 'park':
        lane.giveBack(batch);
        this.#gates.park(lane.kind, probes);
        return this.#journal.refused(verdict.error, this.#ledger.unsettled);
      case 'deliver':
        this.#gates.pass(lane.kind, probes);
        return this.#deliver(batch, verdict.rejected);
      case 'split':
        this.#gates.pass(lane.kind, probes);
        if (batch.length > 1) return lane.giveBackSmaller(batch);
        return this.#dropAll(batch, 'too_large', verdict.error);
      case 'isolate': {
        this.#gates.pass(lane.kind, probes);
        const { bad, again } = isolate(batch, verdict.rejected);
        for (const part of again) lane.giveBack(part);
        return this.#dropAll(bad, 'invalid', verdict.error);
      }
      case 'drop':
        this.#gates.pass(lane.kind, probes);
        return this.#dropAll(batch, verdict.reason, verdict.error);
      default: {
        const unreachable: never = verdict;
        return unreachable;
      }
    }
  }

  #deliver(batch: readonly QueuedEntry[], rejected: readonly number[]): void {
    for (const [index, entry] of batch.entries()) {
      if (rejected.includes(index)) this.#ledger.drop(entry, 'invalid');
      else this.#ledger.settle(entry, DELIVERED);
    }
    if (this.#gates.state === 'open') this.#journal.recovered(this.#ledger.unsettled);
  }

  #dropExpired(lane: Lane): void {
    const oldestAllowedMs = this.#runtime.now() - (this.#spooling?.store.maxAgeMs ?? this.#settings.maxAgeMs);
    for (let entry; (entry = lane.removeOlderThan(oldestAllowedMs));) this.#ledger.drop(entry, 'expired');
  }

  #dropAll(entries: readonly QueuedEntry[], reason: DropReason, error?: string): void {
    for (const entry of entries) this.#ledger.drop(entry, reason, error);
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    await this.flush(Math.max(deadlineMs - this.#runtime.now(), 0));
    this.#isOver = true;
    this.#spooling?.stop();
    this.#alarm.set(NEVER);
    const left = [...this.#flights].flatMap(({ batch }) => batch);
    for (const { abort } of this.#flights) abort.abort();
    this.#flights.clear();
    for (let entry; (entry = this.#lanes.removeOldestHeld());) left.push(entry);
    for (let entry; (entry = this.#spooling?.removeOldest());) left.push(entry);
    this.#dropAll(
      left.filter(({ ticket }) => !ticket),
      'shutdown_timeout',
      this.#lastError,
    );
    this.#journal.reportDrops();
    const timeLeftMs = deadlineMs - this.#runtime.now();
    const release = () => Promise.all([this.#spooling?.close(), this.#destination.shutdown?.()]);
    await within(timeLeftMs, () => untraced(release), this.#runtime);
    // Whoever still awaits what is in the spool: this delivery will not send it any more.
    this.#waiters.releaseBefore(NEVER);
    this.#metrics.shutdown();
  }
}
