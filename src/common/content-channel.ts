/**
 * Text that travels beside a span, not on it: the handler puts it here with `content: "trubrics"`, our processor takes it, and
 * every other exporter sees a span without it.
 *
 * The map lives on a global symbol, so that the ESM and the CommonJS copy of this package, or two installed versions, share it.
 * It is keyed weakly by the span object: nothing outlives the span.
 */
const CHANNEL = Symbol.for('opentelemetry-exporter-trubrics.content');

type Channel = WeakMap<object, Readonly<Record<string, unknown>>>;

/** Adds attributes to what is known beside `span`. */
export function putContent(span: object, attributes: Readonly<Record<string, unknown>>): void {
  const channel = getChannel();
  channel.set(span, { ...channel.get(span), ...attributes });
}

/** What was put beside `span`, under the names that it would have as attributes. */
export function getContent(span: object): Readonly<Record<string, unknown>> | undefined {
  return getChannel().get(span);
}

function getChannel(): Channel {
  const holder = globalThis as { [CHANNEL]?: Channel };
  holder[CHANNEL] ??= new WeakMap();
  return holder[CHANNEL];
}
