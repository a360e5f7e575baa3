import { readIdentity } from '../../../../reading/fields/identity.js';
import { recogniseSpan } from '../../../../reading/dialects/read-llm-call.js';
import { isBoundary, type SpanRole } from '../../../../reading/model/dialect.js';
import {
  parentSpanIdOf,
  type HrTime,
  type SpanEventLike,
  type SpanLike,
} from '../../../../reading/model/span-like.js';
import { hasOwnOptOut, isOptedOut, ownOptOutState } from '../../../../records/privacy/opt-out.js';
import type { BufferedSpan, BufferedTrace, SentSpan } from './buffered-span.js';
import { isOptOutEvent, withLogEvents } from './log-events.js';

const NO_ENTRIES: ReadonlyMap<string, never> = new Map<string, never>();

/** Most spans of calls and of what is above them. Above it, the least recently updated trace is forgotten. */
const MAX_RELEVANT_SPANS = 50_000;
/** Characters of these spans. */
const MAX_RELEVANT_LENGTH = 32 * 1024 * 1024;
/** Most other spans. They are kept because a call below them may follow. Above it, the oldest one is forgotten. */
const MAX_OTHER_SPANS = 20_000;
/** Characters of the other spans. */
const MAX_OTHER_LENGTH = 8 * 1024 * 1024;
/** Most spans above a span that are looked at. Deeper nesting comes from loops and attacks. */
const MAX_ANCESTORS = 256;

/** Contents of the buffer: recent traces. */
export interface JoinMemory {
  readonly spans: number;
  /** Approximate size of the spans. */
  readonly characters: number;
  /** Traces with calls. */
  readonly traces: number;
  /** Traces with calls in which a span names a parent that has not come: it has not ended yet, or another server has got it. */
  readonly tracesWithGaps: number;
}

type OnEvicted = (spans: readonly BufferedSpan[]) => void;

/**
 * Keeps the spans of recent traces as trees, within limits. Relevant spans (calls, their boundaries and everything above a call) and
 * other spans have limits of their own, so that traces without calls never push out calls.
 */
export class SpanBuffer {
  readonly #traces = new Map<string, BufferedTrace>();
  /** Traces with relevant spans, least recently updated first. */
  readonly #callTraces = new Set<BufferedTrace>();
  /** Oldest first. */
  readonly #otherSpans = new Set<BufferedSpan>();
  #relevantSpans = 0;
  #relevantLength = 0;
  #otherLength = 0;
  /** A number on each span that was seen finds loops in less time than a set does: deep traces are walked for each of their spans. */
  #walks = 0;

  usage(): JoinMemory {
    let tracesWithGaps = 0;
    for (const { children, spans } of this.#callTraces)
      if ([...children.keys()].some((parentId) => !spans.has(parentId))) tracesWithGaps += 1;
    return {
      spans: this.#relevantSpans + this.#otherSpans.size,
      characters: this.#relevantLength + this.#otherLength,
      traces: this.#callTraces.size,
      tracesWithGaps,
    };
  }

  get(traceId: string, spanId: string): BufferedSpan | undefined {
    return this.#traces.get(traceId)?.spans.get(spanId);
  }

  /** Adds a span. Of two spans with one id, the one that ended later is kept. Does not evict: see {@link SpanBuffer.evict}. */
  add(span: SentSpan): BufferedSpan {
    const { traceId, spanId } = span.spanContext();
    const trace = this.#traceOf(traceId);
    const known = trace.spans.get(spanId);
    if (known && isLater(known.sent.endTime, span.endTime)) return known;
    return this.#put(trace, spanId, known, { sent: span, logEvents: known?.logEvents ?? NO_ENTRIES });
  }

  /** Adds events of log records to a span. Those that it has already are not added again. */
  addLogEvents(known: BufferedSpan, events: ReadonlyMap<string, SpanEventLike>): void {
    const added = [...events].filter(([key]) => !known.logEvents.has(key));
    if (added.length === 0) return;
    const logEvents = new Map([...known.logEvents, ...added]);
    this.#put(known.trace, known.spanId, known, { sent: known.sent, logEvents });
  }

  #put(
    trace: BufferedTrace,
    spanId: string,
    known: BufferedSpan | undefined,
    { sent, logEvents }: Pick<BufferedSpan, 'sent' | 'logEvents'>,
  ): BufferedSpan {
    if (known) this.#detach(known);
    const span = withLogEvents(sent, logEvents);
    const recognised = recogniseSpan(span);
    if (isOptedOut({ span, ancestors: [] })) trace.hasOptOut = true;
    const facts = {
      span,
      sent,
      logEvents,
      recognised,
      parentId: parentSpanIdOf(span),
      length: lengthOf(span),
      hasFacts: recognised?.role !== 'llm' && hasFacts(span),
      isRelevant: known?.isRelevant === true || isRelevant(recognised?.role ?? 'other'),
    };
    const added: BufferedSpan = known
      ? Object.assign(known, facts)
      : { trace, spanId, evaluations: NO_ENTRIES, walk: 0, isShared: false, ...facts };
    this.#attach(added);
    return added;
  }

  /** Returns the spans above a span, nearest first, and marks them as relevant. Empty if the span is above itself. */
  ancestorsOf(below: BufferedSpan): readonly BufferedSpan[] {
    const { spans } = below.trace;
    const ancestors: BufferedSpan[] = [];
    const walk = ++this.#walks;
    let above = spans.get(below.parentId ?? '');
    while (above && above.walk !== walk && ancestors.length < MAX_ANCESTORS) {
      if (above === below) return [];
      above.walk = walk;
      ancestors.push(above);
      this.#makeRelevant(above);
      above = spans.get(above.parentId ?? '');
    }
    return ancestors;
  }

  /** Returns the span and those above it, nearest first, without marking them as relevant. If the span is not known: the root alone. */
  chainFrom(traceId: string, spanId: string): readonly BufferedSpan[] {
    const spans = this.#traces.get(traceId)?.spans;
    if (!spans) return [];
    const chain = new Set<BufferedSpan>();
    let next = spans.get(spanId) ?? [...spans.values()].find(({ parentId }) => parentId === undefined);
    while (next && !chain.has(next) && chain.size < MAX_ANCESTORS) {
      chain.add(next);
      next = spans.get(next.parentId ?? '');
    }
    return [...chain];
  }

  /** Returns whether a span is opted out, and will be, whatever spans follow. */
  isOptedOut({ trace, spanId, span }: BufferedSpan): boolean {
    if (!trace.hasOptOut) return false;
    const chain = this.chainFrom(trace.traceId, spanId);
    const [, ...ancestors] = chain.map((one) => one.span);
    if (!isOptedOut({ span, ancestors })) return false;
    // A span above that has not come can still overrule the resource, and nothing else.
    const isResource = isOptOutEvent({ attributes: span.resource?.attributes ?? {} });
    const isKnownToRoot = chain.at(-1)?.parentId === undefined;
    return (
      !isResource || isKnownToRoot || [span, ...ancestors].some((one) => ownOptOutState(one) !== undefined)
    );
  }

  /** Returns the spans that fit, at most `limit`: those of the trace that was updated last come first, and in it those that came last. */
  latest(limit: number, fits: (span: BufferedSpan) => boolean): BufferedSpan[] {
    const found: BufferedSpan[] = [];
    const withoutCalls = [...this.#traces.values()].filter((trace) => !this.#callTraces.has(trace));
    for (const { spans } of [...withoutCalls, ...this.#callTraces].toReversed())
      for (const span of [...spans.values()].toReversed()) {
        if (found.length >= limit) return found;
        if (fits(span)) found.push(span);
      }
    return found;
  }

  childrenOf(parent: BufferedSpan): readonly BufferedSpan[] {
    return [...(parent.trace.children.get(parent.spanId) ?? [])];
  }

  /** Adds a span and all spans below it to `into`. Spans that are in it already are not followed. */
  collectTree(top: BufferedSpan, into: Set<BufferedSpan>): void {
    const open = [top];
    for (let next = open.pop(); next; next = open.pop()) {
      if (into.has(next)) continue;
      into.add(next);
      for (const child of next.trace.children.get(next.spanId) ?? []) open.push(child);
    }
  }

  /** Forgets spans until the limits hold again. `onEvicted` is called with the relevant ones of a trace, before they are forgotten. */
  evict(onEvicted: OnEvicted): void {
    for (const oldest of this.#otherSpans) {
      if (this.#otherSpans.size <= MAX_OTHER_SPANS && this.#otherLength <= MAX_OTHER_LENGTH) break;
      this.#forget(oldest);
    }
    for (const trace of this.#callTraces) {
      if (this.#relevantSpans <= MAX_RELEVANT_SPANS && this.#relevantLength <= MAX_RELEVANT_LENGTH) break;
      this.#forgetTrace(trace, onEvicted);
    }
  }

  /** Forgets traces in which a span fits. The rest is as in {@link SpanBuffer.evict}. */
  forgetTraces(fits: (span: BufferedSpan) => boolean, onEvicted: OnEvicted): void {
    for (const trace of this.#traces.values())
      if ([...trace.spans.values()].some(fits)) this.#forgetTrace(trace, onEvicted);
  }

  #forgetTrace(trace: BufferedTrace, onEvicted: OnEvicted): void {
    const spans = [...trace.spans.values()];
    onEvicted(spans.filter(({ isRelevant }) => isRelevant));
    for (const span of spans) this.#forget(span);
  }

  #traceOf(traceId: string): BufferedTrace {
    const known = this.#traces.get(traceId);
    if (known) return known;
    const trace = { traceId, spans: new Map(), children: new Map(), hasOptOut: false };
    this.#traces.set(traceId, trace);
    return trace;
  }

  #attach(added: BufferedSpan): void {
    const { trace, spanId, parentId } = added;
    trace.spans.set(spanId, added);
    if (parentId !== undefined) {
      const siblings = trace.children.get(parentId);
      if (siblings) siblings.add(added);
      else trace.children.set(parentId, new Set([added]));
    }
    if (added.isRelevant) this.#countRelevant(added);
    else {
      this.#otherSpans.add(added);
      this.#otherLength += added.length;
    }
  }

  #detach(known: BufferedSpan): void {
    const { trace, parentId, length, isRelevant } = known;
    const siblings = parentId === undefined ? undefined : trace.children.get(parentId);
    siblings?.delete(known);
    if (parentId !== undefined && siblings?.size === 0) trace.children.delete(parentId);
    if (isRelevant) {
      this.#relevantSpans -= 1;
      this.#relevantLength -= length;
    } else if (this.#otherSpans.delete(known)) this.#otherLength -= length;
  }

  #makeRelevant(span: BufferedSpan): void {
    if (span.isRelevant) return;
    this.#otherSpans.delete(span);
    this.#otherLength -= span.length;
    span.isRelevant = true;
    this.#countRelevant(span);
  }

  #countRelevant({ trace, length }: BufferedSpan): void {
    this.#relevantSpans += 1;
    this.#relevantLength += length;
    this.#callTraces.delete(trace);
    this.#callTraces.add(trace);
  }

  #forget(span: BufferedSpan): void {
    this.#detach(span);
    span.trace.spans.delete(span.spanId);
    if (span.trace.spans.size > 0) return;
    this.#traces.delete(span.trace.traceId);
    this.#callTraces.delete(span.trace);
  }
}

function isRelevant(role: SpanRole): boolean {
  return role === 'llm' || role === 'unclear' || isBoundary(role);
}

/** Returns whether a span says something about the calls below it. */
function hasFacts(span: SpanLike): boolean {
  const { userId, threadId } = readIdentity(span.attributes);
  return userId !== undefined || threadId !== undefined || hasOwnOptOut(span);
}

function isLater(a: HrTime, b: HrTime): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

/** Returns the characters of a span's texts, plus an estimate for the objects that hold them. */
function lengthOf(span: SpanLike): number {
  let sum = 200 + attributesLength(span.attributes);
  for (const { attributes } of span.events ?? []) sum += 50 + attributesLength(attributes ?? {});
  return sum;
}

function attributesLength(attributes: Readonly<Record<string, unknown>>): number {
  let sum = 0;
  for (const value of Object.values(attributes)) sum += 50 + textLength(value);
  return sum;
}

function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? (JSON.stringify(value)?.length ?? 0) : 8;
}
