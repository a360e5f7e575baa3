/** Numbers of LLM spans below a span. */
interface Below {
  spans: number;
  /** LLM spans that are calls with content, or that failed. */
  calls: number;
}

/** Span at which an LLM span is counted. */
interface Counted<Span> {
  readonly above: readonly Span[];
  readonly isCall: boolean;
}

/**
 * Counts the LLM spans below agents, so that a further one costs what is above it, and not what else is below the agent. Remembers the
 * spans above which the first one came or the last one went.
 */
export class CallsBelow<Span> {
  readonly #below = new Map<Span, Below>();
  readonly #counted = new Map<Span, Counted<Span>>();
  #changed = new Set<Span>();

  /** Returns whether an LLM span is below a span. */
  hasSpan(span: Span): boolean {
    return (this.#below.get(span)?.spans ?? 0) > 0;
  }

  /** Returns whether an LLM span below a span is a call. */
  hasCall(span: Span): boolean {
    return (this.#below.get(span)?.calls ?? 0) > 0;
  }

  /** Counts an LLM span at those above it, in place of where it was counted before. With none above, it is counted no more. */
  count(span: Span, above: readonly Span[], isCall: boolean): void {
    const known = this.#counted.get(span);
    if (known) for (const one of known.above) this.#add(one, known.isCall, -1);
    if (above.length === 0) this.#counted.delete(span);
    else this.#counted.set(span, { above, isCall });
    for (const one of above) this.#add(one, isCall, 1);
  }

  /** Returns the spans of which {@link hasSpan} or {@link hasCall} may have changed since it was called before. */
  takeChanged(): ReadonlySet<Span> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** Forgets a span. Those above it must be forgotten too. */
  forget(span: Span): void {
    this.#below.delete(span);
    this.#counted.delete(span);
    this.#changed.delete(span);
  }

  #add(span: Span, isCall: boolean, change: 1 | -1): void {
    const below = this.#below.get(span) ?? { spans: 0, calls: 0 };
    const before = { ...below };
    below.spans += change;
    if (isCall) below.calls += change;
    this.#below.set(span, below);
    if (isZero(before.spans) !== isZero(below.spans) || isZero(before.calls) !== isZero(below.calls))
      this.#changed.add(span);
  }
}

function isZero(count: number): boolean {
  return count === 0;
}
