// The whole pipeline on one machine: a LangChain application with several users calls a fake model, its spans become prompt
// records, and a local Trubrics shows them. On a terminal it runs until Ctrl-C; otherwise it prints a summary and exits.
// Run it: npm run demo
import { randomUUID } from 'node:crypto';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { startModelServer } from './support/model-server.mjs';

const trubrics = await startServer({ port: 0, onRecords: (records) => records.forEach(printRecord) });
const modelServer = await startModelServer();
console.log(
  `Local Trubrics: ${trubrics.url}\n\nA LangChain application answers its users. Records as they arrive:\n`,
);

// Setup: an application needs no more than this.
const processor = new TrubricsSpanProcessor({ host: trubrics.ingestionUrl, flushIntervalMs: 200 });
const resource = resourceFromAttributes({ 'service.name': 'tutor', 'service.version': '1.4.0' });
const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
provider.register();
const callbacks = [new TrubricsCallbackHandler({ tags: ['demo'] })];

// Application: a prompt template with a model, a stream, an agent with a tool, and a model that fails.
const model = new ChatOpenAI({
  model: 'gpt-4o-mini',
  apiKey: 'not-needed',
  maxRetries: 0,
  configuration: { baseURL: modelServer.url },
});
const tutor = ChatPromptTemplate.fromMessages([
  ['system', 'You are a terse geography tutor.'],
  ['human', '{question}'],
]).pipe(model);
const getWeather = tool(({ city }) => `18 °C and sunny in ${city}`, {
  name: 'get_weather',
  description: 'The current weather of a city',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});

await Promise.all([
  askTutor('ada', 'What is the capital of Italy?', 'And what is the capital of France?'),
  tellPoem('grace'),
  askForWeather('alan'),
  fail('linus'),
]);

await processor.forceFlush();
summarise();
if (process.stdout.isTTY) await untilInterrupted();
else console.log('On a terminal the demo stays up, so that you can look at the page.');
await provider.shutdown();
await modelServer.close();
await trubrics.close();

async function askTutor(user_id, ...questions) {
  const metadata = { user_id, thread_id: 'geography', organization_id: 'acme', plan: 'pro' };
  let runId;
  for (const question of questions) {
    runId = randomUUID();
    await tutor.invoke({ question }, { callbacks, runId, metadata });
  }
  processor.trackFeedback({ runId, userId: user_id, score: '👍' });
}

async function tellPoem(user_id) {
  const runId = randomUUID();
  const stream = await model.stream('Write me a poem', {
    callbacks,
    runId,
    metadata: { user_id, thread_id: 'poetry', organization_id: 'globex' },
  });
  for await (const _chunk of stream);
  processor.trackFeedback({ runId, userId: user_id, score: '👎', comment: 'Two lines are no poem.' });
}

async function askForWeather(user_id) {
  const config = {
    callbacks,
    metadata: { user_id, thread_id: 'weather', organization_id: 'globex' },
    tags: ['agent'],
  };
  const messages = [new HumanMessage('What is the weather in Oslo?')];
  const agent = model.bindTools([getWeather]);
  const plan = await agent.invoke(messages, config);
  messages.push(plan);
  for (const call of plan.tool_calls ?? []) {
    const result = await getWeather.invoke(call, config);
    messages.push(new ToolMessage({ content: String(result.content), tool_call_id: call.id ?? '' }));
  }
  await agent.invoke(messages, config);
}

async function fail(user_id) {
  await model
    .invoke('Overload the model, please', { callbacks, metadata: { user_id } })
    .catch(() => undefined);
}

function printRecord(record) {
  const user = record.userId.padEnd(6);
  if (record.kind === 'event') {
    const { error_type, score, comment = '' } = record.properties;
    return console.log(`  ${user} ${record.event}: ${error_type ?? score} ${comment}`.trimEnd());
  }
  const latency = `${(record.latency * 1000).toFixed(0)} ms`.padStart(7);
  console.log(`  ${user} ${latency}  ${oneLine(record.prompt)}  →  ${oneLine(record.generation)}`);
}

function oneLine(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function summarise() {
  const records = trubrics.records();
  const prompts = records.filter((record) => record.kind === 'prompt');
  const errors = records.filter((record) => record.properties.error_type !== undefined);
  const users = new Set(records.map((record) => record.userId));
  const tokens = prompts.reduce((sum, record) => sum + Number(record.properties.total_tokens ?? 0), 0);
  const [{ accepted, delivered } = { accepted: 0, delivered: 0 }] = processor.stats().destinations;
  console.log(
    `\n${prompts.length} prompts and ${errors.length} error from ${users.size} users, ${tokens} tokens. ` +
      `${delivered} of ${accepted} delivered.`,
  );
}

async function untilInterrupted() {
  console.log(`Open ${trubrics.url} in a browser. Ctrl-C ends the demo.`);
  await new Promise((resolve) => process.once('SIGINT', resolve));
}
