// An application that calls a model with the OpenAI SDK and with LangChain.js, for one user, in a span of its own.
const { trace } = require('@opentelemetry/api');
const { withTrubrics } = require('opentelemetry-exporter-trubrics');
const { TrubricsCallbackHandler } = require('opentelemetry-exporter-trubrics/langchain');

const ASK = {
  async openai(wrap) {
    const OpenAI = require('openai');
    const messages = [{ role: 'user', content: 'OpenAI?' }];
    await wrap(new OpenAI()).chat.completions.create({ model: 'gpt-4o-mini', messages });
  },
  async langchain() {
    const { ChatOpenAI } = require('@langchain/openai');
    const callbacks = [new TrubricsCallbackHandler()];
    await new ChatOpenAI({ model: 'gpt-4o-mini' }).invoke('LangChain?', { callbacks });
  },
};

/** Resolves when these have answered. `wrap` is for libraries that wrap the client of the OpenAI SDK. */
exports.ask = async function ask({ libraries = ['openai', 'langchain'], wrap = (client) => client } = {}) {
  await trace.getTracer('app').startActiveSpan('app request', async (span) => {
    await withTrubrics({ userId: 'ada' }, async () => {
      for (const library of libraries) await ASK[library](wrap);
    });
    span.end();
  });
};
