import { createSink } from './create-sink.js';
import { TrubricsHandler } from './trubrics-handler.js';
import type { TrubricsHandlerOptions } from './trubrics-handler-options.js';

export type { TrubricsHandler, TrubricsHandlerOptions };

/**
 * Returns a LangChain.js callback handler that needs nothing else: no OpenTelemetry SDK, no tracer provider, no span processor.
 *
 * ```ts
 * const handler = trubricsHandler({ project: 'default', tags: ['chat model'], metadata: { hello: [1, 2] } });
 * const model = new ChatOpenAI({ callbacks: [handler] });
 * await model.invoke('Tell me a joke', { metadata: { user_id: 'ada', thread_id: 'jokes' } });
 * ```
 *
 * Where a tracer provider is registered, its tracer makes the spans, and its exporters get them as well. Handlers with the same
 * options share one delivery. Without a key or a host nothing is sent: one warning says what to set, and calls are counted as
 * skipped, reason `no_destination`.
 *
 * @throws TypeError for an option of a wrong kind
 */
export function trubricsHandler(options: TrubricsHandlerOptions = {}): TrubricsHandler {
  const { handlerOptions, sink } = createSink(options);
  return new TrubricsHandler(handlerOptions, sink);
}
