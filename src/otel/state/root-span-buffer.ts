import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';
import { isRequest } from '../../reading/calls/turn-scope.js';
import { parentSpanIdOf, type SpanLike } from '../../reading/model/span-like.js';

/** Limits of {@link RootSpanBuffer}. */
export interface RootSpanBufferLimits {
  readonly maxSpans: number;
  /** Milliseconds after the last span of a trace. */
  readonly maxAgeMs: number;
}

const DEFAULT_LIMITS: RootSpanBufferLimits = { maxSpans: 20_000, maxAgeMs: 10 * 60_000 };

/** Interval at which traces are checked whose root does not come. */
const SWEEP_MS = 60_000;

interface BufferedTrace {
  spans: SpanLike[];
  lastSpanMs: number;
}

/**
 * Buffers exported spans until the local root of their trace, which ends last, is exported. An exporter gets the calls of a turn in
 * earlier batches than the agent that made them.
 *
 * A trace whose root does not come is emitted ten minutes after its last span. Above `maxSpans`, the trace without a span for the longest
 * time is emitted early.
 */
export class RootSpanBuffer {
  readonly #emit: (spans: readonly SpanLike[]) => void;
  readonly #limits: RootSpanBufferLimits;
  readonly #now: () => number;
  /** Sorted by the last span. */
  readonly #traces = new Map<string, BufferedTrace>();
  /** Ids of spans below roots that were taken. A span that ends later, below one of them, need not wait for its root. */
  readonly #takenIds = new Set<string>();
  #spanCount = 0;
  #timer: Timer | undefined;

  /** `emit` gets the spans of a trace whose root did not come in time. */
  constructor(
    emit: (spans: readonly SpanLike[]) => void,
    limits: Partial<RootSpanBufferLimits> = {},
    now: () => number = Date.now,
  ) {
    this.#emit = emit;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
  }

  /** Adds a batch of spans that ended. Returns the groups that it completes, each a local root and the spans below it. */
  add(spans: readonly SpanLike[]): readonly (readonly SpanLike[])[] {
    const complete = new Set<string>();
    for (const span of spans) {
      const { traceId } = span.spanContext();
      const trace = this.#traces.get(traceId) ?? { spans: [], lastSpanMs: 0 };
      trace.spans.push(span);
      trace.lastSpanMs = this.#now();
      this.#traces.delete(traceId);
      this.#traces.set(traceId, trace);
      this.#spanCount += 1;
      if (this.#isComplete(span)) complete.add(traceId);
    }
    const groups = [...complete].flatMap((traceId) => this.#takeBelowRoots(traceId));
    this.#evict();
    if (this.#traces.size > 0) this.#timer ??= startBackgroundTimer(SWEEP_MS, () => this.#onTimer());
    return groups;
  }

  /** Emits everything. */
  emitAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const traceId of this.#traces.keys()) this.#emitTrace(traceId);
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#evict();
    if (this.#traces.size > 0) this.#timer = startBackgroundTimer(SWEEP_MS, () => this.#onTimer());
  }

  /** Emits traces that exceed a limit. */
  #evict(): void {
    const { maxSpans, maxAgeMs } = this.#limits;
    for (const [traceId, { lastSpanMs }] of this.#traces) {
      if (this.#spanCount <= maxSpans && this.#now() - lastSpanMs < maxAgeMs) return;
      this.#emitTrace(traceId);
    }
  }

  #takeBelowRoots(traceId: string): SpanLike[][] {
    const trace = this.#traces.get(traceId);
    if (!trace) return [];
    const groups: SpanLike[][] = [];
    const byTop = groupByTop(trace.spans);
    trace.spans = [];
    for (const [top, spans] of byTop)
      if (this.#isComplete(top)) groups.push(spans);
      else trace.spans.push(...spans);
    if (trace.spans.length === 0) this.#traces.delete(traceId);
    for (const spans of groups) this.#rememberTaken(spans);
    return groups;
  }

  /** Returns whether a span has no parent that can still come. */
  #isComplete(span: SpanLike): boolean {
    return isLocalRoot(span) || this.#takenIds.has(parentSpanIdOf(span) ?? '');
  }

  #rememberTaken(spans: readonly SpanLike[]): void {
    this.#spanCount -= spans.length;
    for (const span of spans) this.#takenIds.add(span.spanContext().spanId);
    for (const id of this.#takenIds) {
      if (this.#takenIds.size <= this.#limits.maxSpans) return;
      this.#takenIds.delete(id);
    }
  }

  #emitTrace(traceId: string): void {
    const trace = this.#traces.get(traceId);
    this.#traces.delete(traceId);
    if (!trace) return;
    this.#spanCount -= trace.spans.length;
    this.#emit(trace.spans);
  }
}

/** Returns whether a span has no parent in this process. Spans of SDK 1.x do not tell whether their parent is remote. */
export function isLocalRoot(span: SpanLike): boolean {
  const isRemote = span.parentSpanContext?.isRemote;
  return isRemote ?? (parentSpanIdOf(span) === undefined || isRequest(span));
}

/** Groups spans by the topmost span above them that is among `spans`. */
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

/** `maxDepth` ends the walk if parents form a circle. */
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
