import { after, before, beforeEach, describe, test } from 'node:test';
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import * as callbackManager from '@langchain/core/callbacks/manager';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { CallbackHandler } from '@langfuse/langchain';
import { createAgent } from 'langchain';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';
import { z } from 'zod';
import { answered, assertSent, each, observe } from './support/observe.mjs';
import { startOpenAiServer } from './support/openai-server.mjs';

const nowhere = { name: 'nowhere', encode: () => '{}', send: () => Promise.reject(new Error('sent twice')) };
const langfuse = () => new CallbackHandler();
const ours = () => new TrubricsCallbackHandler();
const standalone = () => trubricsHandler({ destination: nowhere, flushOnExit: false });

/** Handlers of each call, and whether OpenInference patches LangChain. */
const NEIGHBOURS = {
  'our handler alone': { handlers: [ours] },
  "Langfuse's handler, then ours": { handlers: [langfuse, ours] },
  "ours, then Langfuse's handler": { handlers: [ours, langfuse] },
  "OpenInference's instrumentation": { handlers: [ours], openInference: true },
  'both, and our standalone handler': { handlers: [langfuse, ours, standalone], openInference: true },
  'both without our handler': { handlers: [langfuse], openInference: true },
};

for (const [title, { handlers, openInference }] of Object.entries(NEIGHBOURS)) {
  describe(`each LangChain call is one record: ${title}`, () => {
    let server;
    let failing;
    let take;
    let instrumentation;
    before(async () => {
      server = await startOpenAiServer({ delayMs: 5 });
      failing = await startOpenAiServer({ status: 400 });
    });
    beforeEach(() => {
      const observed = observe();
      // The handlers of neighbours are called after the answer, from LangChain's queue.
      take = () => awaitAllCallbacks().then(observed.take);
      instrumentation ??= new LangChainInstrumentation();
      instrumentation.setTracerProvider(observed.provider);
      if (openInference) instrumentation.manuallyInstrument(callbackManager);
    });
    after(async () => {
      instrumentation.unpatch?.(callbackManager);
      await server.close();
      await failing.close();
    });

    const model = (fields) =>
      new ChatOpenAI({
        apiKey: 'x',
        model: 'gpt-4o-mini',
        maxRetries: 0,
        configuration: { baseURL: server.url },
        ...fields,
      });
    const as = (user) => ({
      callbacks: handlers.map((make) => make()),
      metadata: { user_id: user, langfuseUserId: user },
    });

    test('a call', async () => {
      await model().invoke('One?', as('ada'));
      assertSent(await take(), each(answered('ada', 'One?')));
    });

    test('a stream', async () => {
      for await (const _ of await model().stream('Stream?', as('ada')));
      assertSent(await take(), each(answered('ada', 'Stream?')));
    });

    test('the same question of three users at the same time', async () => {
      await Promise.all(['ada', 'bob', 'eve'].map((user) => model().invoke('Same?', as(user))));
      assertSent(await take(), each(...['ada', 'bob', 'eve'].map((user) => answered(user, 'Same?'))));
    });

    test('a batch', async () => {
      await model().batch(['x', 'y'], as('ada'));
      assertSent(await take(), each(answered('ada', 'x'), answered('ada', 'y')));
    });

    test('a chain', async () => {
      const prompt = ChatPromptTemplate.fromMessages([
        ['system', 'Be brief.'],
        ['human', '{question}'],
      ]);
      await prompt.pipe(model()).invoke({ question: 'Chain?' }, as('ada'));
      assertSent(await take(), each(answered('ada', 'Chain?')));
    });

    test('an agent that uses a tool is one turn of two calls', async () => {
      const weather = tool(({ input }) => `Sunny: ${input}`, {
        name: 'get_weather',
        description: 'The weather of a city.',
        schema: z.object({ input: z.string() }),
      });
      const question = 'use get_weather for Paris';
      const agent = createAgent({ model: model(), tools: [weather], name: 'forecaster' });

      await agent.invoke({ messages: [['human', question]] }, as('ada'));

      const toolCall = answered('ada', question, 1, `get_weather(${JSON.stringify({ input: question })})`);
      assertSent(await take(), {
        calls: [toolCall, answered('ada', question)],
        turns: [answered('ada', question, 2)],
      });
    });

    test('a call that fails', async () => {
      const refused = model({ configuration: { baseURL: failing.url } });
      await refused.invoke('Fail?', as('ada')).catch(() => undefined);
      assertSent(await take(), each({ event: 'LLM error', user: 'ada', prompt: 'Fail?' }));
    });
  });
}
