import type { Context } from '@opentelemetry/api';
import { wasProcessed } from '../common/processed-spans.js';
import type { TrubricsSpanProcessor } from '../otel/processor.js';
import type { RecordedSpan } from './tracer/recorded-span.js';
import type { SpanListener } from './tracer/tracer-provider.js';

/**
 * Hands spans to the processor of a handler that stands alone.
 *
 * If the application's tracer provider has a `TrubricsSpanProcessor` itself, that one has seen the span already and makes the record:
 * a second record of the same call would only be a repeat.
 */
export class SpanForwarder implements SpanListener {
  readonly #processor: TrubricsSpanProcessor;
  readonly #forwarded = new WeakSet<RecordedSpan>();

  constructor(processor: TrubricsSpanProcessor) {
    this.#processor = processor;
  }

  onStart(span: RecordedSpan, parentContext: Context): void {
    if (span.applicationSpan && wasProcessed(span.applicationSpan)) return;
    this.#forwarded.add(span);
    this.#processor.onStart(span, parentContext);
  }

  onEnd(span: RecordedSpan): void {
    if (this.#forwarded.has(span)) this.#processor.onEnd(span);
  }
}
