import type { Destination, EntryKind } from '../../destinations/destination.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { DropReason } from './settlement.js';

/**
 * Storage in which entries survive the process, for instance `fileSpool` of `opentelemetry-exporter-trubrics/node`. A delivery with
 * a spool writes every entry to it first, and sends from it.
 */
export interface Spool {
  /** Opens the store of one destination. Must not throw: a store that cannot be opened rejects `append`. */
  open(owner: SpoolOwner, events: SpoolEvents, runtime: DeliveryRuntime): SpoolStore;
  /**
   * The class of the part of a delivery that writes to the store and loads from it. It comes with the spool, so that it is in no bundle
   * of an application without one.
   */
  readonly Controller: new (parts: never) => object;
}

/** Error of a store that refuses a place, for instance a symbolic link. The message has neither content nor credentials. */
export class SpoolRefusal extends Error {
  override readonly name = 'SpoolRefusal';
}

/** The destination that a store belongs to. What one with another URL or account left must not be sent to it. */
export type SpoolOwner = Pick<Destination, 'name' | 'url' | 'accountId'>;

/** The stored queues of one destination, one for each kind. First in, first out; an entry is removed when it is finished. */
export interface SpoolStore {
  /** Entries that waited longer are dropped. */
  readonly maxAgeMs: number;
  /** Bytes used now. */
  readonly bytes: number;
  /** Resolves when the items will survive the end of the process. If it rejects, none of them is stored. */
  append(kind: EntryKind, items: readonly SpoolItem[]): Promise<void>;
  /** Returns the number of stored entries that have not been taken. */
  waiting(kind: EntryKind): number;
  /** Removes the next items from the queue, but not from the store. Never rejects. */
  take(kind: EntryKind, maxItems: number, maxBytes: number): Promise<readonly TakenItem[]>;
  /** Releases an item that will not be needed again. */
  finish(handle: SpoolHandle): void;
  /**
   * Erases items of this process by their sequence, also those that were taken and are not finished. Reports those that were not taken
   * as lost. Without it, the items are erased when they would be sent. Never rejects.
   */
  erase?(sequences: ReadonlySet<number>): Promise<void>;
  /**
   * Claims entries of processes that have ended now, some megabytes at most, instead of when the store does it by itself. Resolves with
   * false if there were none. Never rejects.
   */
  claimOrphans?(): Promise<boolean>;
  /** Keeps a copy of an item that the destination refused for good, so that people can inspect it. */
  deadLetter(kind: EntryKind, json: string, reason: DropReason, error: string | undefined): void;
  /** Closes the store. Unfinished items stay for the next process. Never rejects. */
  close(): Promise<void>;
}

/** An entry in the form in which a spool keeps it. */
export interface SpoolItem {
  readonly json: string;
  /** UTF-8 bytes of `json`. */
  readonly bytes: number;
  readonly acceptedAtMs: number;
  /** The number that the delivery gave the entry. */
  readonly sequence: number;
}

export interface TakenItem extends SpoolItem {
  readonly handle: SpoolHandle;
}

/** Identifies an item within its store. Opaque to the delivery. */
export type SpoolHandle = object;

/** Events of a store, for the delivery that opened it. */
export interface SpoolEvents {
  /**
   * Entries of a process that has ended belong to this process now. Returns the `sequence` that all of them get. `from` names the
   * place of the entries, if they were accepted for another account.
   */
  claimed(count: number, bytes: number, from?: string): number;
  /** Stored entries that were not taken are gone. `sequence` is that of the last of them. */
  lost(kind: EntryKind, count: number, reason: SpoolLoss, sequence: number): void;
}

export type SpoolLoss = Extract<DropReason, 'spool_full' | 'spool_expired' | 'spool_lost' | 'opted_out'>;

/** The state of a spool. */
export interface SpoolStats {
  /** `memory-only`: the spool cannot be written now, so new entries stay in memory. */
  readonly state: 'writing' | 'memory-only';
  /** Bytes used. */
  readonly bytes: number;
  /** Stored entries that are not yet loaded for sending. */
  readonly waiting: number;
  /** Entries claimed from processes that have ended. They count as accepted. */
  readonly claimed: number;
}
