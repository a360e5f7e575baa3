const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

const provider = new NodeTracerProvider({
  spanProcessors: [
    new BatchSpanProcessor(new OTLPTraceExporter({ url: `${process.env.BACKEND}/v1/traces` })),
    new TrubricsSpanProcessor(),
  ],
});
provider.register();
registerInstrumentations({ instrumentations: [new OpenAIInstrumentation()] });

const { ask } = require('./ask.cjs');
void ask().then(() => provider.shutdown());
