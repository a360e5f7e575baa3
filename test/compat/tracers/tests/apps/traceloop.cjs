const traceloop = require('@traceloop/node-server-sdk');
const { OpenAI } = require('openai');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

const processor = new TrubricsSpanProcessor();
traceloop.initialize({
  appName: 'my-app',
  apiKey: 'key',
  baseUrl: process.env.BACKEND,
  silenceInitializationMessage: true,
  // Not its instrumentation of LangChain.js: traceloop-langchain.cjs.
  instrumentModules: { openAI: OpenAI },
  processor,
});

const { ask } = require('./ask.cjs');
void ask()
  .then(() => Promise.all([traceloop.forceFlush(), processor.forceFlush()]))
  .then(() => process.exit());
