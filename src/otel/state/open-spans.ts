import { roleOf } from '../../reading/dialects/read-llm-call.js';
import { parentSpanIdOf, scopeNameOf, type SpanLike } from '../../reading/model/span-like.js';
import type { FinishedCall } from './call-deduplicator.js';
import type { ContextIdentity } from '../../common/context-identity.js';

/** A span that was started and what is known around it. */
export interface OpenSpan {
  readonly span: SpanLike;
  readonly parent: OpenSpan | undefined;
  readonly contextIdentity: ContextIdentity | undefined;
  /** Whether it is known to be an LLM span. Some libraries say so only after the start. */
  isCall: boolean;
  /** Calls of LLM spans below this one that ended before it, when this one is an LLM call itself. */
  readonly innerCalls: FinishedCall[];
  /** Whether its end was seen, and if so, whether it was a call with content of its own. */
  state: 'open' | 'ended' | 'recorded';
}

/**
 * The spans of this process that have started and not ended. A child holds on to its parent, so that a parent that ends first
 * is still there to be read; nothing else outlives the end of a span.
 */
export class OpenSpans {
  readonly #bySpanId = new Map<string, OpenSpan>();
  /** How many spans of each library are open that are known to be LLM spans. */
  readonly #openCalls = new Map<string, number>();
  /** Open spans that were no LLM spans at their start and have not been looked at since. */
  readonly #undecided = new Set<OpenSpan>();
  readonly #onForgotten: (open: OpenSpan) => void;
  readonly #maxOpen: number;

  /** `onForgotten` gets spans that never end and have to make room. */
  constructor(onForgotten: (open: OpenSpan) => void = () => undefined, maxOpen = 50_000) {
    this.#onForgotten = onForgotten;
    this.#maxOpen = maxOpen;
  }

  /** Whether a library other than `scope` is in the middle of an LLM call: it may be the same call. */
  hasCallsBeside(scope: string): boolean {
    for (const open of this.#undecided) this.#decide(open);
    return this.#openCalls.size > (this.#openCalls.has(scope) ? 1 : 0);
  }

  start(span: SpanLike, contextIdentity: ContextIdentity | undefined): OpenSpan {
    const { spanId } = span.spanContext();
    const parentId = parentSpanIdOf(span);
    const parent = parentId === undefined ? undefined : this.#bySpanId.get(parentId);
    const isCall = roleOf(span) === 'llm';
    const open: OpenSpan = { span, parent, contextIdentity, isCall, innerCalls: [], state: 'open' };
    this.#bySpanId.set(spanId, open);
    if (isCall) this.#count(span, 1);
    else this.#undecided.add(open);
    // Spans that never end must not add up: the oldest is forgotten first.
    if (this.#bySpanId.size > this.#maxOpen) this.#forgetOldest();
    return open;
  }

  /** Takes a span out. A span whose start was not seen is known by itself alone. */
  end(span: SpanLike): OpenSpan {
    const { spanId } = span.spanContext();
    const open = this.#bySpanId.get(spanId) ?? {
      span,
      parent: undefined,
      contextIdentity: undefined,
      isCall: false,
      innerCalls: [],
      state: 'open',
    };
    this.#forget(spanId, open);
    open.state = 'ended';
    return open;
  }

  /** Forgets everything and returns what was open. */
  clear(): OpenSpan[] {
    const open = [...this.#bySpanId.values()];
    this.#bySpanId.clear();
    this.#openCalls.clear();
    this.#undecided.clear();
    return open;
  }

  #forgetOldest(): void {
    const [oldest] = this.#bySpanId;
    if (!oldest) return;
    this.#forget(...oldest);
    this.#onForgotten(oldest[1]);
  }

  #decide(open: OpenSpan): void {
    this.#undecided.delete(open);
    open.isCall = roleOf(open.span) === 'llm';
    if (open.isCall) this.#count(open.span, 1);
  }

  #forget(spanId: string, open: OpenSpan): void {
    this.#bySpanId.delete(spanId);
    this.#undecided.delete(open);
    if (open.isCall) this.#count(open.span, -1);
  }

  #count(span: SpanLike, change: 1 | -1): void {
    const scope = scopeNameOf(span);
    const count = (this.#openCalls.get(scope) ?? 0) + change;
    if (count > 0) this.#openCalls.set(scope, count);
    else this.#openCalls.delete(scope);
  }
}

/** The spans above one, nearest first. */
export function ancestorsOf(open: OpenSpan): OpenSpan[] {
  const ancestors: OpenSpan[] = [];
  for (let current = open.parent; current; current = current.parent) ancestors.push(current);
  return ancestors;
}
