import { parentSpanIdOf, type SpanLike } from '../../reading/model/span-like.js';
import { isRequest } from '../../reading/calls/turn-scope.js';
import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';

/** How many spans wait for the root of their trace, and how long. */
export interface TraceLimits {
  readonly maxSpans: number;
  readonly maxAgeMs: number;
}

const DEFAULT_LIMITS: TraceLimits = { maxSpans: 20_000, maxAgeMs: 10 * 60_000 };
const SWEEP_MS = 60_000;

interface WaitingTrace {
  spans: SpanLike[];
  /** When the last span of it came. */
  sinceMs: number;
}

/**
 * Keeps the spans of batches together until the local root of their trace arrives, which ends last: an exporter sees the calls of a
 * turn before the agent that made them. A trace whose root does not come is let go after ten minutes, or when too many wait.
 */
export class RootSpanBuffer {
  readonly #emit: (spans: readonly SpanLike[]) => void;
  readonly #limits: TraceLimits;
  readonly #now: () => number;
  readonly #traces = new Map<string, WaitingTrace>();
  #count = 0;
  #timer: Timer | undefined;

  /** `emit` gets the spans below one local root, and the root. */
  constructor(
    emit: (spans: readonly SpanLike[]) => void,
    limits: Partial<TraceLimits> = {},
    now: () => number = Date.now,
  ) {
    this.#emit = emit;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
  }

  /** Takes a batch of spans that have ended. */
  add(spans: readonly SpanLike[]): void {
    const complete = new Set<string>();
    for (const span of spans) {
      const { traceId } = span.spanContext();
      const trace = this.#traces.get(traceId) ?? { spans: [], sinceMs: 0 };
      trace.spans.push(span);
      trace.sinceMs = this.#now();
      // The trace that was silent for longest is the first.
      this.#traces.delete(traceId);
      this.#traces.set(traceId, trace);
      this.#count += 1;
      if (isLocalRoot(span)) complete.add(traceId);
    }
    for (const traceId of complete) this.#emitBelowRoots(traceId);
    this.#sweep();
    if (this.#traces.size > 0) this.#timer ??= startBackgroundTimer(SWEEP_MS, () => this.#tick());
  }

  /** Emits everything. */
  closeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const traceId of this.#traces.keys()) this.#emitAll(traceId);
  }

  #tick(): void {
    this.#timer = undefined;
    this.#sweep();
    if (this.#traces.size > 0) this.#timer = startBackgroundTimer(SWEEP_MS, () => this.#tick());
  }

  #sweep(): void {
    const { maxSpans, maxAgeMs } = this.#limits;
    for (const [traceId, { sinceMs }] of this.#traces) {
      if (this.#count <= maxSpans && this.#now() - sinceMs < maxAgeMs) return;
      this.#emitAll(traceId);
    }
  }

  #emitBelowRoots(traceId: string): void {
    const trace = this.#traces.get(traceId);
    if (!trace) return;
    const byRoot = groupByTop(trace.spans);
    trace.spans = [];
    for (const [top, spans] of byRoot)
      if (isLocalRoot(top)) this.#let(spans);
      else trace.spans.push(...spans);
    if (trace.spans.length === 0) this.#traces.delete(traceId);
  }

  #emitAll(traceId: string): void {
    const trace = this.#traces.get(traceId);
    this.#traces.delete(traceId);
    if (trace) this.#let(trace.spans);
  }

  #let(spans: readonly SpanLike[]): void {
    this.#count -= spans.length;
    this.#emit(spans);
  }
}

/** Whether the parent of a span is in another process, or it has none. SDK 1.x does not tell a remote parent. */
function isLocalRoot(span: SpanLike): boolean {
  const isRemote = span.parentSpanContext?.isRemote;
  return isRemote ?? (parentSpanIdOf(span) === undefined || isRequest(span));
}

/** Spans by the topmost one above them that is here. */
function groupByTop(spans: readonly SpanLike[]): Map<SpanLike, SpanLike[]> {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const groups = new Map<SpanLike, SpanLike[]>();
  for (const span of spans) {
    const top = topOf(span, byId, spans.length);
    const group = groups.get(top);
    if (group) group.push(span);
    else groups.set(top, [span]);
  }
  return groups;
}

function topOf(span: SpanLike, byId: ReadonlyMap<string, SpanLike>, maxDepth: number): SpanLike {
  let top = span;
  for (let depth = 0; depth < maxDepth && !isLocalRoot(top); depth += 1) {
    const parentId = parentSpanIdOf(top);
    const parent = parentId === undefined ? undefined : byId.get(parentId);
    if (!parent) break;
    top = parent;
  }
  return top;
}
