import { RecentCalls } from '../../../reading/calls/recent-calls.js';
import { locateCalls, type LocatedCall } from '../../../reading/calls/deduplicate-calls.js';
import { roleOf } from '../../../reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../../reading/model/span-like.js';
import { recordId } from '../../../common/record-id.js';

interface Trace {
  readonly spans: Map<string, BufferedSpan>;
  /** Span ids of the calls that were found so far. */
  calls: ReadonlySet<string>;
}

interface BufferedSpan {
  readonly span: SpanLike;
  /** Approximate size in characters. */
  readonly length: number;
}

/** Calls found in the buffered spans of the traces that a request belongs to. */
export interface FoundCalls {
  /** Calls to record: new ones, and earlier ones that the new spans may have changed. */
  readonly calls: readonly LocatedCall[];
  /** Ids of records that were made too early, because their spans are part of another call. */
  readonly superseded: readonly string[];
}

/** Most traces that are buffered. Above it, the least recently updated is forgotten. */
const MAX_TRACES = 2000;
/** Most spans that are buffered per trace. Above it, the older half is forgotten, and its calls can no longer change. */
const MAX_SPANS = 500;
/** Characters of all buffered spans. Above it, the least recently updated trace is forgotten. */
const MAX_LENGTH = 32 * 1024 * 1024;

/**
 * Buffers the spans of the latest traces. Exporters send spans as they end, so children arrive before their parents, often in an earlier
 * request. User, thread and the spans of one call are known only together with the parents.
 *
 * For every request, each touched trace is read again as a whole. Calls that were found before and are found no more are superseded.
 */
export class TraceBuffer {
  /** Least recently updated trace first. */
  readonly #traces = new Map<string, Trace>();
  readonly #recentCalls = new RecentCalls();
  #length = 0;

  /** Adds the spans of one request, and returns the calls of their traces. */
  add(spans: readonly SpanLike[]): FoundCalls {
    const touched = new Set<string>();
    for (const span of spans) touched.add(this.#addSpan(span));
    const findings = [...touched].map((traceId) => this.#findCalls(traceId));
    this.#forgetOldestTraces();
    return {
      calls: findings.flatMap(({ calls }) => calls),
      superseded: findings.flatMap(({ superseded }) => superseded),
    };
  }

  #addSpan(span: SpanLike): string {
    const { traceId, spanId } = span.spanContext();
    const trace = this.#traces.get(traceId) ?? { spans: new Map(), calls: new Set<string>() };
    this.#traces.delete(traceId);
    this.#traces.set(traceId, trace);
    if (!trace.spans.has(spanId) && trace.spans.size >= MAX_SPANS) this.#forgetOlderHalf(trace);
    const length = lengthOf(span);
    this.#length += length - (trace.spans.get(spanId)?.length ?? 0);
    trace.spans.set(spanId, { span, length });
    return traceId;
  }

  #findCalls(traceId: string): FoundCalls {
    const trace = this.#traces.get(traceId);
    const spans = Array.from(trace?.spans.values() ?? [], ({ span }) => span);
    if (!trace || !spans.some((span) => roleOf(span) === 'llm')) return { calls: [], superseded: [] };
    const located = locateCalls(spans);
    const found = new Set(located.map(({ call }) => call.spanId));
    const superseded = [...trace.calls].filter((spanId) => !found.has(spanId));
    // If calls are superseded, the new ones resemble them and must not be taken for repeated deliveries.
    const calls = located.filter(({ call }) => {
      if (trace.calls.has(call.spanId)) return true;
      if (superseded.length === 0 && this.#recentCalls.has(call)) return false;
      this.#recentCalls.add(call);
      return true;
    });
    trace.calls = new Set(calls.map(({ call }) => call.spanId));
    return { calls, superseded: superseded.map((spanId) => recordId({ traceId, spanId })) };
  }

  #forgetOlderHalf(trace: Trace): void {
    for (const [spanId, { length }] of [...trace.spans].slice(0, MAX_SPANS / 2)) {
      this.#length -= length;
      trace.spans.delete(spanId);
    }
    trace.calls = new Set([...trace.calls].filter((spanId) => trace.spans.has(spanId)));
  }

  #forgetOldestTraces(): void {
    for (const [traceId, { spans }] of this.#traces) {
      if (this.#traces.size <= MAX_TRACES && this.#length <= MAX_LENGTH) return;
      this.#traces.delete(traceId);
      for (const { length } of spans.values()) this.#length -= length;
    }
  }
}

/** Returns the characters of a span's texts, plus an estimate for the objects that hold them. */
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
