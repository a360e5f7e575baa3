// Shared by the identity examples: tracing, a model, and two users who send requests concurrently.
import { ChatOpenAI } from '@langchain/openai';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { startLaptop } from './laptop.mjs';

const laptop = await startLaptop();
const provider = new NodeTracerProvider({ spanProcessors: [new TrubricsSpanProcessor()] });
provider.register();

const model = new ChatOpenAI({
  model: 'gpt-4o-mini',
  configuration: { baseURL: process.env.OPENAI_BASE_URL },
});

/** Code deep inside the application, which does not know the user. */
export async function answer(question) {
  const reply = await model.invoke(question, { callbacks: [new TrubricsCallbackHandler()] });
  return reply.text;
}

/** Sends concurrent requests of Ada and Grace, then shuts everything down. `send` takes a Request and returns a promise of a Response. */
export async function askAsTwo(send) {
  const ask = async (user, chatId, question) => {
    const response = await send(
      new Request('http://localhost/chat', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-user': user },
        body: JSON.stringify({ chatId, question }),
      }),
    );
    console.log(`${user}: ${(await response.json()).answer}`);
  };
  await Promise.all([
    ask('ada', 'geography', 'What is the capital of Italy?'),
    ask('grace', 'history', 'Who wrote the first compiler?'),
  ]);
  await provider.shutdown();
  await laptop.finish();
}

/** Returns a `send` function for a server that listens on `port`. */
export function sendTo(port) {
  return async (request) =>
    fetch(`http://127.0.0.1:${port}/chat`, {
      method: request.method,
      headers: request.headers,
      body: await request.text(),
    });
}
