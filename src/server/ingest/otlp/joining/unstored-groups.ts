import type { BufferedSpan, BufferedTrace } from './buffered-span.js';

/** Groups above and beside those of a request that were read again, because a call came below an agent. */
export interface Unstored {
  readonly traces: Set<BufferedTrace>;
  /** Outermost spans of the groups. */
  readonly spans: Set<BufferedSpan>;
}

/** Requests in progress, and refused ones that were not repeated. */
const MAX_UNSTORED = 1_000;

/**
 * Remembers groups that were read again until the store has their records. If the store refuses the request, they are read again when it
 * is repeated: the spans of the request alone do not lead to them a second time.
 */
export class UnstoredGroups {
  /** Oldest first. */
  readonly #unstored = new Set<Unstored>();

  /** Removes and returns what the store may not have of these traces. */
  take(traces: ReadonlySet<BufferedTrace>): Unstored {
    const taken: Unstored = { traces: new Set(traces), spans: new Set() };
    for (const one of this.#unstored) {
      if (![...one.traces].some((trace) => traces.has(trace))) continue;
      this.#unstored.delete(one);
      for (const trace of one.traces) taken.traces.add(trace);
      for (const span of one.spans) taken.spans.add(span);
    }
    return taken;
  }

  add(unstored: Unstored): void {
    if (unstored.spans.size === 0) return;
    this.#unstored.add(unstored);
    const [oldest] = this.#unstored;
    if (oldest && this.#unstored.size > MAX_UNSTORED) this.#unstored.delete(oldest);
  }

  /** Forgets a span: nothing can be read of it again. */
  forget(span: BufferedSpan): void {
    for (const { spans } of this.#unstored) spans.delete(span);
  }

  delete(unstored: Unstored): void {
    this.#unstored.delete(unstored);
  }
}
