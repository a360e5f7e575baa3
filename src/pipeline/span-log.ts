import type { ExplainedSpan, SpanReason } from '../reading/advice/span-explanation.js';
import type { RecognisedSpan } from '../reading/dialects/recognise.js';
import { scopeNameOf, type SpanLike } from '../reading/model/span-like.js';

/** Spans of calls and agents that are remembered. */
const MAX_SPANS = 500;
/** Most calls are noted once or twice, those of turns that wait for others four times. */
const MAX_NOTES = 4_096;
/** Libraries whose other spans are counted. */
const MAX_SCOPES = 100;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Remembers what became of the last spans of calls and agents, for `explain()`. Keeps ids and names, neither spans nor their contents. Other
 * spans are counted by their library, so that they never push out those of calls.
 *
 * What is written for each span goes to rings of fixed size; only `list()` puts it together. A map of spans made `span.end()` slower by
 * 7 %; with the rings the difference is within the noise of 3 % (test/bench/on-end.mjs).
 */
export class SpanLog {
  readonly #traceIds = ring<string>(MAX_SPANS);
  readonly #spanIds = ring<string>(MAX_SPANS);
  readonly #names = ring<string>(MAX_SPANS);
  readonly #scopes = ring<string>(MAX_SPANS);
  readonly #dialects = ring<string>(MAX_SPANS);
  readonly #reasons = ring<SpanReason>(MAX_SPANS);
  #spanCount = 0;
  readonly #noted = ring<string>(MAX_NOTES);
  readonly #notes = ring<SpanReason>(MAX_NOTES);
  readonly #partsOf = ring<string | undefined>(MAX_NOTES);
  #noteCount = 0;
  readonly #others = new Map<string, Mutable<ExplainedSpan> & { count: number }>();

  /** Adds a span that ended. `reason` holds until {@link SpanLog.note} says more. */
  add(span: SpanLike, recognised: RecognisedSpan | undefined, reason: SpanReason): void {
    if (recognised === undefined || recognised.role === 'other' || recognised.role === 'callBoundary')
      return this.#countOther(span);
    const { traceId, spanId } = span.spanContext();
    const at = this.#spanCount % MAX_SPANS;
    this.#spanCount += 1;
    this.#traceIds[at] = traceId;
    this.#spanIds[at] = spanId;
    this.#names[at] = span.name;
    this.#scopes[at] = scopeNameOf(span);
    this.#dialects[at] = recognised.dialect.name;
    this.#reasons[at] = reason;
  }

  /** Says what became of a span that was added. */
  note(spanId: string, reason: SpanReason, partOf?: string): void {
    const at = this.#noteCount % MAX_NOTES;
    this.#noteCount += 1;
    this.#noted[at] = spanId;
    this.#notes[at] = reason;
    this.#partsOf[at] = partOf;
  }

  /** Like {@link SpanLog.note}, for a span that may be unreadable. */
  noteSpan(span: SpanLike, reason: SpanReason): void {
    try {
      this.note(span.spanContext().spanId, reason);
    } catch {
      // It has no id that can be read, and was not added.
    }
  }

  /** Returns the spans, the last one first, and after them one for each library with other spans. */
  list(): ExplainedSpan[] {
    const spans = new Map<string, Mutable<ExplainedSpan>>();
    for (const at of placesOf(this.#spanCount, MAX_SPANS)) {
      const spanId = this.#spanIds[at] ?? '';
      spans.set(spanId, {
        traceId: this.#traceIds[at] ?? '',
        spanId,
        name: this.#names[at] ?? '',
        scope: this.#scopes[at] ?? '',
        dialect: this.#dialects[at],
        reason: this.#reasons[at] ?? 'unreadable',
      });
    }
    for (const at of placesOf(this.#noteCount, MAX_NOTES)) {
      const span = spans.get(this.#noted[at] ?? '');
      const reason = this.#notes[at];
      if (!span || !reason) continue;
      span.reason = reason;
      span.partOf = this.#partsOf[at];
    }
    return [
      ...[...spans.values()].toReversed(),
      ...[...this.#others.values()].map((other) => ({ ...other })),
    ];
  }

  #countOther(span: SpanLike): void {
    const scope = scopeNameOf(span);
    const known = this.#others.get(scope);
    if (known) known.count += 1;
    else if (this.#others.size < MAX_SCOPES) {
      const { traceId, spanId } = span.spanContext();
      this.#others.set(scope, { traceId, spanId, name: span.name, scope, reason: 'no_llm_span', count: 1 });
    }
  }
}

function ring<T>(size: number): (T | undefined)[] {
  return Array.from({ length: size });
}

/** Returns the places of a ring that are written, the oldest first. */
function placesOf(count: number, size: number): number[] {
  const length = Math.min(count, size);
  return Array.from({ length }, (_, index) => (count - length + index) % size);
}
