import type { EntryKind } from '../../destinations/destination.js';
import type { Settlement } from './settlement.js';
import type { SpoolHandle } from './spool.js';

/** All kinds of entries. Each kind has its own queue, breaker and spool files. */
export const ENTRY_KINDS = ['prompt', 'event'] as const satisfies readonly EntryKind[];

/** Makes one value for each kind. */
export function forEachKind<T>(make: (kind: EntryKind) => T): Readonly<Record<EntryKind, T>> {
  return { prompt: make('prompt'), event: make('event') };
}

declare const sequenceBrand: unique symbol;

/** The number of an entry: a delivery counts its entries from 1, in the order of acceptance. */
export type Sequence = number & { readonly [sequenceBrand]: true };

/** Marks a number as a sequence. For the counter, and for numbers that come back from a spool. */
export function toSequence(number: number): Sequence {
  return number as Sequence;
}

interface EntryFields {
  readonly kind: EntryKind;
  /** UTF-8 bytes of `json`. */
  readonly bytes: number;
  readonly sequence: Sequence;
  readonly acceptedAtMs: number;
}

/** An entry that is in memory only. */
export interface MemoryEntry extends EntryFields {
  readonly storage: 'memory';
  readonly json: string;
  readonly onSettled: ((settlement: Settlement) => void) | undefined;
}

/** An entry that was loaded from the spool, and stays there until it is finished. */
export interface SpooledEntry extends EntryFields {
  readonly storage: 'spool';
  readonly json: string;
  readonly handle: SpoolHandle;
}

/** An encoded, measured and numbered entry that can be sent. */
export type QueuedEntry = MemoryEntry | SpooledEntry;

/** An entry that was dropped before it could be queued. */
export interface UnsendableEntry extends EntryFields {
  readonly storage: 'none';
  /** `undefined` if the entry could not be encoded. */
  readonly json: string | undefined;
  readonly onSettled: ((settlement: Settlement) => void) | undefined;
}

export type AnyEntry = QueuedEntry | UnsendableEntry;
