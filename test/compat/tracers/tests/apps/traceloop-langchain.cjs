// Our handler on an agent and on a chain, where OpenLLMetry patches LangChain.js.
const callbackManagerModule = require('@langchain/core/callbacks/manager');
const { RunnableLambda } = require('@langchain/core/runnables');
const { LangChainInstrumentation } = require('@traceloop/instrumentation-langchain');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { TrubricsSpanProcessor, withTrubrics } = require('opentelemetry-exporter-trubrics');
const { TrubricsCallbackHandler } = require('opentelemetry-exporter-trubrics/langchain');

const provider = new NodeTracerProvider({
  spanProcessors: [
    new BatchSpanProcessor(new OTLPTraceExporter({ url: `${process.env.BACKEND}/v1/traces` })),
    new TrubricsSpanProcessor(),
  ],
});
provider.register();
const instrumentation = new LangChainInstrumentation();
instrumentation.setTracerProvider(provider);
instrumentation.manuallyInstrument({ callbackManagerModule });

/** Counts what reaches a handler that somebody passed to the chain. */
class CountingHandler extends TrubricsCallbackHandler {
  count = 0;
  handleChatModelStart(...args) {
    this.count += 1;
    return super.handleChatModelStart(...args);
  }
}

async function main() {
  const { ChatOpenAI } = require('@langchain/openai');
  const { createAgent } = require('langchain');
  const handler = new CountingHandler();
  const config = { callbacks: [handler] };
  const model = new ChatOpenAI({ model: 'gpt-4o-mini' });
  await withTrubrics({ userId: 'ada' }, async () => {
    await RunnableLambda.from(async () => 'Chain?')
      .pipe(model)
      .invoke('', config);
    await createAgent({ model, tools: [] }).invoke({ messages: [['human', 'Agent?']] }, config);
  });
  await provider.shutdown();
  console.log(JSON.stringify({ handled: handler.count }));
}

void main();
