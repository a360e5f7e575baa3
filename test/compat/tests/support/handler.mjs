// The handler under test: that of ./langchain, or with HANDLER_ENTRY=standalone that of ./standalone.
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

const discard = { name: 'discard', encode: () => '{}', send: async () => {} };

export function makeHandler(options = {}) {
  if (process.env.HANDLER_ENTRY !== 'standalone') return new TrubricsCallbackHandler(options);
  return trubricsHandler({ destination: discard, flushOnExit: false, ...options });
}
