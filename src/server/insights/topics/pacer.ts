/** Longest time for which other requests wait. */
const SLICE_MS = 8;

/** Divides long work into slices, between which the server answers other requests. */
export class Pacer {
  #sliceStart = performance.now();

  /** Resolves at once while the slice lasts, and then after what has been waiting. */
  async rest(): Promise<void> {
    if (performance.now() - this.#sliceStart < SLICE_MS) return;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#sliceStart = performance.now();
  }
}
