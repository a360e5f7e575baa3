import { after, before, test } from 'node:test';
import { OpenAIAgentsInstrumentation } from '@arizeai/openinference-instrumentation-openai-agents';
import * as agents from '@openai/agents';
import { OpenAI } from 'openai';
import { withTrubrics } from 'opentelemetry-exporter-trubrics';
import { z } from 'zod';
import { answered, assertSent, each, observe } from './support/observe.mjs';
import { startOpenAiServer } from './support/openai-server.mjs';

const { provider, take } = observe();
let server;
before(async () => {
  server = await startOpenAiServer({ delayMs: 5 });
  new OpenAIAgentsInstrumentation({ tracerProvider: provider }).manuallyInstrument(agents);
  agents.setDefaultOpenAIClient(new OpenAI({ baseURL: server.url, apiKey: 'x' }));
  agents.setOpenAIAPI('chat_completions');
});
after(() => server.close());

const weather = agents.tool({
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: z.object({ input: z.string() }),
  execute: async ({ input }) => `Sunny: ${input}`,
});
const agent = new agents.Agent({
  name: 'helper',
  instructions: 'Be brief.',
  model: 'gpt-4o-mini',
  tools: [weather],
});
const ask = (user, question, options) =>
  withTrubrics({ userId: user }, () => agents.run(agent, question, options));

test('@openai/agents: a run is one call and one turn', async () => {
  await ask('ada', 'Hello?');
  assertSent(await take(), each(answered('ada', 'Hello?')));
});

test('@openai/agents: a run that uses a tool is two calls and one turn', async () => {
  const question = 'use get_weather for Paris';
  await ask('ada', question);
  const toolCall = answered('ada', question, 1, `get_weather(${JSON.stringify({ input: question })})`);
  assertSent(await take(), {
    calls: [toolCall, answered('ada', question)],
    turns: [answered('ada', question, 2)],
  });
});

test('@openai/agents: runs at the same time are turns of their own users', async () => {
  await Promise.all(['ada', 'bob', 'eve'].map((user) => ask(user, 'Same?')));
  assertSent(await take(), each(...['ada', 'bob', 'eve'].map((user) => answered(user, 'Same?'))));
});

test('@openai/agents: a stream is one call and one turn', async () => {
  const run = await ask('ada', 'Stream?', { stream: true });
  for await (const _ of run);
  await run.completed;
  assertSent(await take(), each(answered('ada', 'Stream?')));
});
