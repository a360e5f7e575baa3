import type { Destination, Entry } from '../destinations/destination.js';
import { attempt } from './attempt.js';
import { classify, type Verdict } from './classify.js';
import { type BatchLimits, batchBytes } from './cut.js';
import { type Encoded, encodeOnce } from './encode-once.js';
import { Gate } from './gate.js';
import { isolate } from './isolate.js';
import { Journal } from './journal.js';
import { Lane, type QueuedEntry } from './lane.js';
import { Ledger } from './ledger.js';
import { type DeliveryRuntime, systemRuntime } from './runtime.js';
import { safely } from './safely.js';
import { completeSettings, type DeliverySettings } from './settings.js';
import type { DeliveryStats, DropReason, Settlement } from './settlement.js';
import { untraced } from './untraced.js';
import { Waiters } from './waiters.js';

export type { DeliveryRuntime } from './runtime.js';
export type { DeliverySettings, DroppedEntry } from './settings.js';
export type { DeliveryStats, DropReason, Settlement } from './settlement.js';

const DEFAULT_LIMITS: BatchLimits = { maxItems: 100, maxBytes: 900_000 };
const NEVER = Number.POSITIVE_INFINITY;
const DELIVERED: Settlement = { status: 'delivered' };

/** A batch under way. */
interface Flight {
  readonly lane: Lane;
  readonly batch: readonly QueuedEntry[];
  /** Whether it goes ahead of the others after an outage: of the whole destination, of its lane. */
  readonly probes: { readonly destination: boolean; readonly lane: boolean };
  readonly abort: AbortController;
}

/**
 * Brings entries to one destination: in batches, bounded in memory, repeated until they arrive.
 *
 * Every accepted entry is settled exactly once: delivered (at least once), spooled, or dropped with a reason. Nothing here
 * throws into the caller, keeps the process alive (unless somebody awaits `flush` or `shutdown`) or is traced. Constructing
 * starts no timer and no I/O.
 */
export class Delivery {
  readonly #destination: Destination;
  readonly #settings: DeliverySettings;
  readonly #runtime: DeliveryRuntime;
  readonly #limits: BatchLimits;
  readonly #journal: Journal;
  readonly #waiters: Waiters;
  readonly #ledger = new Ledger();
  /** Closed when the destination as a whole is troubled; each lane has one more for troubles of its own. */
  readonly #gate = new Gate();
  /** The first one has the first chance to send; they take turns. */
  readonly #lanes: Lane[];
  readonly #flights = new Set<Flight>();
  /** UTF-8 bytes of what is queued or in flight. */
  #heldBytes = 0;
  #lastError: string | undefined;
  #wakeTimer: unknown;
  #wakesAtMs = NEVER;
  #closed = false;
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
    this.#limits = { ...DEFAULT_LIMITS, ...destination.limits };
    this.#journal = new Journal(destination.name, this.#runtime);
    this.#waiters = new Waiters(this.#runtime);
    this.#lanes = [new Lane('prompt', this.#limits), new Lane('event', this.#limits)];
  }

  /** Encodes and queues an entry. `onSettled` is called exactly once, possibly before this returns. Never throws. */
  accept(entry: Entry, onSettled?: (settlement: Settlement) => void): void {
    const { kind, json, bytes, refusal }: Encoded = encodeOnce(this.#destination, entry);
    const queued = {
      kind,
      json,
      bytes,
      sequence: ++this.#ledger.accepted,
      acceptedAtMs: this.#runtime.now(),
      onSettled,
    };
    this.#heldBytes += bytes;
    if (this.#closed) return this.#drop(queued, 'already_shutdown');
    if (refusal) return this.#drop(queued, refusal);
    if (this.#isTooLarge(bytes)) return this.#drop(queued, 'too_large');
    this.#enqueue(queued);
  }

  /**
   * Sends everything at once and resolves when all that was accepted before the call is settled, at the latest after
   * `timeoutMs` (default: `shutdownTimeoutMs`), and sooner when nothing more can be tried within that time.
   */
  async flush(timeoutMs?: number): Promise<void> {
    if (this.#ledger.unsettled === 0) return;
    const settled = this.#waiters.wait(
      this.#ledger.accepted,
      this.#ledger.unsettled,
      this.#timeout(timeoutMs),
    );
    const now = this.#runtime.now();
    this.#gate.hurry(now);
    for (const lane of this.#lanes) lane.gate.hurry(now);
    untraced(() => this.#pump());
    await settled;
  }

  /**
   * Flushes, drops what is left as `shutdown_timeout` and releases the destination, all within `timeoutMs` (default:
   * `shutdownTimeoutMs`). Any further call returns the promise of the first.
   */
  shutdown(timeoutMs?: number): Promise<void> {
    this.#shutdown ??= this.#close(this.#runtime.now() + this.#timeout(timeoutMs));
    return this.#shutdown;
  }

  /** A snapshot of the counters. */
  stats(): DeliveryStats {
    const queued = this.#lanes.reduce((sum, lane) => sum + lane.size, 0);
    return {
      destination: this.#destination.name,
      state: this.#state(),
      accepted: this.#ledger.accepted,
      queued,
      inFlight: this.#ledger.unsettled - queued,
      delivered: this.#ledger.delivered,
      spooled: this.#ledger.spooled,
      dropped: { ...this.#ledger.dropped },
      queuedBytes: this.#heldBytes,
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    };
  }

  #state(): DeliveryStats['state'] {
    if (this.#closed) return 'shut-down';
    return (
      [this.#gate, ...this.#lanes.map((lane) => lane.gate)].find((gate) => gate.state !== 'open')?.state ??
      'open'
    );
  }

  #timeout(givenMs: number | undefined): number {
    return typeof givenMs === 'number' && givenMs >= 0 ? givenMs : this.#settings.shutdownTimeoutMs;
  }

  #isTooLarge(bytes: number): boolean {
    return batchBytes([{ bytes }]) > this.#limits.maxBytes || bytes > this.#settings.maxQueueBytes;
  }

  #enqueue(entry: QueuedEntry): void {
    const lane = this.#lanes.find(({ kind }) => kind === entry.kind) as Lane;
    const wasFull = lane.isFull(this.#settings.flushAt);
    lane.push(entry);
    this.#dropOverflow();
    if (lane.size === 1 || lane.isFull(this.#settings.flushAt) !== wasFull) this.#scheduleWake();
  }

  #dropOverflow(): void {
    while (
      this.#ledger.unsettled > this.#settings.maxQueueRecords ||
      this.#heldBytes > this.#settings.maxQueueBytes
    ) {
      const oldest = laneOfOldest(this.#lanes)?.removeOldest();
      if (!oldest) return;
      this.#drop(oldest, 'queue_overflow');
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
    this.#lanes.reverse();
    if (this.#flights.size === 0) this.#waiters.releaseBefore(this.#nextChanceMs());
    this.#scheduleWake();
  }

  /** When the lane's next batch should go: when it is due, both gates are open and there is a free place. */
  #readyAtMs(lane: Lane): number {
    if (lane.flights >= this.#settings.concurrency) return NEVER;
    return Math.max(this.#dueAtMs(lane), this.#gate.opensAt, lane.gate.opensAt);
  }

  #dueAtMs(lane: Lane): number {
    const oldest = lane.oldest;
    if (!oldest) return NEVER;
    if (lane.isFull(this.#settings.flushAt) || oldest.sequence <= this.#waiters.awaitedUpTo) return 0;
    return oldest.acceptedAtMs + this.#settings.flushIntervalMs;
  }

  /** When the gates let a batch through, if one waits. */
  #nextChanceMs(): number {
    const waiting = this.#lanes.filter((lane) => lane.size > 0);
    return Math.min(...waiting.map((lane) => Math.max(this.#gate.opensAt, lane.gate.opensAt)));
  }

  #scheduleWake(): void {
    const wakeAtMs = Math.min(...this.#lanes.map((lane) => this.#readyAtMs(lane)));
    if (wakeAtMs === this.#wakesAtMs) return;
    this.#runtime.clearTimer(this.#wakeTimer);
    this.#wakesAtMs = wakeAtMs;
    if (wakeAtMs === NEVER) return;
    // Never at once: the caller may be in the middle of `span.end()`.
    const delayMs = Math.max(wakeAtMs - this.#runtime.now(), 0);
    this.#wakeTimer = this.#runtime.setTimer(() => this.#wake(), delayMs, false);
  }

  #wake(): void {
    this.#wakesAtMs = NEVER;
    untraced(() => this.#pump());
  }

  #launch(lane: Lane, batch: readonly QueuedEntry[]): void {
    const probes = { destination: this.#gate.enter(), lane: lane.gate.enter() };
    const flight: Flight = { lane, batch, probes, abort: new AbortController() };
    lane.flights++;
    this.#flights.add(flight);
    void this.#fly(flight);
  }

  async #fly(flight: Flight): Promise<void> {
    const { lane, batch, abort } = flight;
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
    this.#land(flight, classify(outcome, this.#runtime.now()));
    this.#pump();
  }

  #land(flight: Flight, verdict: Verdict): void {
    const { lane, batch } = flight;
    if ('error' in verdict) this.#lastError = verdict.error;
    switch (verdict.action) {
      case 'retry':
        lane.giveBack(batch);
        return this.#backOff(flight, verdict);
      case 'park':
        lane.giveBack(batch);
        return this.#park(flight, verdict.error);
      case 'deliver':
        this.#pass(flight);
        return this.#deliver(batch, verdict.rejected);
      case 'split':
        this.#pass(flight);
        if (batch.length > 1) return lane.giveBackSmaller(batch);
        return this.#dropAll(batch, 'too_large', verdict.error);
      case 'isolate': {
        this.#pass(flight);
        const { bad, again } = isolate(batch, verdict.rejected);
        for (const part of again) lane.giveBack(part);
        return this.#dropAll(bad, 'invalid', verdict.error);
      }
      case 'drop':
        this.#pass(flight);
        return this.#dropAll(batch, verdict.reason, verdict.error);
      default: {
        const unreachable: never = verdict;
        return unreachable;
      }
    }
  }

  #pass({ lane, probes }: Flight): void {
    this.#gate.pass(probes.destination);
    lane.gate.pass(probes.lane);
  }

  #backOff({ lane, probes }: Flight, { scope, error, retryAfterMs }: Verdict & { action: 'retry' }): void {
    const now = this.#runtime.now();
    const random = () => this.#runtime.random();
    if (scope === 'destination') {
      this.#gate.fail(now, probes.destination, random, retryAfterMs);
      lane.gate.returnProbe(now, probes.lane);
    } else {
      this.#gate.pass(probes.destination);
      lane.gate.fail(now, probes.lane, random);
    }
    this.#journal.failed(error, this.#ledger.unsettled);
  }

  #park({ lane, probes }: Flight, error: string): void {
    this.#gate.park(this.#runtime.now(), probes.destination);
    lane.gate.returnProbe(this.#runtime.now(), probes.lane);
    this.#journal.refused(error, this.#ledger.unsettled);
  }

  #deliver(batch: readonly QueuedEntry[], rejected: readonly number[]): void {
    for (const [index, entry] of batch.entries()) {
      if (rejected.includes(index)) this.#drop(entry, 'invalid');
      else this.#settle(entry, DELIVERED);
    }
    if (this.#state() === 'open') this.#journal.recovered(this.#ledger.unsettled);
  }

  #dropExpired(lane: Lane): void {
    const oldestAllowedMs = this.#runtime.now() - this.#settings.maxAgeMs;
    for (let entry; (entry = lane.removeOlderThan(oldestAllowedMs));) this.#drop(entry, 'expired');
  }

  #dropAll(entries: readonly QueuedEntry[], reason: DropReason, error?: string): void {
    for (const entry of entries) this.#drop(entry, reason, error);
  }

  #drop(entry: QueuedEntry, reason: DropReason, error?: string): void {
    this.#journal.dropped(reason, error);
    this.#settle(entry, { status: 'dropped', reason });
    const { kind, json } = entry;
    safely(this.#settings.onDrop, {
      destination: this.#destination.name,
      kind,
      reason,
      json: json === '' ? undefined : json,
    });
  }

  #settle(entry: QueuedEntry, settlement: Settlement): void {
    this.#ledger.settle(settlement);
    this.#heldBytes -= entry.bytes;
    this.#waiters.settled(entry.sequence);
    safely(entry.onSettled, settlement);
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    await this.flush(deadlineMs - this.#runtime.now());
    this.#runtime.clearTimer(this.#wakeTimer);
    const left = [...this.#flights].flatMap(({ batch }) => batch);
    for (const { abort } of this.#flights) abort.abort();
    this.#flights.clear();
    for (const lane of this.#lanes) {
      for (let entry; (entry = lane.removeOldest());) left.push(entry);
    }
    this.#dropAll(left, 'shutdown_timeout', this.#lastError);
    this.#journal.reportDrops();
    await this.#releaseDestination(deadlineMs);
  }

  async #releaseDestination(deadlineMs: number): Promise<void> {
    if (!this.#destination.shutdown) return;
    let timer: unknown;
    const timeout = new Promise<void>((resolve) => {
      timer = this.#runtime.setTimer(resolve, Math.max(deadlineMs - this.#runtime.now(), 0), true);
    });
    const released = untraced(async () => this.#destination.shutdown?.()).catch(() => {});
    await Promise.race([released, timeout]);
    this.#runtime.clearTimer(timer);
  }
}

function laneOfOldest(lanes: readonly Lane[]): Lane | undefined {
  let found: Lane | undefined;
  for (const lane of lanes) {
    if (lane.oldest && (!found?.oldest || lane.oldest.sequence < found.oldest.sequence)) found = lane;
  }
  return found;
}
