// The second example of the Trubrics guide for LangChain: a chat model with a user, tags and metadata.
// Run it: node examples/langchain-chat.mjs
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { startLaptop } from './support/laptop.mjs';

const laptop = await startLaptop();

const provider = new NodeTracerProvider({ spanProcessors: [new TrubricsSpanProcessor()] });
provider.register();

const handler = new TrubricsCallbackHandler({
  userId: 'user-id-1234',
  tags: ['chat model'],
  metadata: { hello: [1, 2] },
});
const chat = new ChatOpenAI({
  model: 'gpt-4o-mini',
  configuration: { baseURL: process.env.OPENAI_BASE_URL },
  callbacks: [handler],
});
const answer = await chat.invoke([
  new SystemMessage('You are a comedian that specializes in OpenTelemetry.'),
  new HumanMessage('Tell me a joke'),
]);
console.log(answer.text);

// Metadata of a call takes precedence over metadata of the handler.
await chat.invoke('What is the capital of Italy?', { metadata: { user_id: 'ada', thread_id: 'geography' } });

await provider.forceFlush();
await laptop.finish();
