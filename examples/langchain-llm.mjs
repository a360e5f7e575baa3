// The first example of the Trubrics guide for LangChain: a completion model with two prompts in one call.
// Run it: node examples/langchain-llm.mjs
import { OpenAI } from '@langchain/openai';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { startLaptop } from './support/laptop.mjs';

const laptop = await startLaptop();

const provider = new NodeTracerProvider({ spanProcessors: [new TrubricsSpanProcessor()] });
provider.register();

const llm = new OpenAI({
  model: 'gpt-3.5-turbo-instruct',
  configuration: { baseURL: process.env.OPENAI_BASE_URL },
  callbacks: [new TrubricsCallbackHandler()],
});
const result = await llm.generate(['Tell me a joke', 'Write me a poem']);
console.log(result.generations.map(([first]) => first?.text));

await provider.forceFlush();
await laptop.finish();
