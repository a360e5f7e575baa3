import type { ContextIdentity } from '../../common/context-identity.js';
import { collapseNested, nearestCallAbove } from '../../reading/calls/deduplicate-calls.js';
import { sharesOutcome, statusErrorOf } from '../../reading/calls/failed-child.js';
import { hasContent, mergeCalls } from '../../reading/calls/merge-calls.js';
import { roleOf } from '../../reading/dialects/read-llm-call.js';
import type { SpanRole } from '../../reading/model/dialect.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
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
 *
 * An agent span that was asked and answered is a call if no call was recorded below it. Of nested ones, the outermost is the call: an
 * agent call moves to the nearest open agent above it, and waits for its end.
 */

/** What is known to be below a span. The higher of two wins. */
const NOTHING = 0;
const EMPTY_CALL = 1;
/** A call that became a record, an event or a number. */
const CALL = 2;

type Below = typeof NOTHING | typeof EMPTY_CALL | typeof CALL;

/** Open spans that are read again at the end of a call. A server with many requests in progress has more, and reads them in turn. */
const MAX_READ_AGAIN = 500;

const NO_CALLS: readonly FinishedCall[] = [];

/** Receives the results of {@link SpanTree}. */
export interface SpanTreeListener {
  /** `mayRepeat`: an LLM span of another library is open, which may describe the same call. */
  onFinalCall(call: FinishedCall, mayRepeat: boolean): void;
  /** An LLM span ended after the LLM span around it was recorded. */
  onDuplicate(): void;
  /** Returns whether a call may still be recorded. Somebody may have opted out since it was handed over. */
  isAdmitted?(call: FinishedCall): boolean;
}

/** Span that was started, with its surroundings. It stays usable after its end as long as a child refers to it. */
export class OpenSpan {
  readonly span: SpanLike;
  readonly parent: OpenSpan | undefined;
  /** `withTrubrics()` and baggage at the start of the span. */
  readonly contextIdentity: ContextIdentity | undefined;
  /** Position of its start among the starts of all spans. */
  readonly startOrder: number;
  /** Whether the span can still own calls, and whether its own call was recorded. */
  #state: 'open' | 'final' | 'recorded' = 'open';
  #hasEnded = false;
  /** True if the span has ended and its call, if it is an LLM span, has been handed on. */
  #isSettled = false;
  #isCountedAsCall = false;
  #openCallsBelow = 0;
  /** The parent, while it counts this span among its open children. */
  #countedBy: OpenSpan | undefined;
  /** Number of children that are not settled, or below which a span is not settled. */
  #openChildren = 0;
  readonly #onEnded: (() => void)[] = [];
  readonly #onSettledBelow: (() => void)[] = [];
  readonly #innerCalls: FinishedCall[] = [];
  /** Calls of agents below an open agent. Made when needed: few spans have any. */
  #agentCalls: FinishedCall[] | undefined;
  #below: Below = NOTHING;
  #childError: LlmCall['error'];

  constructor(
    span: SpanLike,
    parent: OpenSpan | undefined,
    contextIdentity: ContextIdentity | undefined,
    startOrder: number,
  ) {
    this.span = span;
    this.parent = parent;
    this.contextIdentity = contextIdentity;
    this.startOrder = startOrder;
    if (!parent) return;
    this.#countedBy = parent;
    parent.#openChildren += 1;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** True if all spans below it are settled: they have ended, and their calls have been handed on. */
  get isSettledBelow(): boolean {
    return this.#openChildren === 0;
  }

  /** Number of open spans below it that are known to be LLM spans. */
  get openCallsBelow(): number {
    return this.#openCallsBelow;
  }

  /** True if an LLM span below it has ended and was not empty. */
  get hasCallBelow(): boolean {
    return this.#below === CALL;
  }

  /** True if an LLM span below it has ended or is known to be open. */
  get hasLlmSpanBelow(): boolean {
    return this.#below !== NOTHING || this.#openCallsBelow > 0;
  }

  /** Error of a child that fails the call of this span. */
  get childError(): LlmCall['error'] {
    return this.#childError;
  }

  /** Tells the parent how a span ended: the last attempt decides. `role`: that of this span. */
  markOutcome(role: SpanRole | undefined): void {
    const { parent } = this;
    const error = statusErrorOf(this.span);
    if (!parent || (!error && !parent.#childError)) return;
    if (sharesOutcome(this.span, parent.span, role)) parent.#childError = error;
  }

  /** Returns the spans above, nearest first. */
  ancestors(): OpenSpan[] {
    const ancestors: OpenSpan[] = [];
    for (let current = this.parent; current; current = current.parent) ancestors.push(current);
    return ancestors;
  }

  /** Counts it as an open LLM span of the spans above. Call once, before it has ended. */
  countAsCall(): void {
    this.#isCountedAsCall = true;
    for (let above = this.parent; above; above = above.parent) above.#openCallsBelow += 1;
  }

  /** Reverses {@link OpenSpan.countAsCall}. Returns false, without effect, if it is not counted. */
  uncountAsCall(): boolean {
    if (!this.#isCountedAsCall) return false;
    this.#isCountedAsCall = false;
    for (let above = this.parent; above; above = above.parent) above.#openCallsBelow -= 1;
    return true;
  }

  /** Marks the span as ended and runs what waits for its end. */
  markEnded(): void {
    this.#hasEnded = true;
    for (const run of this.#onEnded.splice(0)) run();
  }

  /** Marks the span as settled. Runs what waits for that in the spans above. */
  settle(): void {
    this.#isSettled = true;
    let parent = this.#takeFromParent();
    while (parent) {
      if (parent.isSettledBelow) for (const run of parent.#onSettledBelow.splice(0)) run();
      parent = parent.#takeFromParent();
    }
  }

  /** Removes a settled span from the open children of its parent. Returns the parent. */
  #takeFromParent(): OpenSpan | undefined {
    const parent = this.#countedBy;
    if (!parent || !this.#isSettled || !this.isSettledBelow) return undefined;
    this.#countedBy = undefined;
    parent.#openChildren -= 1;
    return parent;
  }

  /** Gives up waiting for its end: calls below it do not wait for it any more (step 6). Returns and forgets the inner calls. */
  abandon(): readonly FinishedCall[] {
    if (this.#state === 'open') this.#state = 'final';
    this.markEnded();
    this.settle();
    return [...this.#innerCalls.splice(0), ...this.#takeAgentCalls()];
  }

  /** Tells the spans above that an LLM span has ended below them. */
  #markAbove(below: Below): void {
    // Each of them has told those above it the same before.
    for (let above = this.parent; above && above.#below < below; above = above.parent) above.#below = below;
  }

  #takeAgentCalls(): readonly FinishedCall[] {
    const calls = this.#agentCalls ?? NO_CALLS;
    this.#agentCalls = undefined;
    return calls;
  }

  /**
   * Ends an agent. `call` is undefined if it has no question or no answer. Returns the final calls: its own, or, if a call was recorded
   * below it, those of agents below. Returns `undefined` if there is nothing that was or will be recorded.
   */
  finishAgent(call: FinishedCall | undefined): readonly FinishedCall[] | undefined {
    const inner = this.#takeAgentCalls();
    if (this.hasCallBelow) return inner;
    const last = inner.at(-1);
    const calls = !call ? inner : [last ? { ...call, call: mergeCalls(call.call, last.call) } : call];
    if (calls.length === 0) return this.hasLlmSpanBelow ? NO_CALLS : undefined;
    const outer = this.ancestors().find((span) => !span.hasEnded && roleOf(span.span) === 'agent');
    if (!outer || outer.hasCallBelow) return calls;
    outer.#agentCalls = [...(outer.#agentCalls ?? NO_CALLS), ...calls];
    return NO_CALLS;
  }

  /** Runs `run` when the span has ended; at once if it has. */
  whenEnded(run: () => void): void {
    if (this.#hasEnded) run();
    else this.#onEnded.push(run);
  }

  /** Runs `run` when all spans below it are settled; at once if they are. */
  whenSettledBelow(run: () => void): void {
    if (this.isSettledBelow) run();
    else this.#onSettledBelow.push(run);
  }

  /**
   * Applies steps 2 to 5 to an LLM span that ended. `call` is undefined if it could not be read. Inner calls that `isAdmitted` refuses
   * complete nothing. Returns the final calls.
   */
  finish(
    call: FinishedCall | undefined,
    isAdmitted: (inner: FinishedCall) => boolean,
  ): readonly FinishedCall[] | 'duplicate' {
    this.#state = call && hasContent(call.call) ? 'recorded' : 'final';
    this.#markAbove(call && !hasContent(call.call) && !call.call.error ? EMPTY_CALL : CALL);
    const inner = this.#innerCalls.splice(0).filter(isAdmitted);
    const calls = call ? collapseNested(call, inner) : inner;
    const owner = this.#owner();
    if (!owner || owner.#state === 'final') return calls;
    if (owner.#state === 'recorded') return 'duplicate';
    owner.#innerCalls.push(...calls);
    return [];
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
  /** Spans that were forgotten although they are open, as long as somebody else refers to them. */
  readonly #forgotten = new WeakMap<SpanLike, OpenSpan>();
  /** Number of open spans, by library, that are known to be LLM spans. */
  readonly #openCallCounts = new Map<string, number>();
  /** Open spans that were no LLM spans at their start. They are read again before `#openCallCounts` is used. */
  readonly #undecided = new Set<OpenSpan>();
  /** Those that were no LLM spans then either. Least recently read first. */
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
    const open = new OpenSpan(span, parent, contextIdentity, this.#nextStartOrder());
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
    const finalCalls = open.finish(call, (inner) => this.#listener.isAdmitted?.(inner) ?? true);
    const library = scopeNameOf(open.span);
    if (finalCalls === 'duplicate') this.#listener.onDuplicate();
    else
      for (const finalCall of finalCalls)
        this.#listener.onFinalCall(finalCall, this.#hasOpenCallOfAnother(library));
    open.settle();
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
    const finalCalls = open.finishAgent(call);
    const library = scopeNameOf(open.span);
    for (const finalCall of finalCalls ?? NO_CALLS)
      this.#listener.onFinalCall(finalCall, this.#hasOpenCallOfAnother(library));
    open.settle();
    return finalCalls !== undefined;
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
