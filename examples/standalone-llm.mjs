// The first example of the Trubrics guide for LangChain, argument for argument: nothing but the handler.
// Run it: node examples/standalone-llm.mjs
import { OpenAI } from '@langchain/openai';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';
import { startLaptop } from './support/laptop.mjs';

const laptop = await startLaptop();

const handler = trubricsHandler();
const llm = new OpenAI({ callbacks: [handler], configuration: { baseURL: process.env.OPENAI_BASE_URL } });
const result = await llm.generate(['Tell me a joke', 'Write me a poem']);
console.log(result.generations.map(([first]) => first?.text));

await handler.flush();
await laptop.finish();
