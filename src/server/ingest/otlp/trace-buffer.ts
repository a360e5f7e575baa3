import { RecentCalls } from '../../../reading/calls/recent-calls.js';
import { locateCalls, type LocatedCall } from '../../../reading/calls/deduplicate-calls.js';
import { roleOf } from '../../../reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../../reading/model/span-like.js';
import { recordId } from '../../../common/record-id.js';

interface Trace {
  readonly spans: Map<string, RememberedSpan>;
  /** Span ids of the calls that were found so far. */
  calls: ReadonlySet<string>;
}

interface RememberedSpan {
  readonly span: SpanLike;
  readonly length: number;
}

/** What spans tell together with those of the same traces that came before. */
export interface TraceFindings {
  /** Calls to record: new ones, and earlier ones of which more may be known now. */
  readonly calls: readonly LocatedCall[];
  /** Ids of records that were made too early: their spans turned out to be part of another call. */
  readonly superseded: readonly string[];
}

const MAX_TRACES = 2000;
/** Of one trace: beyond it the earlier half is final. */
const MAX_SPANS = 500;
/** Characters of all remembered spans. */
const MAX_LENGTH = 32 * 1024 * 1024;

/**
 * Remembers the spans of the latest traces. Exporters send spans as they end, so children come before the spans above them, often in
 * another request: only with those is it known who asked, and which spans are one call.
 */
export class TraceBuffer {
  /** The trace that was heard of last is the last one. */
  readonly #traces = new Map<string, Trace>();
  readonly #known = new RecentCalls();
  #length = 0;

  /** Takes the spans of one request. */
  take(spans: readonly SpanLike[]): TraceFindings {
    const touched = new Set<string>();
    for (const span of spans) touched.add(this.#remember(span));
    const findings = [...touched].map((traceId) => this.#find(traceId));
    this.#forgetOldest();
    return {
      calls: findings.flatMap(({ calls }) => calls),
      superseded: findings.flatMap(({ superseded }) => superseded),
    };
  }

  #remember(span: SpanLike): string {
    const { traceId, spanId } = span.spanContext();
    const trace = this.#traces.get(traceId) ?? { spans: new Map(), calls: new Set<string>() };
    this.#traces.delete(traceId);
    this.#traces.set(traceId, trace);
    if (!trace.spans.has(spanId) && trace.spans.size >= MAX_SPANS) this.#forgetHalf(trace);
    const length = lengthOf(span);
    this.#length += length - (trace.spans.get(spanId)?.length ?? 0);
    trace.spans.set(spanId, { span, length });
    return traceId;
  }

  #find(traceId: string): TraceFindings {
    const trace = this.#traces.get(traceId);
    const spans = Array.from(trace?.spans.values() ?? [], ({ span }) => span);
    if (!trace || !spans.some((span) => roleOf(span) === 'llm')) return { calls: [], superseded: [] };
    const located = locateCalls(spans);
    const found = new Set(located.map(({ call }) => call.spanId));
    const gone = [...trace.calls].filter((spanId) => !found.has(spanId));
    // A call that takes the place of an earlier one of this trace looks like that one, and is no repetition.
    const calls = located.filter(({ call }) => {
      if (trace.calls.has(call.spanId)) return true;
      if (gone.length === 0 && this.#known.has(call)) return false;
      this.#known.add(call);
      return true;
    });
    trace.calls = new Set(calls.map(({ call }) => call.spanId));
    return { calls, superseded: gone.map((spanId) => recordId({ traceId, spanId })) };
  }

  #forgetHalf(trace: Trace): void {
    for (const [spanId, { length }] of [...trace.spans].slice(0, MAX_SPANS / 2)) {
      this.#length -= length;
      trace.spans.delete(spanId);
    }
    trace.calls = new Set([...trace.calls].filter((spanId) => trace.spans.has(spanId)));
  }

  #forgetOldest(): void {
    for (const [traceId, { spans }] of this.#traces) {
      if (this.#traces.size <= MAX_TRACES && this.#length <= MAX_LENGTH) return;
      this.#traces.delete(traceId);
      for (const { length } of spans.values()) this.#length -= length;
    }
  }
}

/** Characters of its texts, and some for what is around them. */
function lengthOf(span: SpanLike): number {
  const attributes = [span.attributes, ...(span.events ?? []).map((event) => event.attributes ?? {})];
  return attributes
    .flatMap((one) => Object.values(one))
    .reduce<number>((sum, value) => sum + 50 + textLength(value), 200);
}

function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? (JSON.stringify(value)?.length ?? 0) : 8;
}
