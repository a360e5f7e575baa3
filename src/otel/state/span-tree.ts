import type { ContextIdentity } from '../../common/context-identity.js';
import { roleOf } from '../../reading/dialects/read-llm-call.js';
import { parentSpanIdOf, scopeNameOf, type SpanLike } from '../../reading/model/span-like.js';
import type { FinishedCall } from './call-deduplicator.js';
import { OpenSpan } from './open-span.js';

/*
 * Several nested spans can describe one LLM call: a framework's span encloses the span of the provider's SDK. Here is decided which
 * calls are final, that is, have no LLM span around them that describes the same call:
 *
 * 1. Each span keeps a link to its parent. An LLM span is *owned* by the nearest LLM span above it, unless a tool or agent lies between.
 * 2. When an LLM span ends, its call is merged with its inner calls: those of spans that it owns and that ended before it.
 * 3. If its owner is open, the result moves to the owner, becomes an inner call there, and waits for the owner's end.
 * 4. If its owner ended earlier and was read as a call with content, the result is a duplicate.
 * 5. If it has no owner, or its owner ended without content, the result is final.
 * 6. If an owner never ends (too many open spans, or shutdown), its inner calls are final without it.
 *
 * An agent span that was asked and answered is a call if no call was recorded below it. Of nested ones, the outermost is the call: an
 * agent call moves to the nearest open agent above it, and waits for its end.
 */

/** Open spans that are read again at the end of a call. A server with many requests in progress has more, and reads them in turn. */
const MAX_READ_AGAIN = 500;

/** Receives the results of {@link SpanTree}. */
export interface SpanTreeListener {
  /** `mayRepeat`: an LLM span of another library is open, which may describe the same call. */
  onFinalCall(call: FinishedCall, mayRepeat: boolean): void;
  /** An LLM span ended after the LLM span around it was recorded. */
  onDuplicate(spanId: string): void;
  /** A call became a part of the call of another span. */
  onMerged?(spanId: string, into: string): void;
  /** The call of a span waits for the end of the span around it. */
  onInnerCall?(spanId: string): void;
  /** Returns whether a call may still be recorded. Somebody may have opted out since it was handed over. */
  isAdmitted?(call: FinishedCall): boolean;
}

/** Spans of this process that have started and not ended, and the LLM calls that wait for an enclosing LLM span. */
export class SpanTree {
  readonly #bySpanId = new Map<string, OpenSpan>();
  /** Spans that were forgotten although they are open, as long as somebody else refers to them. */
  readonly #forgotten = new WeakMap<SpanLike, OpenSpan>();
  /** Number of open spans, by library, that are known to be LLM spans. */
  readonly #openCallCounts = new Map<string, number>();
  /** Open spans that were no LLM spans at their start. They are read again before `#openCallCounts` is used. */
  readonly #undecided = new Set<OpenSpan>();
  /** Ended spans that were no LLM spans. Least recently read first. */
  readonly #undecidedAgain = new Set<OpenSpan>();
  readonly #listener: SpanTreeListener;
  readonly #maxOpen: number;
  #startCount = 0;

  /** Above `maxOpen` spans, the oldest is forgotten, so that spans that never end do not accumulate. */
  constructor(listener: SpanTreeListener, maxOpen = 50_000) {
    this.#listener = listener;
    this.#maxOpen = maxOpen;
  }

  onSpanStart(span: SpanLike, contextIdentity: ContextIdentity | undefined): OpenSpan {
    const { spanId } = span.spanContext();
    const parentId = parentSpanIdOf(span);
    const parent = parentId === undefined ? undefined : this.#bySpanId.get(parentId);
    const identity = withOptOutOf(parent, contextIdentity);
    const open = new OpenSpan(span, parent, identity, this.#nextStartOrder());
    this.#bySpanId.set(spanId, open);
    if (roleOf(span) === 'llm') this.#countAsCall(open);
    else this.#undecided.add(open);
    if (this.#bySpanId.size > this.#maxOpen) this.#forgetOldest();
    return open;
  }

  /** Returns a span that has not ended. */
  find(spanId: string): OpenSpan | undefined {
    return this.#bySpanId.get(spanId);
  }

  /** Removes a span. A span whose start was not seen has no parent and no context identity. */
  onSpanEnd(span: SpanLike): OpenSpan {
    const { spanId } = span.spanContext();
    const open =
      this.#bySpanId.get(spanId) ??
      this.#forgotten.get(span) ??
      new OpenSpan(span, undefined, undefined, this.#nextStartOrder());
    this.#forget(spanId, open);
    open.markEnded();
    return open;
  }

  /** Reports what became of the call of an LLM span after `onSpanEnd()`. `call` is undefined if it could not be read. */
  finishCall(open: OpenSpan, call: FinishedCall | undefined): void {
    const innerIds = open.innerCallIds();
    const { calls, fate } = open.finish(call, (inner) => this.#listener.isAdmitted?.(inner) ?? true);
    const { spanId } = open.span.spanContext();
    if (innerIds.length > 0) this.#reportMerged([spanId, ...innerIds], calls);
    if (fate === 'duplicate') this.#listener.onDuplicate(spanId);
    else if (fate === 'inner') for (const inner of calls) this.#listener.onInnerCall?.(inner.call.spanId);
    else this.#reportFinal(calls, scopeNameOf(open.span));
    open.settle();
  }

  #reportFinal(calls: readonly FinishedCall[], library: string): void {
    for (const call of calls) this.#listener.onFinalCall(call, this.#hasOpenCallOfAnother(library));
  }

  /** Reports the spans whose calls are no longer among `calls`. */
  #reportMerged(spanIds: readonly string[], calls: readonly FinishedCall[]): void {
    const into = calls.at(-1)?.call.spanId;
    if (into === undefined) return;
    for (const spanId of spanIds)
      if (!calls.some(({ call }) => call.spanId === spanId)) this.#listener.onMerged?.(spanId, into);
  }

  /** Returns whether an agent that ended can be a call: no call was recorded below it, and none is open there. */
  canBeCall(open: OpenSpan): boolean {
    if (open.hasCallBelow) return false;
    this.#countLateCalls();
    return open.openCallsBelow === 0;
  }

  /**
   * Reports what became of an agent after `onSpanEnd()`. `call` is undefined if it is no call. Returns false if nothing was or will be
   * recorded of it.
   */
  finishAgent(open: OpenSpan, call: FinishedCall | undefined): boolean {
    const innerIds = open.innerCallIds();
    const finalCalls = open.finishAgent(call);
    if (call) this.#reportMerged(innerIds, [call]);
    this.#reportFinal(finalCalls ?? [], scopeNameOf(open.span));
    open.settle();
    return finalCalls !== undefined;
  }

  /** Returns the spans that have not ended and look like calls or agents, at most `limit`, the last one first. */
  openCalls(limit: number): SpanLike[] {
    const found: SpanLike[] = [];
    for (const { span } of [...this.#bySpanId.values()].toReversed()) {
      if (found.length >= limit) break;
      if (/^(?:llm|agent|unclear)$/.test(roleOf(span))) found.push(span);
    }
    return found;
  }

  /** Forgets all spans. Reports the inner calls of those that were open. */
  clear(): void {
    const spans = [...this.#bySpanId.values()];
    this.#bySpanId.clear();
    this.#openCallCounts.clear();
    this.#undecided.clear();
    this.#undecidedAgain.clear();
    for (const open of spans) this.#abandon(open);
  }

  #nextStartOrder(): number {
    this.#startCount += 1;
    return this.#startCount;
  }

  #forgetOldest(): void {
    const [oldest] = this.#bySpanId;
    if (!oldest) return;
    const [spanId, open] = oldest;
    this.#forget(spanId, open);
    this.#forgotten.set(open.span, open);
    this.#abandon(open);
  }

  #abandon(open: OpenSpan): void {
    for (const inner of open.abandon()) this.#listener.onFinalCall(inner, true);
  }

  #hasOpenCallOfAnother(library: string): boolean {
    this.#countLateCalls();
    return this.#openCallCounts.size > (this.#openCallCounts.has(library) ? 1 : 0);
  }

  /** Counts the open spans that have turned out to be LLM spans after their start. */
  #countLateCalls(): void {
    let count = 0;
    for (const open of this.#undecidedAgain) {
      if (++count > MAX_READ_AGAIN) break;
      this.#undecidedAgain.delete(open);
      this.#undecided.add(open);
    }
    for (const open of this.#undecided)
      if (roleOf(open.span) === 'llm') this.#countAsCall(open);
      else this.#undecidedAgain.add(open);
    this.#undecided.clear();
  }

  #countAsCall(open: OpenSpan): void {
    open.countAsCall();
    const library = scopeNameOf(open.span);
    this.#openCallCounts.set(library, (this.#openCallCounts.get(library) ?? 0) + 1);
  }

  #forget(spanId: string, open: OpenSpan): void {
    this.#bySpanId.delete(spanId);
    this.#undecided.delete(open);
    this.#undecidedAgain.delete(open);
    if (!open.uncountAsCall()) return;
    const library = scopeNameOf(open.span);
    const count = (this.#openCallCounts.get(library) ?? 0) - 1;
    if (count > 0) this.#openCallCounts.set(library, count);
    else this.#openCallCounts.delete(library);
  }
}

/** Adds the opt-out around the span above: the context can be lost on the way, the parent is not. */
function withOptOutOf(
  parent: OpenSpan | undefined,
  contextIdentity: ContextIdentity | undefined,
): ContextIdentity | undefined {
  if (parent?.contextIdentity?.record !== false || contextIdentity?.record !== undefined)
    return contextIdentity;
  return { ...contextIdentity, record: false };
}
