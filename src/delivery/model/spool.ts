import type { EntryKind } from '../../destinations/destination.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { DropReason } from './settlement.js';

/**
 * Keeps entries where they survive the process: on a disk, for instance (`fileSpool` of `opentelemetry-exporter-trubrics/node`).
 * A delivery with a spool writes every entry to it first, and sends from it.
 */
export interface Spool {
  /** Opens the part that belongs to one destination. Must not throw; what fails shows in `append`. */
  open(destination: string, events: SpoolEvents, runtime: DeliveryRuntime): SpoolStore;
}

/** The queues of one destination, one a kind: first in, first out, and gone only when finished. */
export interface SpoolStore {
  /** Entries that waited longer are dropped. */
  readonly maxAgeMs: number;
  /** Bytes that are taken up now. */
  readonly bytes: number;
  /** Resolves when the items will survive the end of the process. Rejects when they do not: then none of them is kept. */
  append(kind: EntryKind, items: readonly SpoolItem[]): Promise<void>;
  /** Entries that are stored and have not been taken. */
  waiting(kind: EntryKind): number;
  /** Removes the next items from the queue, not from the store. Never rejects. */
  take(kind: EntryKind, maxItems: number, maxBytes: number): Promise<readonly TakenItem[]>;
  /** The item will not be needed again. */
  finish(ticket: SpoolHandle): void;
  /** Keeps a copy of an item that the destination refused for good, for people to look at. */
  deadLetter(kind: EntryKind, json: string, reason: DropReason, error: string | undefined): void;
  /** What was not finished stays for the next one to come. Never rejects. */
  close(): Promise<void>;
}

/** An entry as a spool keeps it. */
export interface SpoolItem {
  readonly json: string;
  /** UTF-8 bytes of `json`. */
  readonly bytes: number;
  readonly acceptedAtMs: number;
  /** The number that the delivery gave it. */
  readonly sequence: number;
}

export interface TakenItem extends SpoolItem {
  readonly ticket: SpoolHandle;
}

/** Names an item within its store; nobody else looks inside. */
export type SpoolHandle = object;

/** What a store tells the delivery that opened it. */
export interface SpoolEvents {
  /** Entries of a process that has ended belong to this one now. Returns the `sequence` under which they will be taken. */
  claimed(count: number, bytes: number): number;
  /** Stored entries that nobody has taken are gone. `sequence` is that of the last of them. */
  lost(kind: EntryKind, count: number, reason: SpoolLoss, sequence: number): void;
}

export type SpoolLoss = Extract<DropReason, 'spool_full' | 'spool_expired' | 'spool_lost'>;

/** How a spool is doing. */
export interface SpoolStats {
  /** `memory-only`: it cannot be written at the moment, and new entries wait in memory as they would without it. */
  readonly state: 'writing' | 'memory-only';
  /** Bytes that it takes up. */
  readonly bytes: number;
  /** Entries that it holds and that are not yet queued for sending. */
  readonly waiting: number;
  /** Entries taken over from processes that have ended; they count as accepted. */
  readonly claimed: number;
}
