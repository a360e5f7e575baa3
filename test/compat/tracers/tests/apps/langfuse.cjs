const { LangfuseSpanProcessor } = require('@langfuse/otel');
const { observeOpenAI } = require('@langfuse/openai');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

const provider = new NodeTracerProvider({
  spanProcessors: [
    new LangfuseSpanProcessor({ publicKey: 'pk', secretKey: 'sk', baseUrl: process.env.BACKEND }),
    new TrubricsSpanProcessor(),
  ],
});
provider.register();

const { ask } = require('./ask.cjs');
void ask({ wrap: (client) => observeOpenAI(client) }).then(() => provider.shutdown());
