import type { EntryKind } from '../../destinations/destination.js';
import { fitCount } from '../queue/split-into-batches.js';
import { Fifo } from '../queue/fifo.js';
import type { DeliveryLog } from '../accounting/delivery-log.js';
import type { QueuedEntry } from '../queue/entry-queue.js';
import { describeError } from '../sending/outcome.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { DropReason, FinalSettlement } from '../model/settlement.js';
import type { SpoolItem, SpoolStore, TakenItem } from '../model/spool.js';

const KINDS = ['prompt', 'event'] as const satisfies readonly EntryKind[];
/** One write, one sync: more in one go only makes the first of them wait. */
const LARGEST_WRITE = { maxItems: 1_000, maxBytes: 1_000_000 };
/** A disk that is full or forbidden is not asked again for each entry. */
const RETRY_MS = 5_000;
const PROGRESS_MS = 30_000;
/** What the destination itself refused is kept for people to look at. */
const DEAD_LETTER_REASONS: ReadonlySet<DropReason> = new Set([
  'invalid',
  'too_large',
  'http_error',
  'redirect',
]);

/** What a delivery does at the request of its spool. */
export interface SpoolingHooks {
  /** The entry is stored, and need not be kept in memory. */
  stored(entry: QueuedEntry): void;
  /** The entry could not be stored, and has to be kept in memory. */
  unstored(entry: QueuedEntry): void;
  /** How much more of a kind should be in memory, ready to be sent. */
  room(kind: EntryKind): { readonly items: number; readonly bytes: number };
  loaded(kind: EntryKind, items: readonly TakenItem[]): void;
}

/**
 * Leads every entry through the spool: written first, one write at a time with all that has come meanwhile; then loaded, as
 * much as can be sent soon. While the spool cannot be written, entries stay in memory.
 */
export class SpoolController {
  readonly store: SpoolStore;
  readonly #hooks: SpoolingHooks;
  readonly #journal: DeliveryLog;
  readonly #runtime: DeliveryRuntime;
  readonly #waiting = new Fifo<QueuedEntry>();
  readonly #loading = new Set<EntryKind>();
  /** The write under way, and what it is about. */
  #write: Promise<void> | undefined;
  #writing: readonly QueuedEntry[] = [];
  #failed = false;
  #retryAtMs = 0;
  /** Taken from the store, and not finished. */
  #underWay = 0;
  /** Since the queue on the disk began to be longer than what fits into memory. */
  #finished = 0;
  #progressTold = false;
  #progressTimer: unknown;
  #closed = false;

  constructor(store: SpoolStore, hooks: SpoolingHooks, journal: DeliveryLog, runtime: DeliveryRuntime) {
    this.store = store;
    this.#hooks = hooks;
    this.#journal = journal;
    this.#runtime = runtime;
  }

  get state(): 'writing' | 'memory-only' {
    return this.#failed ? 'memory-only' : 'writing';
  }

  /** Stored entries that are not in memory. */
  get waiting(): number {
    return KINDS.reduce((sum, kind) => sum + this.store.waiting(kind), 0);
  }

  write(entry: QueuedEntry): void {
    this.#waiting.push(entry);
    this.#write ??= this.#writeNext();
  }

  /** Resolves when everything up to this number is written, or known to stay in memory. */
  async written(upTo: number): Promise<void> {
    while (this.#oldestUnwritten <= upTo) await this.#write;
  }

  /** Gives up on the oldest entry that still waits to be written. */
  removeOldest(): QueuedEntry | undefined {
    return this.#waiting.take(1)[0];
  }

  /** Loads what there is room for. */
  refill(): void {
    for (const kind of KINDS) void this.#load(kind);
  }

  finish(entry: QueuedEntry, settlement: FinalSettlement, error: string | undefined): void {
    if (settlement.status === 'dropped' && DEAD_LETTER_REASONS.has(settlement.reason)) {
      this.store.deadLetter(entry.kind, entry.json, settlement.reason, error);
    }
    if (!entry.ticket) return;
    this.store.finish(entry.ticket);
    this.#underWay--;
    this.#finished++;
  }

  claimed(count: number, bytes: number): void {
    this.#journal.claimed(count, bytes);
    this.#progressTold = true;
    this.refill();
    this.#watchProgress();
  }

  /** Nothing is loaded any more, and nothing written but what has been begun. */
  stop(): void {
    this.#closed = true;
    this.#runtime.clearTimer(this.#progressTimer);
  }

  /** What is stored stays stored. */
  async close(): Promise<void> {
    await this.written(Number.POSITIVE_INFINITY);
    await this.store.close();
  }

  get #oldestUnwritten(): number {
    return (this.#writing[0] ?? this.#waiting.first)?.sequence ?? Number.NaN;
  }

  async #writeNext(): Promise<void> {
    // Whatever else is accepted in this tick shares the first write.
    await Promise.resolve();
    this.#writing = this.#waiting.take(fitCount(this.#waiting, LARGEST_WRITE));
    for (const kind of KINDS) {
      const entries = this.#writing.filter((entry) => entry.kind === kind);
      await this.#writeKind(kind, entries);
    }
    this.#writing = [];
    this.#write = this.#waiting.size > 0 ? this.#writeNext() : undefined;
    this.refill();
  }

  async #writeKind(kind: EntryKind, entries: readonly QueuedEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const isStored = await this.#append(kind, entries);
    for (const entry of entries) {
      if (isStored) this.#hooks.stored(entry);
      else this.#hooks.unstored(entry);
    }
  }

  async #append(kind: EntryKind, entries: readonly QueuedEntry[]): Promise<boolean> {
    if (this.#failed && this.#runtime.now() < this.#retryAtMs) return false;
    // Nothing but this: what comes back from the spool has no caller any more.
    const items = entries.map(({ json, bytes, acceptedAtMs, sequence }): SpoolItem => ({
      json,
      bytes,
      acceptedAtMs,
      sequence,
    }));
    try {
      await this.store.append(kind, items);
    } catch (error) {
      this.#retryAtMs = this.#runtime.now() + RETRY_MS;
      if (!this.#failed) this.#journal.spoolFailed(describeError(error));
      this.#failed = true;
      return false;
    }
    if (this.#failed) this.#journal.spoolRecovered();
    this.#failed = false;
    return true;
  }

  async #load(kind: EntryKind): Promise<void> {
    if (this.#loading.has(kind)) return;
    this.#loading.add(kind);
    while (!this.#closed && this.store.waiting(kind) > 0) {
      const { items, bytes } = this.#hooks.room(kind);
      if (items <= 0 || bytes <= 0) break;
      const taken = await this.store.take(kind, items, bytes);
      this.#underWay += taken.length;
      if (taken.length === 0 || this.#closed) break;
      this.#hooks.loaded(kind, taken);
    }
    this.#loading.delete(kind);
    this.#watchProgress();
  }

  /** Says now and then how far it has come, while there is more on the disk than fits into memory. */
  #watchProgress(): void {
    if (this.#closed || this.#progressTimer !== undefined || this.waiting === 0) return;
    this.#finished = 0;
    this.#reportProgressLater();
  }

  #reportProgressLater(): void {
    const before = this.#finished;
    this.#progressTimer = this.#runtime.setTimer(() => this.#reportProgress(before), PROGRESS_MS, false);
  }

  #reportProgress(finishedBefore: number): void {
    this.#progressTimer = undefined;
    const left = this.waiting + this.#underWay;
    if (left === 0) {
      if (this.#progressTold) this.#journal.replayed(this.#finished);
      this.#progressTold = false;
      return;
    }
    // In an outage nothing moves, and there is nothing to tell.
    if (this.#finished > finishedBefore) {
      this.#journal.replaying(left, this.store.bytes);
      this.#progressTold = true;
    }
    this.#reportProgressLater();
  }
}
