import type { ContextIdentity } from '../../common/context-identity.js';
import { collapseNested, nearestCallAbove } from '../../reading/calls/deduplicate-calls.js';
import { hasContent } from '../../reading/calls/merge-calls.js';
import { roleOf } from '../../reading/dialects/read-llm-call.js';
import { parentSpanIdOf, scopeNameOf, type SpanLike } from '../../reading/model/span-like.js';
import type { FinishedCall } from './call-deduplicator.js';

/*
 * Several nested spans can describe one LLM call: a framework's span encloses the span of the provider's SDK. This file decides which
 * calls are final, that is, have no LLM span around them that describes the same call:
 *
 * 1. Each span keeps a link to its parent. An LLM span is *owned* by the nearest LLM span above it, unless a tool or agent lies between.
 * 2. When an LLM span ends, its call is merged with its inner calls: those of spans that it owns and that ended before it.
 * 3. If its owner is open, the result moves to the owner, becomes an inner call there, and waits for the owner's end.
 * 4. If its owner ended earlier and was read as a call with content, the result is a duplicate.
 * 5. If it has no owner, or its owner ended without content, the result is final.
 * 6. If an owner never ends (too many open spans, or shutdown), its inner calls are final without it.
 */

/** Receives the results of {@link SpanTree}. */
export interface SpanTreeListener {
  /** `mayRepeat`: an LLM span of another library is open, which may describe the same call. */
  onFinalCall(call: FinishedCall, mayRepeat: boolean): void;
  /** An LLM span ended after the LLM span around it was recorded. */
  onDuplicate(): void;
}

/** Span that was started, with its surroundings. It stays usable after its end as long as a child refers to it. */
export class OpenSpan {
  readonly span: SpanLike;
  readonly parent: OpenSpan | undefined;
  /** `withTrubrics()` and baggage at the start of the span. */
  readonly contextIdentity: ContextIdentity | undefined;
  /** True if it is known to be an LLM span. Some libraries set the attributes that tell it only after the start. */
  isCall: boolean;
  #state: 'open' | 'ended' | 'recorded' = 'open';
  readonly #innerCalls: FinishedCall[] = [];

  constructor(
    span: SpanLike,
    parent: OpenSpan | undefined,
    contextIdentity: ContextIdentity | undefined,
    isCall: boolean,
  ) {
    this.span = span;
    this.parent = parent;
    this.contextIdentity = contextIdentity;
    this.isCall = isCall;
  }

  /** Returns the spans above, nearest first. */
  ancestors(): OpenSpan[] {
    const ancestors: OpenSpan[] = [];
    for (let current = this.parent; current; current = current.parent) ancestors.push(current);
    return ancestors;
  }

  /** From now on calls below it do not wait for it. */
  markEnded(): void {
    this.#state = 'ended';
  }

  /** Applies steps 2 to 5 to an LLM span that ended. `call` is undefined if it could not be read. Returns the final calls. */
  finish(call: FinishedCall | undefined): readonly FinishedCall[] | 'duplicate' {
    if (call && hasContent(call.call)) this.#state = 'recorded';
    const calls = call ? collapseNested(call, this.#innerCalls) : this.#innerCalls;
    const owner = this.#owner();
    if (!owner || owner.#state === 'ended') return calls;
    if (owner.#state === 'recorded') return 'duplicate';
    owner.#innerCalls.push(...calls);
    return [];
  }

  /** Returns and forgets the inner calls, because the span will not end (step 6). */
  takeInnerCalls(): readonly FinishedCall[] {
    return this.#innerCalls.splice(0);
  }

  #owner(): OpenSpan | undefined {
    const ancestors = this.ancestors();
    const owner = nearestCallAbove(ancestors.map(({ span }) => span));
    return owner && ancestors.find(({ span }) => span === owner);
  }
}

/** Spans of this process that have started and not ended, and the LLM calls that wait for an enclosing LLM span. */
export class SpanTree {
  readonly #bySpanId = new Map<string, OpenSpan>();
  /** Number of open spans, by library, that are known to be LLM spans. */
  readonly #openCallCounts = new Map<string, number>();
  /** Open spans that were no LLM spans at their start. They are read again before `#openCallCounts` is used. */
  readonly #undecided = new Set<OpenSpan>();
  readonly #listener: SpanTreeListener;
  readonly #maxOpen: number;

  /** Above `maxOpen` spans, the oldest is forgotten, so that spans that never end do not accumulate. */
  constructor(listener: SpanTreeListener, maxOpen = 50_000) {
    this.#listener = listener;
    this.#maxOpen = maxOpen;
  }

  onSpanStart(span: SpanLike, contextIdentity: ContextIdentity | undefined): OpenSpan {
    const { spanId } = span.spanContext();
    const parentId = parentSpanIdOf(span);
    const parent = parentId === undefined ? undefined : this.#bySpanId.get(parentId);
    const open = new OpenSpan(span, parent, contextIdentity, roleOf(span) === 'llm');
    this.#bySpanId.set(spanId, open);
    if (open.isCall) this.#countOpenCall(span, 1);
    else this.#undecided.add(open);
    if (this.#bySpanId.size > this.#maxOpen) this.#forgetOldest();
    return open;
  }

  /** Removes a span. A span whose start was not seen has no parent and no context identity. */
  onSpanEnd(span: SpanLike): OpenSpan {
    const { spanId } = span.spanContext();
    const open = this.#bySpanId.get(spanId) ?? new OpenSpan(span, undefined, undefined, false);
    this.#forget(spanId, open);
    open.markEnded();
    return open;
  }

  /** Reports what became of the call of an LLM span after `onSpanEnd()`. `call` is undefined if it could not be read. */
  finishCall(open: OpenSpan, call: FinishedCall | undefined): void {
    const finalCalls = open.finish(call);
    if (finalCalls === 'duplicate') return this.#listener.onDuplicate();
    const library = scopeNameOf(open.span);
    for (const finalCall of finalCalls)
      this.#listener.onFinalCall(finalCall, this.#hasOpenCallOfAnother(library));
  }

  /** Forgets all spans. Reports the inner calls of those that were open. */
  clear(): void {
    const spans = [...this.#bySpanId.values()];
    this.#bySpanId.clear();
    this.#openCallCounts.clear();
    this.#undecided.clear();
    for (const open of spans) this.#reportInnerCalls(open);
  }

  #forgetOldest(): void {
    const [oldest] = this.#bySpanId;
    if (!oldest) return;
    this.#forget(...oldest);
    this.#reportInnerCalls(oldest[1]);
  }

  #reportInnerCalls(open: OpenSpan): void {
    for (const inner of open.takeInnerCalls()) this.#listener.onFinalCall(inner, true);
  }

  #hasOpenCallOfAnother(library: string): boolean {
    for (const open of this.#undecided) this.#decide(open);
    return this.#openCallCounts.size > (this.#openCallCounts.has(library) ? 1 : 0);
  }

  #decide(open: OpenSpan): void {
    this.#undecided.delete(open);
    open.isCall = roleOf(open.span) === 'llm';
    if (open.isCall) this.#countOpenCall(open.span, 1);
  }

  #forget(spanId: string, open: OpenSpan): void {
    this.#bySpanId.delete(spanId);
    this.#undecided.delete(open);
    if (open.isCall) this.#countOpenCall(open.span, -1);
  }

  #countOpenCall(span: SpanLike, change: 1 | -1): void {
    const library = scopeNameOf(span);
    const count = (this.#openCallCounts.get(library) ?? 0) + change;
    if (count > 0) this.#openCallCounts.set(library, count);
    else this.#openCallCounts.delete(library);
  }
}
