// The second example of the Trubrics guide for LangChain, argument for argument: nothing but the handler.
// Run it: node examples/standalone-chat.mjs
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';
import { startLaptop } from './support/laptop.mjs';

const laptop = await startLaptop();

const handler = trubricsHandler({
  project: 'default',
  tags: ['chat model'],
  user_id: 'user-id-1234',
  some_metadata: { hello: [1, 2] },
});
const chat = new ChatOpenAI({
  callbacks: [handler],
  configuration: { baseURL: process.env.OPENAI_BASE_URL },
});
const answer = await chat.invoke([
  new SystemMessage('Every answer of yours must be about OpenAI.'),
  new HumanMessage('Tell me a joke'),
]);
console.log(answer.text);

await handler.flush();
await laptop.finish();
