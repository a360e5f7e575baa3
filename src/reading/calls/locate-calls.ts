import type { SpanRole } from '../model/dialect.js';
import { hasContent, mergeCalls } from './merge-calls.js';
import type { LocatedCall } from '../model/located-call.js';
import { collapseNested } from './nested-calls.js';
import { readLlmCall, roleOf } from '../dialects/read-llm-call.js';
import { fingerprintOf, isPrimary, isSameCall, type CallFingerprint } from './same-call.js';
import { parentSpanIdOf, type SpanLike } from '../model/span-like.js';

/**
 * The LLM calls among spans, each once, in the order of the spans that they were read from: LLM spans of one call are one call,
 * whether they nest, stand side by side or in two traces.
 */
export function locateCalls(
  spans: readonly SpanLike[],
  onUnreadable?: (span: SpanLike) => void,
): LocatedCall[] {
  const readable = readableSpans(spans, onUnreadable);
  const bySpanId = new Map(readable.map(({ span, spanId }) => [spanId, span]));
  const innerOf = new Map<SpanLike, SpanLike[]>();
  const outermost: SpanLike[] = [];
  for (const { span, role } of readable) {
    if (role !== 'llm') continue;
    const owner = nearestCallAbove(ancestorsAmong(span, bySpanId));
    if (owner) innerOf.set(owner, [...(innerOf.get(owner) ?? []), span]);
    else outermost.push(span);
  }
  const read = (span: SpanLike): readonly LocatedCall[] => {
    const inner = (innerOf.get(span) ?? []).flatMap(read);
    const ancestors = ancestorsAmong(span, bySpanId);
    const call = readLlmCall(span, ancestors);
    if (!call) onUnreadable?.(span);
    return call ? collapseLocated({ call, span, ancestors }, inner) : inner;
  };
  return mergeSameCalls(outermost.flatMap(read));
}

/** The LLM call that a span belongs to, given the spans above it: the nearest with no tool or agent between. */
export function nearestCallAbove(ancestors: readonly SpanLike[]): SpanLike | undefined {
  for (const ancestor of ancestors) {
    const role = roleOf(ancestor);
    if (role !== 'other') return role === 'llm' ? ancestor : undefined;
  }
  return undefined;
}

/** Like {@link collapseNested}, keeping to each call where it was found. */
export function collapseLocated(outer: LocatedCall, inner: readonly LocatedCall[]): readonly LocatedCall[] {
  const calls = collapseNested(
    outer.call,
    inner.map((located) => located.call),
  );
  return calls.map((call) => inner.find((located) => located.call === call) ?? { ...outer, call });
}

/** One call out of two spans that stand side by side or in two traces. */
export function mergeLocated(a: LocatedCall, b: LocatedCall): LocatedCall {
  const [outer, inner] = isPrimary(a.call, b.call) ? [a, b] : [b, a];
  const [speaker, filler] =
    hasContent(outer.call) || !hasContent(inner.call) ? [outer, inner] : [inner, outer];
  return {
    span: speaker.span,
    call: mergeCalls(speaker.call, filler.call),
    // Who asked may be known above either of them.
    ancestors: [...speaker.ancestors, ...filler.ancestors],
  };
}

/** Merges what two instrumentations traced beside each other. Two scopes at least, or there is nothing to look for. */
function mergeSameCalls(located: readonly LocatedCall[]): LocatedCall[] {
  if (new Set(located.map(({ call }) => call.scope)).size < 2) return [...located];
  const merged: { readonly print: CallFingerprint; located: LocatedCall }[] = [];
  for (const next of located) {
    const print = fingerprintOf(next.call);
    const same = merged.find((known) => isSameCall(known.print, print));
    if (same) same.located = mergeLocated(same.located, next);
    else merged.push({ print, located: next });
  }
  return merged.map((known) => known.located);
}

interface ReadableSpan {
  readonly span: SpanLike;
  readonly spanId: string;
  readonly role: SpanRole;
}

/** A span that is broken must not take the others along: what it is and where it stands is asked once, with care. */
function readableSpans(
  spans: readonly SpanLike[],
  onUnreadable: ((span: SpanLike) => void) | undefined,
): ReadableSpan[] {
  const readable: ReadableSpan[] = [];
  for (const span of spans) {
    try {
      parentSpanIdOf(span);
      readable.push({ span, spanId: span.spanContext().spanId, role: roleOf(span) });
    } catch {
      onUnreadable?.(span);
    }
  }
  return readable;
}

function ancestorsAmong(span: SpanLike, bySpanId: ReadonlyMap<string, SpanLike>): SpanLike[] {
  const ancestors: SpanLike[] = [];
  let current = parentOf(span, bySpanId);
  while (current && current !== span && !ancestors.includes(current)) {
    ancestors.push(current);
    current = parentOf(current, bySpanId);
  }
  return ancestors;
}

function parentOf(span: SpanLike, bySpanId: ReadonlyMap<string, SpanLike>): SpanLike | undefined {
  const parentId = parentSpanIdOf(span);
  return parentId === undefined ? undefined : bySpanId.get(parentId);
}
