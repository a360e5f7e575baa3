import { decidesNesting } from '../../../../reading/calls/deduplicate-calls.js';
import { sharesOutcome, statusErrorOf } from '../../../../reading/calls/failed-child.js';
import { roleIn, type BufferedSpan } from './buffered-span.js';
import { CallsBelow } from './indexes/calls-below.js';
import type { SpanBuffer } from './span-buffer.js';

/** The place of an LLM span among the LLM spans of its call, or of an agent among agents; and what became of it. */
export interface CallSpan {
  /** LLM span that this one is nested in. Of agents: the nearest agent above, which may have a call below it. */
  outer: BufferedSpan | undefined;
  readonly inner: Set<BufferedSpan>;
  /** Other groups whose calls were merged with a call of this group. Of outermost spans only. */
  partners: readonly BufferedSpan[];
  /** Spans of the calls that this group became. Of outermost spans only. */
  recorded: readonly BufferedSpan[];
  /** True if a child of another kind failed (LLM spans only). */
  hasFailedChild: boolean;
  /** True if this span is counted as one that looks like a call and is none. */
  isNoCall: boolean;
  /** True if a record of this span may be in the store. */
  isHandedOut: boolean;
  /** True if a record of this span belongs in the store. */
  isFinal: boolean;
  /** True if the store has the record of the call that this span is part of. */
  isStored: boolean;
}

/** The outermost span of a group. */
export type Root = BufferedSpan;

/**
 * Keeps the groups of nested spans that can be one call: LLM spans with no call boundary between, and nested agents without a call below
 * them. Tells which groups a request changes.
 */
export class CallGroups {
  readonly callsBelow = new CallsBelow<BufferedSpan>();
  readonly #spans: SpanBuffer;
  readonly #callSpans = new Map<BufferedSpan, CallSpan>();

  constructor(spans: SpanBuffer) {
    this.#spans = spans;
  }

  /** Returns the place of a span that was placed before. */
  find(span: BufferedSpan): CallSpan | undefined {
    return this.#callSpans.get(span);
  }

  /** Returns the place of a span, a new one if it has none. */
  placeOf(span: BufferedSpan): CallSpan {
    const known = this.#callSpans.get(span);
    if (known) return known;
    const place: CallSpan = {
      outer: undefined,
      inner: new Set(),
      partners: [],
      recorded: [],
      hasFailedChild: false,
      isNoCall: false,
      isHandedOut: false,
      isFinal: false,
      isStored: false,
    };
    this.#callSpans.set(span, place);
    return place;
  }

  /** Returns the spans whose place, events or ancestors may have changed. `completed` are those that log records were added to. */
  changedBy(added: readonly BufferedSpan[], completed: ReadonlySet<BufferedSpan>): ReadonlySet<BufferedSpan> {
    const changed = new Set<BufferedSpan>(completed);
    for (const span of added) {
      changed.delete(span);
      this.#spans.collectTree(span, changed);
      const parent = this.#spans.get(span.trace.traceId, span.parentId ?? '');
      if (parent && this.#mayFail(span, parent)) changed.add(parent);
    }
    return changed;
  }

  /** Returns whether a span is, was or may be a call. */
  mayBeCall(span: BufferedSpan): boolean {
    return roleIn(span) === 'llm' || isCounting(span) || this.#callSpans.has(span);
  }

  /** Places spans of calls anew. Returns the outermost spans of all groups that they were or are in. */
  regroup(affected: readonly BufferedSpan[]): Set<Root> {
    const before = new Map<BufferedSpan, Root>();
    const roots = new Set<Root>();
    for (const span of affected) if (this.#callSpans.has(span)) roots.add(this.rootOf(span, before));
    for (const span of affected) this.#place(span);
    const now = new Map<BufferedSpan, Root>();
    for (const span of affected) roots.add(this.rootOf(span, now));
    return roots;
  }

  /**
   * Returns the outermost span of a group. An agent with a call below it is in no group. Of many spans, `known` has the answers so far, so
   * that deep ones do not walk up again and again. It is right until a span is placed.
   */
  rootOf(span: BufferedSpan, known?: Map<BufferedSpan, Root>): Root {
    const seen = new Set([span]);
    for (const one of seen) {
      const outer = this.#callSpans.get(one)?.outer;
      const isOutermost = !outer || (roleIn(outer) === 'agent' && this.callsBelow.hasCall(outer));
      const root = known?.get(one) ?? (isOutermost ? one : undefined);
      if (root) {
        if (known) for (const below of seen) known.set(below, root);
        return root;
      }
      if (outer) seen.add(outer);
    }
    return span;
  }

  /** Returns a span and all that are nested in it, outer ones first. */
  membersOf(root: Root): ReadonlySet<BufferedSpan> {
    const members = new Set([root]);
    for (const member of members) for (const inner of this.placeOf(member).inner) members.add(inner);
    return members;
  }

  /** Forgets a span. Those above it must be forgotten too. */
  forget(span: BufferedSpan): void {
    this.callsBelow.forget(span);
    this.#callSpans.delete(span);
  }

  /** Returns whether a span can change whether the call of its parent failed. */
  #mayFail(span: BufferedSpan, parent: BufferedSpan): boolean {
    if (roleIn(parent) !== 'llm' || !sharesOutcome(span.span, parent.span, roleIn(span))) return false;
    return statusErrorOf(span.span) !== undefined || this.#callSpans.get(parent)?.hasFailedChild === true;
  }

  #place(span: BufferedSpan): void {
    const place = this.placeOf(span);
    const outer = outerOf(span, this.#spans.ancestorsOf(span));
    if (place.outer) this.placeOf(place.outer).inner.delete(span);
    place.outer = outer;
    if (outer) this.placeOf(outer).inner.add(span);
    if (roleIn(span) !== 'llm') this.callsBelow.count(span, [], false);
  }
}

/** Returns whether it matters which calls are below a span. */
export function isCounting(span: BufferedSpan): boolean {
  return roleIn(span) === 'agent' || roleIn(span) === 'unclear';
}

/** Returns the span that a span is nested in: an LLM span in one of its call, an agent in the nearest agent. */
function outerOf(span: BufferedSpan, ancestors: readonly BufferedSpan[]): BufferedSpan | undefined {
  if (roleIn(span) === 'agent') return ancestors.find((above) => roleIn(above) === 'agent');
  if (roleIn(span) !== 'llm') return undefined;
  const nearest = ancestors.find((above) => decidesNesting(roleIn(above)));
  return nearest && roleIn(nearest) === 'llm' ? nearest : undefined;
}
