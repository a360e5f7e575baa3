import type { ContextIdentity } from '../../common/context-identity.js';
import { commonModel, withModel, type CallModel } from '../../reading/calls/agent-call.js';
import { collapseNested, nearestCallAbove } from '../../reading/calls/deduplicate-calls.js';
import { sharesOutcome, statusErrorOf } from '../../reading/calls/failed-child.js';
import { hasContent, mergeCalls } from '../../reading/calls/merge-calls.js';
import { fingerprintOf, isOtherCall, type CallFingerprint } from '../../reading/calls/same-call.js';
import { roleOf } from '../../reading/dialects/read-llm-call.js';
import type { SpanRole } from '../../reading/model/dialect.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import type { CallSurroundings } from '../../records/calls/record-call.js';
import type { FinishedCall } from './call-deduplicator.js';

/** Kind of calls known to be below a span. The higher of two wins. */
const NOTHING = 0;
const EMPTY_CALL = 1;
/** A call that became a record, an event or a number. */
const CALL = 2;

type Below = typeof NOTHING | typeof EMPTY_CALL | typeof CALL;

const NO_CALLS: readonly FinishedCall[] = [];
const NO_IDS: readonly string[] = [];

/** Calls of an LLM span that ended, and what becomes of them: `inner` ones wait for the end of the LLM span around it. */
interface Finished {
  readonly calls: readonly FinishedCall[];
  readonly fate: 'final' | 'inner' | 'duplicate';
}

/** Span that was started, with its surroundings. It stays usable after its end as long as a child refers to it. */
export class OpenSpan {
  readonly span: SpanLike;
  readonly parent: OpenSpan | undefined;
  /** `withTrubrics()` and baggage at the start of the span. */
  readonly contextIdentity: ContextIdentity | undefined;
  /** Position of its start among the starts of all spans. */
  readonly startOrder: number;
  /** `open`: can still own calls. `final`: cannot any more. `recorded`: its own call became a record. */
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
  /** Model of the empty calls below an agent. */
  #modelBelow: CallModel | undefined;
  #childError: LlmCall['error'];
  /** The call, if it ended while spans below it were open. */
  #fingerprint: CallFingerprint | undefined;

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

  /** Returns the spans above as the SDK made them, nearest first. */
  spansAbove(): SpanLike[] {
    return this.ancestors().map(({ span }) => span);
  }

  /** Returns where user, thread and opt-out of a call of this span can stand. */
  surroundings(): CallSurroundings {
    return { span: this.span, ancestors: this.spansAbove(), contextIdentity: this.contextIdentity };
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

  /** Gives up waiting for its end: calls below it do not wait for it any more (step 6 of `span-tree.ts`). Returns and forgets the inner calls. */
  abandon(): readonly FinishedCall[] {
    if (this.#state === 'open') this.#state = 'final';
    this.markEnded();
    this.settle();
    return [...this.#innerCalls.splice(0), ...this.#takeAgentCalls()];
  }

  /** Tells the spans above that an LLM span has ended below them. `empty` is its call, if it has no content. */
  #markAbove(empty: LlmCall | undefined): void {
    const below = empty ? EMPTY_CALL : CALL;
    if (empty)
      for (const above of this.ancestors()) above.#modelBelow = commonModel(above.#modelBelow, empty);
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
    const own = call && withModel(call.call, this.#modelBelow);
    const calls = !call || !own ? inner : [{ ...call, call: last ? mergeCalls(own, last.call) : own }];
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
   * Applies steps 2 to 5 of `span-tree.ts` to an LLM span that ended. `call` is undefined if it could not be read. Inner calls that `isAdmitted` refuses
   * complete nothing.
   */
  finish(call: FinishedCall | undefined, isAdmitted: (inner: FinishedCall) => boolean): Finished {
    this.#state = call && hasContent(call.call) ? 'recorded' : 'final';
    this.#markAbove(call && !hasContent(call.call) && !call.call.error ? call.call : undefined);
    const inner = this.#innerCalls.splice(0).filter(isAdmitted);
    const calls = call ? collapseNested(call, inner) : inner;
    if (call && !this.isSettledBelow) this.#fingerprint = fingerprintOf(call.call);
    const owner = this.#owner();
    if (!owner || owner.#state === 'final') return { calls, fate: 'final' };
    if (owner.#state === 'recorded') return owner.#afterRecord(calls);
    owner.#innerCalls.push(...calls);
    return { calls, fate: 'inner' };
  }

  /** Returns what becomes of inner calls that end when this call is recorded already. */
  #afterRecord(calls: readonly FinishedCall[]): Finished {
    const own = this.#fingerprint;
    const others = own ? calls.filter(({ call }) => isOtherCall(own, fingerprintOf(call))) : [];
    return others.length > 0 ? { calls: others, fate: 'final' } : { calls, fate: 'duplicate' };
  }

  /** Returns the ids of the spans whose calls wait for the end of this span. */
  innerCallIds(): readonly string[] {
    if (this.#innerCalls.length === 0 && this.#agentCalls === undefined) return NO_IDS;
    return [...this.#innerCalls, ...(this.#agentCalls ?? NO_CALLS)].map(({ call }) => call.spanId);
  }

  #owner(): OpenSpan | undefined {
    const ancestors = this.ancestors();
    const owner = nearestCallAbove(ancestors.map(({ span }) => span));
    return owner && ancestors.find(({ span }) => span === owner);
  }
}
