import { after, before, test } from 'node:test';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createTool } from '@mastra/core/tools';
import { Observability } from '@mastra/observability';
import { OtelBridge } from '@mastra/otel-bridge';
import { withTrubrics } from 'opentelemetry-exporter-trubrics';
import { z } from 'zod';
import { answered, assertSent, each, observe } from './support/observe.mjs';
import { startOpenAiServer } from './support/openai-server.mjs';

const { take } = observe();
let server;
let agent;
before(async () => {
  server = await startOpenAiServer({ delayMs: 5 });
  const weather = createTool({
    id: 'get_weather',
    description: 'The weather of a city.',
    inputSchema: z.object({ input: z.string() }),
    execute: async () => ({ text: 'Sunny' }),
  });
  const helper = new Agent({
    id: 'helper',
    name: 'helper',
    instructions: 'Be brief.',
    model: { id: 'custom/gpt-4o-mini', url: server.url, apiKey: 'x' },
    tools: { get_weather: weather },
  });
  const configs = { default: { serviceName: 'compat', bridge: new OtelBridge() } };
  agent = new Mastra({
    agents: { helper },
    observability: new Observability({ configs }),
    logger: false,
  }).getAgent('helper');
});
after(() => server.close());

const ask = (user, question) => withTrubrics({ userId: user }, () => agent.generate(question));

test('Mastra: a generation is one call and one turn', async () => {
  await ask('ada', 'Hello?');
  assertSent(await take(), each(answered('ada', 'Hello?')));
});

test('Mastra: a generation with a tool is one call, because its span has both steps, and one turn', async () => {
  await ask('ada', 'use get_weather for Paris');
  assertSent(await take(), each(answered('ada', 'use get_weather for Paris', 2)));
});

test('Mastra: generations at the same time are turns of their own users', async () => {
  await Promise.all(['ada', 'bob', 'eve'].map((user) => ask(user, 'Same?')));
  assertSent(await take(), each(...['ada', 'bob', 'eve'].map((user) => answered(user, 'Same?'))));
});

test('Mastra: a stream is one call and one turn', async () => {
  const output = await withTrubrics({ userId: 'ada' }, () => agent.stream('Stream?'));
  for await (const _ of output.textStream);
  assertSent(await take(), each(answered('ada', 'Stream?')));
});
