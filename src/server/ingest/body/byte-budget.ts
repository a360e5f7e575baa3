/** Bytes of bodies, after decompression, that all requests together may hold. A request holds them until it is answered. */
export const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024;

/** Bounds what several requests hold at the same time. */
export class ByteBudget {
  readonly #max: number;
  #used = 0;

  constructor(max = MAX_BYTES_IN_FLIGHT) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes bytes. Returns false, and takes nothing, if there are not as many. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#max) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}
