import { randomInt } from 'node:crypto';

/** Versions per microsecond. */
const COUNTER = 1024n;
/** Versions per millisecond, the resolution of `Date.now()`. */
const VERSIONS_PER_MS = 1_024_000;

/** Hands out positions in time that ascend: the wall clock, except where it stands still or is set back. */
export class Clock {
  readonly #now: () => number;
  readonly #offset: bigint;
  #lastMicros = 0;
  #lastVersion = 0n;

  /**
   * @param now milliseconds since 1970
   * @param offset added to versions, so that two servers do not write the same one in the same millisecond: of two equal ones none is the later
   */
  constructor(now: () => number = Date.now, offset = randomInt(VERSIONS_PER_MS)) {
    this.#now = now;
    this.#offset = BigInt(offset);
  }

  /** Returns microseconds since 1970 that no earlier call has returned. Below 2^53 until the year 2255. */
  nextSeq(): number {
    this.#lastMicros = Math.max(Math.floor(this.#now() * 1000), this.#lastMicros + 1);
    return this.#lastMicros;
  }

  /** Returns a version above all earlier ones, and above `previous`, which a server whose clock is ahead may have written. */
  nextVersion(previous = 0n): bigint {
    const now = BigInt(Math.floor(this.#now() * 1000)) * COUNTER + this.#offset;
    this.#lastVersion = now > this.#lastVersion ? now : this.#lastVersion + 1n;
    // Not kept: one id from the future must not move all others there.
    return previous < this.#lastVersion ? this.#lastVersion : previous + 1n;
  }
}
