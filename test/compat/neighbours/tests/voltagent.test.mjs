import { after, before, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { Agent, createTool, VoltAgentObservability } from '@voltagent/core';
import { z } from 'zod';
import { answered, assertSent, each, observe } from './support/observe.mjs';
import { startOpenAiServer } from './support/openai-server.mjs';

const { processors, take } = observe();
let server;
let agent;
before(async () => {
  server = await startOpenAiServer({ delayMs: 5 });
  const weather = createTool({
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: z.object({ input: z.string() }),
    execute: async () => 'Sunny',
  });
  agent = new Agent({
    name: 'helper',
    instructions: 'Be brief.',
    model: createOpenAI({ baseURL: server.url, apiKey: 'x' }).chat('gpt-4o-mini'),
    tools: [weather],
    // VoltAgent has a tracer provider of its own.
    observability: new VoltAgentObservability({ serviceName: 'compat', spanProcessors: processors }),
  });
});
after(() => server.close());

const takeFlushed = () => take(() => Promise.all(processors.map((processor) => processor.forceFlush())));

test('VoltAgent: the answer, written on the agent span after the call, is in the record', async () => {
  await agent.generateText('Hello?', { userId: 'ada' });
  assertSent(await takeFlushed(), each(answered('ada', 'Hello?')));
});

test('VoltAgent: a generation with a tool is one call, because its span has both steps, and one turn', async () => {
  await agent.generateText('use get_weather for Paris', { userId: 'ada' });
  // VoltAgent counts the tokens of the last step only.
  assertSent(await takeFlushed(), each(answered('ada', 'use get_weather for Paris')));
});

test('VoltAgent: generations at the same time are turns of their own users', async () => {
  await Promise.all(['ada', 'bob', 'eve'].map((user) => agent.generateText('Same?', { userId: user })));
  assertSent(await takeFlushed(), each(...['ada', 'bob', 'eve'].map((user) => answered(user, 'Same?'))));
});

test('VoltAgent: a stream is one call and one turn', async () => {
  const output = await agent.streamText('Stream?', { userId: 'ada' });
  for await (const _ of output.textStream);
  assertSent(await takeFlushed(), each(answered('ada', 'Stream?')));
});
