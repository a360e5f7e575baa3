import { createHash } from 'node:crypto';
import { repeatKeysOf, startOf } from '../model/privacy/erasure-keys.js';
import type { NewRecord } from '../model/stored-record.js';

/** Hashes of erased keys, as an engine keeps them over a restart. */
export interface TombstoneEntry {
  readonly hashes: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Erasing one record makes up to six keys. */
const KEYS_PER_RECORD = 6;
const MIN_LIMIT = 200_000;

/**
 * Keys of erased records, by which a repeated delivery is recognised. Only hashes are kept: of 72 bits, so that a billion records meet
 * one of 400,000 tombstones by chance with a probability below one in a million. Above the limit, the oldest are evicted.
 */
export class Tombstones {
  /** Time of the erasure by hash, oldest first. */
  readonly #at = new Map<string, number>();
  readonly #limit: number;

  constructor(maxRecords: number) {
    this.#limit = Math.max(MIN_LIMIT, KEYS_PER_RECORD * maxRecords);
  }

  get size(): number {
    return this.#at.size;
  }

  add({ hashes, at }: TombstoneEntry): void {
    for (const hash of hashes) {
      // Deleted first, so that it becomes the latest.
      this.#at.delete(hash);
      this.#at.set(hash, at);
    }
    for (const hash of this.#at.keys()) {
      if (this.#at.size <= this.#limit) return;
      this.#at.delete(hash);
    }
  }

  has(key: string): boolean {
    return this.#at.has(hashOf(key));
  }

  /** Returns true for a record that was erased, or that belongs to an erased one. */
  covers(record: NewRecord): boolean {
    if (this.#at.size === 0) return false;
    const { always, ifEarlier } = repeatKeysOf(record);
    if (always.some((key) => this.has(key))) return true;
    return ifEarlier.some((key) => startOf(record) <= (this.#at.get(hashOf(key)) ?? -Infinity));
  }

  /** Yields everything, oldest first, grouped by time. */
  *entries(): Iterable<TombstoneEntry> {
    let [hashes, time]: [string[], number] = [[], 0];
    for (const [hash, at] of this.#at) {
      if (hashes.length > 0 && at !== time) {
        yield { hashes, at: time };
        hashes = [];
      }
      time = at;
      hashes.push(hash);
    }
    if (hashes.length > 0) yield { hashes, at: time };
  }
}

export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 12);
}
