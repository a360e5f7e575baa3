import type { SpanLike } from './reading/span-like.js';
import type { LlmCall } from './reading/llm-call.js';
import type { Identity } from './context.js';

/** A span that was started and what is known around it. */
export interface OpenSpan {
  readonly span: SpanLike;
  readonly parent: OpenSpan | undefined;
  readonly ambient: Identity | undefined;
  /** Calls of LLM spans below this one that ended before it, when this one is an LLM call itself. */
  readonly innerCalls: { readonly call: LlmCall; readonly open: OpenSpan }[];
  ended: boolean;
}

/**
 * The spans of this process that have started and not ended. A child holds on to its parent, so that a parent that ends first
 * is still there to be read; nothing else outlives the end of a span.
 */
export class OpenSpans {
  readonly #bySpanId = new Map<string, OpenSpan>();
  readonly #maxOpen: number;

  constructor(maxOpen = 50_000) {
    this.#maxOpen = maxOpen;
  }

  start(span: SpanLike, ambient: Identity | undefined): void {
    const { spanId } = span.spanContext();
    const parentId = span.parentSpanContext?.spanId ?? span.parentSpanId;
    const parent = parentId === undefined ? undefined : this.#bySpanId.get(parentId);
    this.#bySpanId.set(spanId, { span, parent, ambient, innerCalls: [], ended: false });
    // Spans that never end must not add up: the oldest is forgotten first.
    if (this.#bySpanId.size > this.#maxOpen) this.#forgetOldest();
  }

  /** Takes a span out. A span whose start was not seen is known by itself alone. */
  end(span: SpanLike): OpenSpan {
    const { spanId } = span.spanContext();
    const open = this.#bySpanId.get(spanId) ?? {
      span,
      parent: undefined,
      ambient: undefined,
      innerCalls: [],
      ended: false,
    };
    this.#bySpanId.delete(spanId);
    open.ended = true;
    return open;
  }

  /** Forgets everything and returns what was open. */
  clear(): OpenSpan[] {
    const open = [...this.#bySpanId.values()];
    this.#bySpanId.clear();
    return open;
  }

  #forgetOldest(): void {
    const oldest = this.#bySpanId.keys().next();
    if (!oldest.done) this.#bySpanId.delete(oldest.value);
  }
}

/** The spans above one, nearest first. */
export function ancestorsOf(open: OpenSpan): OpenSpan[] {
  const ancestors: OpenSpan[] = [];
  for (let current = open.parent; current; current = current.parent) ancestors.push(current);
  return ancestors;
}
