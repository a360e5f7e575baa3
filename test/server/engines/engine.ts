import type { RecordStore } from '../../../src/server/index.js';

/** An engine that is held to the contract. */
export interface Engine {
  readonly name: string;
  /** Opens an empty store. */
  open(limits?: { readonly maxRecords: number }): Promise<RecordStore>;
  /** It evicts the oldest records above `maxRecords`. */
  readonly isBounded: boolean;
  /** It keeps texts as UTF-8: a lone surrogate of a prompt becomes U+FFFD. */
  readonly isUtf8?: true;
  /** Runs of the property tests: fewer for engines that write to a disk. */
  readonly runs: number;
}
