import type { SpanStatusCode } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** Creates a tracer provider of the real SDK that keeps its finished spans. */
export function tracing() {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return {
    tracerProvider,
    tracer: tracerProvider.getTracer('test'),
    get spans(): ReadableSpan[] {
      return exporter.getFinishedSpans();
    },
    /** Returns the only finished span whose name begins with `name`. */
    span(name: string): ReadableSpan {
      const found = exporter.getFinishedSpans().filter((span) => span.name.startsWith(name));
      const [first] = found;
      if (!first || found.length > 1) {
        const names = exporter.getFinishedSpans().map((span) => span.name);
        throw new Error(`${found.length} spans begin with "${name}" among ${JSON.stringify(names)}`);
      }
      return first;
    },
  };
}

/** Parses an attribute that holds JSON. */
export function json(span: ReadableSpan, attribute: string): unknown {
  const value = span.attributes[attribute];
  return typeof value === 'string' ? JSON.parse(value) : undefined;
}

export function parentId(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId;
}

export function statusOf(span: ReadableSpan): SpanStatusCode {
  return span.status.code;
}

/** The text of the first part of the first message of a span. */
export function firstText(span: ReadableSpan, attribute = 'gen_ai.output.messages'): string | undefined {
  return (json(span, attribute) as { parts: { content: string }[] }[])[0]?.parts[0]?.content;
}
