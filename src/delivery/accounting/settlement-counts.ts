import type { AnyEntry } from '../model/queued-entry.js';
import { DROP_REASONS, type DropReason, type FinalSettlement } from '../model/settlement.js';

/** The counters of one delivery. Only `SettlementTracker` changes them. */
export class SettlementCounts {
  accepted = 0;
  delivered = 0;
  /** Entries that are in the spool now. */
  spooled = 0;
  /** Accepted entries that another process had spooled. */
  claimed = 0;
  /** UTF-8 bytes of the entries that are queued or in flight, in memory only. */
  inMemoryBytes = 0;
  readonly dropped = zeroCounts(DROP_REASONS);
  #droppedTotal = 0;

  /** Entries that are queued or in flight, in memory only. */
  get inMemoryCount(): number {
    return this.unfinished - this.spooled;
  }

  /** Entries that are neither delivered nor dropped. */
  get unfinished(): number {
    return this.accepted - this.delivered - this.#droppedTotal;
  }

  onAccepted(bytes: number): void {
    this.accepted++;
    this.inMemoryBytes += bytes;
  }

  onClaimed(count: number): void {
    this.accepted += count;
    this.claimed += count;
    this.spooled += count;
  }

  onSpooled({ bytes }: AnyEntry): void {
    this.spooled++;
    this.inMemoryBytes -= bytes;
  }

  onFinished({ storage, bytes }: AnyEntry, settlement: FinalSettlement): void {
    if (storage === 'spool') this.spooled--;
    else this.inMemoryBytes -= bytes;
    if (settlement.status === 'delivered') this.delivered++;
    else this.#addDropped(settlement.reason, 1);
  }

  onLost(reason: DropReason, count: number): void {
    this.spooled -= count;
    this.#addDropped(reason, count);
  }

  #addDropped(reason: DropReason, count: number): void {
    this.dropped[reason] += count;
    this.#droppedTotal += count;
  }
}

function zeroCounts<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
