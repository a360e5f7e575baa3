import type { SpanLike } from './span-like.js';

/** The name of the library that produced a span. SDK 1.x calls the scope a library. */
export function scopeNameOf(span: SpanLike): string {
  return span.instrumentationScope?.name ?? span.instrumentationLibrary?.name ?? '';
}
