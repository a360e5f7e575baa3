// A tracer provider of the real SDK with a real context manager, and the spans that it got, as text.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

export function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  context.disable();
  trace.disable();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    tracer: provider.getTracer('test'),
    get spans() {
      return exporter.getFinishedSpans();
    },
    all: (prefix) => exporter.getFinishedSpans().filter(({ name }) => name.startsWith(prefix)),
    one(prefix) {
      const found = this.all(prefix);
      if (found.length !== 1) throw new Error(`${found.length} spans "${prefix}" in\n${this.tree()}`);
      return found[0];
    },
    parentOf: (span) =>
      exporter.getFinishedSpans().find((other) => idOf(other) === span.parentSpanContext?.spanId),
    tree: (describe) => tree(exporter.getFinishedSpans(), describe),
    reset: () => exporter.reset(),
  };
}

export const idOf = (span) => span.spanContext().spanId;
export const json = (span, attribute) => JSON.parse(span.attributes[attribute] ?? 'null');

/** Returns one line for each span, children below their parent in the order of their start. */
export function tree(spans, describe = () => '') {
  const known = new Set(spans.map(idOf));
  const ordered = spans.toSorted(
    (a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1],
  );
  const below = (parent, indent) =>
    ordered
      .filter((span) => {
        const id = span.parentSpanContext?.spanId;
        return parent === undefined ? !known.has(id) : id === parent;
      })
      .flatMap((span) => [`${indent}${span.name}${describe(span)}`, ...below(idOf(span), `${indent}  `)]);
  return below(undefined, '').join('\n');
}
