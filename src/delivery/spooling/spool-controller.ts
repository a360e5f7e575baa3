import type { EntryKind } from '../../destinations/destination.js';
import type { DeliveryLog } from '../accounting/delivery-log.js';
import type { SettlementListener, SettlementTracker } from '../accounting/settlement-tracker.js';
import { type AnyEntry, ENTRY_KINDS, type MemoryEntry } from '../model/queued-entry.js';
import type { DropReason, FinalSettlement } from '../model/settlement.js';
import { SpoolRefusal, type SpoolItem, type SpoolStore, type TakenItem } from '../model/spool.js';
import type { Fifo } from '../queue/fifo.js';
import type { Withdrawals } from '../queue/withdrawals.js';
import { fitCount } from '../queue/split-into-batches.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import { describeError } from '../sending/outcome.js';
import { SpoolLog } from './spool-log.js';
import { SpoolProgress, waitingIn } from './spool-progress.js';

/** The largest write. One write is one sync; in a larger write the first entries would only wait longer. */
const MAX_WRITE = { maxItems: 1_000, maxBytes: 1_000_000 };
/** The interval at which a spool that cannot be written is tried again, so that a full disk does not cost a write per entry. */
const RETRY_MS = 5_000;
/** Errors after which a smaller write may succeed. */
const OUT_OF_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'SPOOL_FULL']);
/** Drops by the destination itself: these entries are kept so that people can inspect them. */
const DEAD_LETTER_REASONS: ReadonlySet<DropReason> = new Set([
  'invalid',
  'too_large',
  'http_error',
  'redirect',
]);

/** The queues in memory, as far as the spool needs them. */
export interface LoadTarget {
  /** Takes an entry that could not be stored. */
  add(entry: MemoryEntry): void;
  addLoaded(kind: EntryKind, items: readonly TakenItem[]): void;
  /** Returns how much of a kind to load. */
  roomFor(kind: EntryKind): { readonly items: number; readonly bytes: number };
}

export interface SpoolControllerParts {
  readonly store: SpoolStore;
  /** Entries that wait to be written. */
  readonly unwritten: Fifo<MemoryEntry>;
  readonly target: LoadTarget;
  readonly tracker: SettlementTracker;
  readonly log: DeliveryLog;
  readonly runtime: DeliveryRuntime;
  readonly withdrawals: Withdrawals;
}

/**
 * Writes every entry to the spool and loads as many as can be sent soon. One write is in progress at a time, with all entries that
 * have arrived meanwhile. While the spool cannot be written, entries stay in memory.
 */
export class SpoolController implements SettlementListener {
  readonly #parts: SpoolControllerParts;
  readonly #log: SpoolLog;
  readonly #progress: SpoolProgress;
  readonly #loading = new Set<EntryKind>();
  #write: Promise<void> | undefined;
  /** The entries of the write in progress. */
  #writing: readonly MemoryEntry[] = [];
  #hasFailed = false;
  #retryAtMs = 0;
  #isStopped = false;
  #erasing: Promise<unknown> = Promise.resolve();

  constructor(parts: SpoolControllerParts) {
    this.#parts = parts;
    this.#log = new SpoolLog(parts.log);
    this.#progress = new SpoolProgress(parts.store, this.#log, parts.runtime);
  }

  get state(): 'writing' | 'memory-only' {
    return this.#hasFailed ? 'memory-only' : 'writing';
  }

  /** Bytes that the spool uses. */
  get bytes(): number {
    return this.#parts.store.bytes;
  }

  /** Stored entries that are not in memory. */
  get waiting(): number {
    return waitingIn(this.#parts.store);
  }

  write(entry: MemoryEntry): void {
    this.#parts.unwritten.push(entry);
    this.#write ??= this.#writeNext();
  }

  /** Resolves when all entries up to the number `upTo` are written, or are known to stay in memory, and withdrawn ones are erased. */
  async written(upTo: number): Promise<void> {
    while (this.#hasUnwritten(upTo)) await this.#write;
    await this.#erasing;
  }

  /** Loads entries for which there is room. */
  refill(): void {
    for (const kind of ENTRY_KINDS) void this.#load(kind);
  }

  onFinished(entry: AnyEntry, settlement: FinalSettlement, error: string | undefined): void {
    const { store } = this.#parts;
    if (settlement.status === 'dropped' && DEAD_LETTER_REASONS.has(settlement.reason)) {
      if (entry.json !== undefined) store.deadLetter(entry.kind, entry.json, settlement.reason, error);
    }
    if (entry.storage !== 'spool') return;
    store.finish(entry.handle);
    this.#progress.onFinished();
  }

  onClaimed(): void {
    // In a microtask, because the store hands out the entries only after it has received their number.
    queueMicrotask(() => {
      this.#progress.onClaimed();
      this.refill();
      this.#progress.watch();
    });
  }

  /** Stops loading and starts no further write. A write in progress completes. */
  stop(): void {
    this.#isStopped = true;
    this.#progress.stop();
  }

  /** Erases entries that are withdrawn. Entries that are not written yet are dropped instead of written. */
  erase(sequences: ReadonlySet<number>): void {
    const { store } = this.#parts;
    this.#erasing = Promise.all([this.#erasing, store.erase?.(sequences)]);
  }

  /** Claims entries of processes that have ended. Returns false if there were none. */
  async claimOrphans(): Promise<boolean> {
    return (await this.#parts.store.claimOrphans?.()) ?? false;
  }

  /** Closes the store after the write in progress. Stored entries stay. */
  async close(): Promise<void> {
    await this.written(Number.POSITIVE_INFINITY);
    await this.#parts.store.close();
  }

  #hasUnwritten(upTo: number): boolean {
    const oldest = this.#writing[0] ?? this.#parts.unwritten.first;
    return oldest !== undefined && oldest.sequence <= upTo;
  }

  async #writeNext(): Promise<void> {
    const { unwritten } = this.#parts;
    // Entries that are accepted in the same turn share the first write.
    await Promise.resolve();
    this.#writing = this.#withoutWithdrawn(unwritten.take(fitCount(unwritten, MAX_WRITE)));
    for (const kind of ENTRY_KINDS) {
      const entries = this.#writing.filter((entry) => entry.kind === kind);
      await this.#writeKind(kind, entries);
    }
    this.#writing = [];
    this.#write = unwritten.size > 0 ? this.#writeNext() : undefined;
    this.refill();
  }

  async #writeKind(kind: EntryKind, entries: readonly MemoryEntry[]): Promise<void> {
    const { runtime } = this.#parts;
    if (entries.length === 0) return;
    if (this.#hasFailed && runtime.now() < this.#retryAtMs) return this.#keepInMemory(entries);
    const error = await this.#store(kind, entries);
    if (error !== undefined) {
      this.#retryAtMs = runtime.now() + RETRY_MS;
      if (!this.#hasFailed) this.#log.onFailed(error);
    } else if (this.#hasFailed) this.#log.onRecovered();
    this.#hasFailed = error !== undefined;
  }

  /** Stores the entries. If there is too little space, stores as many of the first as fit. Returns why the others are in memory. */
  async #store(kind: EntryKind, entries: readonly MemoryEntry[]): Promise<string | undefined> {
    try {
      await this.#parts.store.append(kind, entries.map(toItem));
    } catch (error) {
      const cause = error instanceof SpoolRefusal ? error.message : describeError(error);
      if (entries.length > 1 && OUT_OF_SPACE.has(cause)) return this.#storeHalves(kind, entries);
      this.#keepInMemory(entries);
      return cause;
    }
    this.#onStored(entries);
    return undefined;
  }

  async #storeHalves(kind: EntryKind, entries: readonly MemoryEntry[]): Promise<string | undefined> {
    const middle = Math.ceil(entries.length / 2);
    const error = await this.#store(kind, entries.slice(0, middle));
    if (error !== undefined) {
      this.#keepInMemory(entries.slice(middle));
      return error;
    }
    // Loaded entries are not given up for those of the other half.
    await this.#load(kind);
    return this.#store(kind, entries.slice(middle));
  }

  #onStored(entries: readonly MemoryEntry[]): void {
    const { tracker, withdrawals } = this.#parts;
    // Withdrawn during the write.
    const withdrawn = entries.flatMap(({ sequence }) =>
      withdrawals.isWithdrawn(sequence) ? [sequence] : [],
    );
    if (withdrawn.length > 0) this.erase(new Set(withdrawn));
    for (const entry of entries) tracker.onSpooled(entry);
  }

  #keepInMemory(entries: readonly MemoryEntry[]): void {
    for (const entry of entries) this.#parts.target.add(entry);
  }

  #withoutWithdrawn(entries: readonly MemoryEntry[]): readonly MemoryEntry[] {
    const { withdrawals, tracker } = this.#parts;
    const withdrawn = entries.filter(({ sequence }) => withdrawals.isWithdrawn(sequence));
    if (withdrawn.length === 0) return entries;
    for (const entry of withdrawn) tracker.drop(entry, 'opted_out');
    return entries.filter((entry) => !withdrawn.includes(entry));
  }

  async #load(kind: EntryKind): Promise<void> {
    if (this.#loading.has(kind)) return;
    this.#loading.add(kind);
    const { store, target } = this.#parts;
    while (!this.#isStopped && store.waiting(kind) > 0) {
      const { items, bytes } = target.roomFor(kind);
      if (items <= 0 || bytes <= 0) break;
      const taken = await store.take(kind, items, bytes);
      this.#progress.onLoaded(taken.length);
      if (taken.length === 0 || this.#isStopped) break;
      target.addLoaded(kind, taken);
    }
    this.#loading.delete(kind);
    this.#progress.watch();
  }
}

/** Without `onSettled`: it is called when the entry is stored, and an entry loaded from the spool has no caller. */
function toItem({ json, bytes, acceptedAtMs, sequence }: MemoryEntry): SpoolItem {
  return { json, bytes, acceptedAtMs, sequence };
}
