import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { instrumentLangChain } from 'opentelemetry-exporter-trubrics/langchain';
import { z } from 'zod';
import { makeHandler } from './support/handler.mjs';
import { coreVersion, makeAgent, makeMiddleware } from './support/langchain.mjs';
import { startOpenAiServer } from './support/openai-server.mjs';
import { json, tracing } from './support/tracing.mjs';

let otel;
let server;
before(async () => {
  server = await startOpenAiServer();
});
after(() => server.close());
beforeEach(() => {
  otel = tracing();
});

const tracedFetch = (input, init) => {
  const span = otel.tracer.startSpan('POST /v1/chat/completions');
  return fetch(input, init).finally(() => span.end());
};
const openAi = () =>
  new ChatOpenAI({
    apiKey: 'test',
    model: 'gpt-4o-mini',
    configuration: { baseURL: server.url, fetch: tracedFetch },
  });
const weather = () =>
  tool(
    ({ input }) => {
      otel.tracer.startSpan('SELECT forecast').end();
      return `Sunny: ${input}`;
    },
    { name: 'get_weather', description: 'The weather of a city.', schema: z.object({ input: z.string() }) },
  );
const middleware = () =>
  makeMiddleware({
    name: 'Audit',
    beforeModel: () => {},
    wrapModelCall: (request, handler) => handler(request),
  });
const question = { messages: [['human', 'use get_weather for Paris']] };

async function agent(fields = {}) {
  const audit = await middleware();
  return makeAgent({
    model: openAi(),
    tools: [weather()],
    name: 'forecaster',
    ...(audit && { middleware: [audit] }),
    ...fields,
  });
}

test('an agent is invoke_agent, its tools are execute_tool with id, arguments and result', async () => {
  const asked = await agent();
  await asked.invoke(question, {
    callbacks: [makeHandler()],
    metadata: { user_id: 'u-1', thread_id: 't-1' },
  });

  const roots = otel.spans.filter(({ parentSpanContext }) => !parentSpanContext);
  assert.deepEqual(
    roots.map(({ name }) => name.split(' ')[1]).filter((name) => name !== 'forecast'),
    ['forecaster'],
    otel.tree(),
  );
  const used = otel.one('execute_tool get_weather');
  assert.equal(used.attributes['gen_ai.tool.call.id'], 'call_1');
  assert.equal(json(used, 'gen_ai.tool.call.arguments').input, 'use get_weather for Paris');
  assert.equal(used.attributes['gen_ai.tool.call.result'], 'Sunny: use get_weather for Paris');
  if (coreVersion[0] > 0) {
    assert.equal(otel.all('invoke_agent').length, 1, otel.tree());
    assert.equal(otel.one('invoke_agent').attributes['gen_ai.agent.name'], 'forecaster');
  }
  const [first, second] = otel.all('chat');
  assert.equal(json(first, 'gen_ai.tool.definitions')[0].name, 'get_weather');
  assert.equal(json(first, 'gen_ai.output.messages')[0].parts[0].type, 'tool_call');
  assert.equal(json(second, 'gen_ai.input.messages').at(-1).parts[0].type, 'tool_call_response');
  for (const span of otel.spans.filter(({ attributes }) => attributes['gen_ai.operation.name'])) {
    assert.equal(span.attributes['user.id'], 'u-1');
    assert.equal(span.attributes['session.id'], 't-1');
  }
});

test('instrumentLangChain() gives a whole tree: HTTP under the models, the database under the tool', async () => {
  const undo = instrumentLangChain();
  await undo.ready;
  try {
    const asked = await agent();
    await asked.invoke(question, { metadata: { user_id: 'u-1' } });
  } finally {
    undo();
  }

  for (const request of otel.all('POST')) assert.match(otel.parentOf(request).name, /^chat/);
  assert.equal(otel.parentOf(otel.one('SELECT')).name, 'execute_tool get_weather');
  if (coreVersion.join('.') === '1.4') {
    const golden = readFileSync(new URL('agent-tree.txt', import.meta.url), 'utf8');
    assert.equal(`${otel.tree()}\n`, golden);
  }
});

test('an agent that asks another one: each is an agent, and their models lie below them', async () => {
  const inner = await agent({ name: 'researcher', middleware: [] });
  const ask = tool(async (_input, given) => (await inner.invoke(question, given)).messages.at(-1).content, {
    name: 'ask_researcher',
    description: 'd',
    schema: z.object({ input: z.string() }),
  });
  const outer = await agent({ name: 'supervisor', tools: [ask], middleware: [] });

  await outer.invoke(
    { messages: [['human', 'use ask_researcher']] },
    {
      callbacks: [makeHandler()],
      metadata: { user_id: 'u-1' },
    },
  );

  const path = (span) => {
    const names = [];
    for (let above = otel.parentOf(span); above; above = otel.parentOf(above))
      names.push(above.name.split(' ')[1]);
    return names.filter((name) => ['supervisor', 'researcher', 'ask_researcher'].includes(name)).join();
  };
  assert.deepEqual(otel.all('chat').map(path), [
    'supervisor',
    'researcher,ask_researcher,supervisor',
    'researcher,ask_researcher,supervisor',
    'supervisor',
  ]);
  if (coreVersion[0] > 0)
    assert.deepEqual(
      otel.all('invoke_agent').map(({ name }) => name),
      ['invoke_agent researcher', 'invoke_agent supervisor'],
    );
  for (const span of otel.all('chat')) assert.equal(span.attributes['user.id'], 'u-1');
});

test('an agent that waits for a human is no error', { skip: coreVersion[0] === 0 }, async () => {
  const { humanInTheLoopMiddleware } = await import('langchain');
  const { Command, MemorySaver } = await import('@langchain/langgraph');
  const asked = await agent({
    middleware: [humanInTheLoopMiddleware({ interruptOn: { get_weather: true } })],
    checkpointer: new MemorySaver(),
  });
  const config = { callbacks: [makeHandler()], configurable: { thread_id: 't-1' } };

  await asked.invoke(question, config);
  const waiting = otel.spans.filter(({ events }) => events[0]?.name === 'langgraph.control_flow');
  await asked.invoke(new Command({ resume: { decisions: [{ type: 'approve' }] } }), config);

  assert.ok(waiting.length > 0, otel.tree());
  assert.match(waiting[0].events[0].attributes['trubrics.interrupts'], /get_weather/);
  assert.equal(otel.all('execute_tool get_weather').length, 1);
  for (const span of otel.spans) assert.equal(span.status.code, 0, span.name);
});

test('an agent that is streamed, with every chunk of its models', async () => {
  const asked = await agent();
  const config = { callbacks: [makeHandler()], streamMode: 'messages' };

  for await (const _ of await asked.stream(question, config));

  for (const chat of otel.all('chat')) {
    assert.equal(chat.attributes['gen_ai.request.stream'], true);
    assert.equal(chat.attributes['gen_ai.usage.output_tokens'], 5);
    assert.ok(chat.attributes['gen_ai.response.time_to_first_chunk'] > 0);
  }
  assert.equal(otel.all('chat').length, 2);
});

test('streamEvents v3 of an agent', { skip: coreVersion[0] === 0 || coreVersion[1] < 4 }, async () => {
  const asked = await agent();
  const config = { callbacks: [makeHandler()], version: 'v3' };

  const run = await asked.streamEvents(question, config);
  for await (const _ of run);

  const chats = otel.all('chat');
  assert.equal(chats.length, 2, otel.tree());
  assert.equal(chats.at(-1).attributes['gen_ai.request.stream'], true);
  assert.match(chats.at(-1).attributes['gen_ai.output.messages'], /Answer to: use get_weather for Paris/);
});
