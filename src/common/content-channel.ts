import { sharedState } from './collections/shared-state.js';

/**
 * Content of spans that other exporters must not see. With `content: "trubrics"` the handler puts messages here instead of on the
 * span, and the span processor of this package reads them.
 *
 * The map lives on a global symbol, so that the ESM and the CommonJS copy of this package, or two installed versions, share it.
 * It refers weakly to the span objects, so that content is released with its span.
 */
const CHANNEL = Symbol.for('opentelemetry-exporter-trubrics.content');

type Channel = WeakMap<object, Readonly<Record<string, unknown>>>;

/** Adds content attributes to those that `span` has in the channel. */
export function putContent(span: object, attributes: Readonly<Record<string, unknown>>): void {
  const channel = getChannel();
  channel.set(span, { ...channel.get(span), ...attributes });
}

/** Returns the content attributes of `span`; `undefined` if it has none in the channel. */
export function getContent(span: object): Readonly<Record<string, unknown>> | undefined {
  return getChannel().get(span);
}

function getChannel(): Channel {
  return sharedState(CHANNEL, () => new WeakMap());
}
