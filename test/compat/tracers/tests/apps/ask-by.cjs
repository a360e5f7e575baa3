// Ways to record LangChain.js where a tracer calls no span processor.
const { trace } = require('@opentelemetry/api');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { TrubricsCallbackHandler } = require('opentelemetry-exporter-trubrics/langchain');
const { trubricsHandler } = require('opentelemetry-exporter-trubrics/standalone');

const inSpanOfOpenTelemetry = (name, work) =>
  trace.getTracer('app').startActiveSpan(name, (span) => work().finally(() => span.end()));

/**
 * Calls a model within a span, with a handler of this way: `standalone`, `own` for a provider of the application, or else the global
 * provider.
 */
exports.askBy = async function askBy(way, processor, inSpan = inSpanOfOpenTelemetry) {
  const provider = way === 'own' ? new NodeTracerProvider({ spanProcessors: [processor] }) : undefined;
  const handler =
    way === 'standalone' ? trubricsHandler() : new TrubricsCallbackHandler({ tracerProvider: provider });
  const { ChatOpenAI } = require('@langchain/openai');
  await inSpan('app request', () =>
    new ChatOpenAI({ model: 'gpt-4o-mini' }).invoke('LangChain?', {
      callbacks: [handler],
      metadata: { user_id: 'ada' },
    }),
  );
  await processor.forceFlush();
  if (way === 'standalone') await handler.flush();
};
