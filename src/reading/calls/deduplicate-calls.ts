import { readRecognisedCall, roleOf } from '../dialects/read-llm-call.js';
import type { RecognisedSpan } from '../dialects/recognise.js';
import { isBoundary, type SpanRole } from '../model/dialect.js';
import type { LlmCall } from '../model/llm-call.js';
import type { SpanLike } from '../model/span-like.js';
import { locateAgentCalls, type AgentOptions } from './locate-agent-calls.js';
import type { LocatedCall } from './located-call.js';
import { sharesOutcome, statusErrorOf, withChildError } from './failed-child.js';
import { hasContent, hasOutput, mergeCalls } from './merge-calls.js';
import {
  fingerprintOf,
  isOtherCall,
  isPrimary,
  isSameCall,
  mergeFingerprints,
  type CallFingerprint,
} from './same-call.js';
import { ancestorsInBatch, readableSpans, type SpanBatch } from './span-batch.js';

// One LLM call is often traced by several libraries: a framework, the provider's SDK, a second exporter. It must become one record.
//
// 1. Nested: an LLM span below another one, with no call boundary (tool, agent, workflow) between them, is the same call.
//    The outer span is primary. If the outer span has no content, the inner one is primary (`collapseNested`).
//    Several inner spans are attempts of one call: the last that succeeded completes the outer one.
// 2. Side by side: spans of different libraries that overlap in time are the same call if the response ids are equal or, without
//    ids, model, question and answer (`isSameCall`). The span that starts first is primary, unless it alone lacks content
//    (`mergeSameCall`).
// 3. Earlier batches: `RecentCalls` remembers the fingerprints of the last minute's calls. A later span of one of them is a duplicate.
//
// The primary call keeps its values. `mergeCalls` takes from the secondary call only what the primary one lacks; it adds no counts.
// The exporter and the server use 1 and 2 through `locateCalls`; the processor sees spans end one by one and uses the parts.

/** Callbacks of {@link locateCalls}. */
export interface LocateOptions extends AgentOptions {
  /** Called with the spans that can be read, before anything else. */
  readonly onRecognised?: (spans: ReadonlyMap<SpanLike, RecognisedSpan | undefined>) => void;
  /** Called for each span that cannot be read; the other spans are read all the same. */
  readonly onUnreadable?: (span: SpanLike) => void;
}

/**
 * Reads the LLM calls among the spans of a batch, each call once, in the order of the spans that they were read from. Pure, except for
 * `idsAboveCalls`.
 */
export function locateCalls(spans: readonly SpanLike[], options: LocateOptions = {}): LocatedCall[] {
  const { onUnreadable, admits = () => true } = options;
  const batch = readableSpans(spans, onUnreadable);
  options.onRecognised?.(batch.recognised);
  const roleInBatch = (span: SpanLike): SpanRole => batch.recognised.get(span)?.role ?? 'other';
  const innerSpansOf = new Map<SpanLike, SpanLike[]>();
  const ancestorsOf = new Map<SpanLike, readonly SpanLike[]>();
  const outermost: SpanLike[] = [];
  const emptySpans = new Map<SpanLike, LlmCall>();
  const failures = failuresOfChildren(batch);
  for (const span of batch.spans) {
    if (roleInBatch(span) !== 'llm') continue;
    const ancestors = ancestorsInBatch(span, batch);
    ancestorsOf.set(span, ancestors);
    const owner = nearestCallAbove(ancestors, roleInBatch);
    if (owner) innerSpansOf.set(owner, [...(innerSpansOf.get(owner) ?? []), span]);
    else outermost.push(span);
  }
  const read = (span: SpanLike): readonly LocatedCall[] => {
    const inner = (innerSpansOf.get(span) ?? []).flatMap(read);
    const ancestors = ancestorsOf.get(span) ?? [];
    if (!admits({ span, ancestors })) return inner;
    const own = readRecognisedCall(span, batch.recognised.get(span), ancestors);
    if (!own) onUnreadable?.(span);
    const call = own && withChildError(own, failures.get(span));
    if (call && !hasContent(call) && !call.error) emptySpans.set(span, call);
    return call ? collapseNested({ call, span, ancestors }, inner) : inner;
  };
  const calls = outermost.flatMap(read);
  const agents = locateAgentCalls(batch, emptySpans, options);
  if (agents.length === 0) return [...mergeSameCalls(calls, false)];
  const position = new Map(batch.spans.map((span, at) => [span, at]));
  const all = [...calls, ...agents].sort((a, b) => (position.get(a.span) ?? 0) - (position.get(b.span) ?? 0));
  return [...mergeSameCalls(all, true)];
}

/**
 * Returns the LLM span of the call that a span is part of: the nearest LLM span above it with no call boundary between. `undefined`:
 * the span is not part of a call above it. `ancestors` are ordered from the nearest. Pass `roleIn` if the roles are known already.
 */
export function nearestCallAbove(
  ancestors: readonly SpanLike[],
  roleIn: (span: SpanLike) => SpanRole = roleOf,
): SpanLike | undefined {
  const nearest = ancestors.find((ancestor) => decidesNesting(roleIn(ancestor)));
  return nearest && roleIn(nearest) === 'llm' ? nearest : undefined;
}

/** Returns whether a span of this role decides about the spans below it: as a part of its call, or as calls of their own. */
export function decidesNesting(role: SpanRole): boolean {
  return role === 'llm' || isBoundary(role);
}

/**
 * Makes one call of an LLM span and the LLM spans nested in it. If the outer call has no content or only frames the inner one, returns
 * the only successful inner call, completed from the outer. With several, returns the inner calls unmerged. Calls of their own come first.
 *
 * `below` are the calls below `outer` with no call boundary between.
 */
export function collapseNested<C extends LocatedCall>(outer: C, below: readonly C[]): readonly C[] {
  if (below.length === 0) return [outer];
  const around = fingerprintOf(outer.call);
  const others = below.filter(({ call }) => isOtherCall(around, fingerprintOf(call)));
  const parts = below.filter((call) => !others.includes(call));
  return [...others, ...collapseParts(outer, parts)];
}

function collapseParts<C extends LocatedCall>(outer: C, below: readonly C[]): readonly C[] {
  const inner = below.length > 1 ? [...below].sort(byEnd) : below;
  const succeeded = inner.filter(({ call }) => !call.error);
  const last = succeeded.at(-1) ?? inner.at(-1);
  if (!last) return [outer];
  if (hasContent(outer.call) && !(outer.call.isFrame === true && hasContent(last.call)))
    return [{ ...outer, call: withChildError(mergeCalls(outer.call, last.call), last.call.error) }];
  if (inner.length > 1 && succeeded.length !== 1) return inner;
  // The outer span may know tokens and parameters that the inner one lacks, and whether the call failed in the end.
  const { error } = outer.call;
  return [{ ...outer, call: { ...mergeCalls(last.call, outer.call), ...(error && { error }) } }];
}

/** Returns the errors of children that fail the call of their parent, by the parent. The last attempt decides. */
function failuresOfChildren(batch: SpanBatch): ReadonlyMap<SpanLike, LlmCall['error']> {
  const last = new Map<SpanLike, SpanLike>();
  for (const span of batch.spans) {
    const parent = batch.bySpanId.get(batch.parentIds.get(span) ?? '');
    if (!parent || !sharesOutcome(span, parent, batch.recognised.get(span)?.role)) continue;
    const known = last.get(parent);
    if (!known || compareTimes(known.endTime, span.endTime) <= 0) last.set(parent, span);
  }
  return new Map([...last].map(([parent, child]) => [parent, statusErrorOf(child)]));
}

/** Orders calls by their end, whatever order their spans come in. */
function byEnd({ call: a }: LocatedCall, { call: b }: LocatedCall): number {
  return a.endTimeMs - b.endTimeMs || a.startTimeMs - b.startTimeMs || (a.spanId < b.spanId ? -1 : 1);
}

function compareTimes(a: SpanLike['endTime'], b: SpanLike['endTime']): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** Makes one call of two spans of the same call that lie side by side or in two traces. */
export function mergeSameCall(a: LocatedCall, b: LocatedCall): LocatedCall {
  const [outer, inner] = isPrimary(a.call, b.call) ? [a, b] : [b, a];
  // The span of an agent says less about the call than that of the call itself.
  const isAgentAlone = outer.call.operation === 'invoke_agent' && inner.call.operation !== 'invoke_agent';
  const isOuterPrimary = (hasContent(outer.call) && !isAgentAlone) || !hasContent(inner.call);
  const [primary, secondary] = isOuterPrimary ? [outer, inner] : [inner, outer];
  const error = primary.call.error ?? secondary.call.error;
  return {
    span: primary.span,
    call: {
      ...mergeCalls(primary.call, secondary.call),
      // Some libraries leave the span of a failed call without any sign of it.
      ...(error && !hasOutput(primary.call) && { error }),
    },
    ancestors: mergeAncestors(primary.ancestors, secondary.ancestors),
  };
}

/**
 * Joins the spans above two spans of one call: the user may be known above either. The last one is the root of the call's turn. Which of
 * two roots that is must not depend on the call: in the next call of the turn, the other library may have been the first to start.
 */
function mergeAncestors(primary: readonly SpanLike[], secondary: readonly SpanLike[]): readonly SpanLike[] {
  const [first, last] = startsBefore(secondary.at(-1), primary.at(-1))
    ? [primary, secondary]
    : [secondary, primary];
  return [...first.filter((span) => !last.includes(span)), ...last];
}

function startsBefore(a: SpanLike | undefined, b: SpanLike | undefined): boolean {
  if (!a || !b || a === b) return a !== undefined && b === undefined;
  const [seconds, nanos] = a.startTime;
  const difference = seconds - b.startTime[0] || nanos - b.startTime[1];
  return difference === 0 ? a.spanContext().spanId < b.spanContext().spanId : difference < 0;
}

/** Merges calls that two libraries traced side by side. With a single scope and without agents there is nothing to merge. */
function mergeSameCalls(located: readonly LocatedCall[], hasAgents: boolean): readonly LocatedCall[] {
  if (!hasAgents && new Set(located.map(({ call }) => call.scope)).size < 2) return located;
  const merger = new CallMerger(mergeSameCall);
  for (const next of located) if (!merger.merge(next)) merger.add(next);
  return merger.takeAll();
}

/** Distance that makes the call of another user the last choice. */
const OTHER_USER_MS = 1e9;

function isOtherId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** A call of {@link CallMerger}. */
interface Distinct<C extends LocatedCall> {
  readonly located: C;
  /** Made when needed: most calls are taken before another call is compared with them. */
  fingerprint: CallFingerprint | undefined;
}

function fingerprintIn(entry: Distinct<LocatedCall>): CallFingerprint {
  return (entry.fingerprint ??= fingerprintOf(entry.located.call));
}

/** Distinct calls that a further span of the same call may still complete. */
export class CallMerger<C extends LocatedCall> {
  readonly #mergeTwo: (known: C, next: C) => C;
  #distinct: Distinct<C>[] = [];

  /** `mergeTwo` makes one of two spans of the same call: {@link mergeSameCall}, or a function that uses it. */
  constructor(mergeTwo: (known: C, next: C) => C) {
    this.#mergeTwo = mergeTwo;
  }

  get size(): number {
    return this.#distinct.length;
  }

  /**
   * Merges `next` into the known call that is the same. Returns `duplicate` if both have content, `completed` if one of them has
   * none, and `undefined` if no known call is the same.
   */
  merge(next: C): 'duplicate' | 'completed' | undefined {
    if (this.#distinct.length === 0) return undefined;
    const fingerprint = fingerprintOf(next.call);
    const at = this.#find(next.call, fingerprint);
    const entry = at === undefined ? undefined : this.#distinct[at];
    if (at === undefined || !entry) return undefined;
    const known = entry.located;
    const located = this.#mergeTwo(known, next);
    this.#distinct[at] = {
      located,
      fingerprint: mergeFingerprints(
        mergeFingerprints(fingerprintOf(located.call), fingerprintIn(entry)),
        fingerprint,
      ),
    };
    return hasContent(known.call) && hasContent(next.call) ? 'duplicate' : 'completed';
  }

  /**
   * Returns the place of the most likely call among several: one of the same user, else the one that started at the closest time. Users ask the same question at the same time.
   */
  #find({ userId, threadId }: LlmCall, fingerprint: CallFingerprint): number | undefined {
    let best: number | undefined;
    let bestDistance = Infinity;
    for (const [at, entry] of this.#distinct.entries()) {
      const known = fingerprintIn(entry);
      if (!isSameCall(known, fingerprint)) continue;
      const { call } = entry.located;
      const isOther = isOtherId(call.userId, userId) || isOtherId(call.threadId, threadId);
      const distance = Math.abs(known.startTimeMs - fingerprint.startTimeMs) + (isOther ? OTHER_USER_MS : 0);
      if (distance >= bestDistance) continue;
      [best, bestDistance] = [at, distance];
    }
    return best;
  }

  /** Adds a call that {@link CallMerger.merge} did not find. */
  add(located: C): void {
    this.#distinct.push({ located, fingerprint: undefined });
  }

  /** Removes and returns all calls, in the order in which they were added. */
  takeAll(): C[] {
    const taken = this.#distinct.map(({ located }) => located);
    this.#distinct = [];
    return taken;
  }
}
