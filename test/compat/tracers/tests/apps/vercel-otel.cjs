const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
const { trace } = require('@opentelemetry/api');
const { registerOTel } = require('@vercel/otel');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

registerOTel({
  serviceName: 'my-app',
  instrumentations: ['fetch', new OpenAIInstrumentation()],
  spanProcessors: ['auto', new TrubricsSpanProcessor()],
});

const { ask } = require('./ask.cjs');
void ask().then(() => trace.getTracerProvider().getDelegate().forceFlush());
