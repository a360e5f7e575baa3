import type { EntryKind } from '../../destinations/destination.js';
import {
  type AnyEntry,
  type MemoryEntry,
  type QueuedEntry,
  type Sequence,
  toSequence,
} from '../model/queued-entry.js';
import type { DropReason, FinalSettlement } from '../model/settlement.js';
import type { SettlementCounts } from './settlement-counts.js';

/** Stored entries that were lost before they were taken. */
export interface SpoolLossEvent {
  readonly kind: EntryKind;
  readonly count: number;
  readonly reason: DropReason;
  /** The sequence of the last lost entry. */
  readonly sequence: Sequence;
}

/** Receives each change in the fate of entries, after it has been counted. */
export interface SettlementListener {
  /** One entry was accepted. */
  onAccepted?(): void;
  /** Entries were claimed from the spools of processes that have ended. */
  onClaimed?(count: number, bytes: number, from: string | undefined): void;
  /** The entry is in the spool. */
  onSpooled?(entry: MemoryEntry): void;
  /** The entry was delivered or dropped. */
  onFinished?(entry: AnyEntry, settlement: FinalSettlement, error: string | undefined): void;
  onLost?(loss: SpoolLossEvent): void;
}

const DELIVERED: FinalSettlement = { status: 'delivered' };

/**
 * The one place through which every change in the fate of an entry passes. Counts it, and tells the listeners in the order in
 * which they were added.
 */
export class SettlementTracker {
  readonly #counts: SettlementCounts;
  readonly #listeners: SettlementListener[] = [];

  constructor(counts: SettlementCounts) {
    this.#counts = counts;
  }

  addListener(listener: SettlementListener): void {
    this.#listeners.push(listener);
  }

  /** Counts an entry, and returns its number. */
  onAccepted(bytes: number): Sequence {
    this.#counts.onAccepted(bytes);
    for (const listener of this.#listeners) listener.onAccepted?.();
    return toSequence(this.#counts.accepted);
  }

  /** Counts entries that another process had spooled. Returns the number that all of them get: that of the last one. */
  onClaimed(count: number, bytes: number, from?: string): Sequence {
    this.#counts.onClaimed(count);
    for (const listener of this.#listeners) listener.onClaimed?.(count, bytes, from);
    return toSequence(this.#counts.accepted);
  }

  /** Call when an entry has been written to the spool. It will survive the process. */
  onSpooled(entry: MemoryEntry): void {
    this.#counts.onSpooled(entry);
    for (const listener of this.#listeners) listener.onSpooled?.(entry);
  }

  /** Call when entries that were in the spool only are gone. */
  onLost(loss: SpoolLossEvent): void {
    this.#counts.onLost(loss.reason, loss.count);
    for (const listener of this.#listeners) listener.onLost?.(loss);
  }

  deliver(entry: QueuedEntry): void {
    this.#onFinished(entry, DELIVERED, undefined);
  }

  drop(entry: AnyEntry, reason: DropReason, error?: string): void {
    this.#onFinished(entry, { status: 'dropped', reason }, error);
  }

  #onFinished(entry: AnyEntry, settlement: FinalSettlement, error: string | undefined): void {
    this.#counts.onFinished(entry, settlement);
    for (const listener of this.#listeners) listener.onFinished?.(entry, settlement, error);
  }
}
