import { context, SpanKind, trace } from '@opentelemetry/api';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { fakeModel } from '@langchain/core/testing';
import { tool } from '@langchain/core/tools';
import { Command, interrupt, MemorySaver } from '@langchain/langgraph';
import { createAgent, modelRetryMiddleware, type AgentMiddleware } from 'langchain';
import { beforeEach, describe, expect, test } from 'vitest';
import { TrubricsCallbackHandler } from '../../src/langchain/index.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useProvider, type ProviderUnderTest } from '../support/use-provider.js';

useContextManager();

let destination: ProviderUnderTest['destination'];
let processor: ProviderUnderTest['processor'];
let provider: ProviderUnderTest['provider'];

beforeEach(() => {
  ({ destination, processor, provider } = useProvider({ granularity: 'turn' }));
});

const config = (threadId = 'trip') => ({
  callbacks: [new TrubricsCallbackHandler({ tracerProvider: provider })],
  configurable: { thread_id: threadId },
  metadata: { user_id: 'ada', thread_id: threadId },
});

type Fields = Exclude<ConstructorParameters<typeof AIMessage>[0], string | readonly unknown[]>;

const message = (fields: object, input: number, output: number) =>
  new AIMessage({
    ...fields,
    usage_metadata: { input_tokens: input, output_tokens: output, total_tokens: input + output },
  } as Fields);
const says = (content: string, input = 10, output = 5) => message({ content }, input, output);
const calls = (...names: readonly string[]) =>
  message(
    {
      content: '',
      tool_calls: names.map((name, at) => ({ name, args: { city: 'Rome' }, id: `${name}-${at}` })),
    },
    20,
    7,
  );

const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
} as const;
const weather = tool(async () => '31 °C', { name: 'weather', description: 'Weather of a city', schema });
const events = tool(async () => 'A concert', { name: 'events', description: 'Events in a city', schema });
const book = tool(
  async () => {
    const decision = interrupt<string, string>('May I?');
    return decision === 'yes' ? 'booked' : 'not booked';
  },
  { name: 'book', description: 'Books a hotel', schema },
);

const ask = (content: string) => ({ messages: [new HumanMessage(content)] });

describe('a turn of a LangGraph agent', () => {
  test('a turn of a LangGraph agent with parallel tools is one record', async () => {
    const model = fakeModel()
      .respond(calls('weather', 'events'))
      .respond(says('31 °C, and a concert.', 90, 9));
    const agent = createAgent({ model, tools: [weather, events] });
    await agent.invoke(ask('Rome today?'), config());
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      {
        userId: 'ada',
        threadId: 'trip',
        prompt: 'Rome today?',
        generation: '31 °C, and a concert.',
        properties: {
          call_count: 2,
          tools: ['weather', 'events'],
          tool_call_count: 2,
          input_tokens: 110,
          output_tokens: 16,
        },
      },
    ]);
    expect(processor.stats()).toMatchObject({ records: 1, events: 0, skipped: {} });
  });

  test('a streamed turn of a LangGraph agent is one record', async () => {
    const model = fakeModel().respond(calls('weather')).respond(says('Hot.'));
    const agent = createAgent({ model, tools: [weather] });
    for await (const _update of await agent.stream(ask('Hot?'), { ...config(), streamMode: 'updates' }));
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      { prompt: 'Hot?', generation: 'Hot.', properties: { call_count: 2 } },
    ]);
  });

  test('a turn of a LangGraph agent that a person interrupts is resumed under the same thread', async () => {
    const model = fakeModel().respond(calls('book')).respond(says('It is booked.'));
    const agent = createAgent({ model, tools: [book], checkpointer: new MemorySaver() });
    await agent.invoke(ask('Book a hotel in Rome'), config());
    await processor.forceFlush();
    await agent.invoke(new Command({ resume: 'yes' }), config());
    await processor.forceFlush();
    const [asked, resumed] = destination.records;
    expect(destination.records).toHaveLength(2);
    expect(asked).toMatchObject({
      prompt: 'Book a hotel in Rome',
      generation: 'book({"city":"Rome"})',
      threadId: 'trip',
    });
    expect(resumed).toMatchObject({
      prompt: 'Book a hotel in Rome',
      generation: 'It is booked.',
      threadId: 'trip',
      properties: { resumed: true, resumes: asked?.id },
    });
    expect(destination.events).toEqual([]);
  });

  test('a turn of a LangGraph agent counts the attempts that failed', async () => {
    const model = fakeModel().respond(new Error('overloaded')).respond(says('Here I am.'));
    const agent = createAgent({
      model,
      tools: [],
      // The types of the middleware do not fit under exactOptionalPropertyTypes.
      middleware: [modelRetryMiddleware({ maxRetries: 1, initialDelayMs: 1 }) as AgentMiddleware],
    });
    await agent.invoke(ask('Are you there?'), config());
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      { prompt: 'Are you there?', generation: 'Here I am.', properties: { call_count: 2, error_count: 1 } },
    ]);
  });

  test('concurrent turns of LangGraph agents in one thread are records of their own', async () => {
    await Promise.all(
      ['one', 'two', 'three'].map(async (word) => {
        const model = fakeModel()
          .respond(calls('weather'))
          .respond(says(`re: ${word}`));
        await createAgent({ model, tools: [weather] }).invoke(ask(word), config());
      }),
    );
    await processor.forceFlush();
    expect(new Map(destination.records.map(({ prompt, generation }) => [prompt, generation]))).toEqual(
      new Map([
        ['one', 're: one'],
        ['three', 're: three'],
        ['two', 're: two'],
      ]),
    );
  });

  test('a turn of a LangGraph agent includes an agent called as a tool, and all of a request', async () => {
    const expert = createAgent({ model: fakeModel().respond(says('Pack a hat.', 3, 2)), tools: [] });
    const consult = tool(
      async ({ city }: { city: string }) => {
        const { messages } = await expert.invoke(ask(`What to wear in ${city}?`));
        return messages.at(-1)?.text ?? '';
      },
      { name: 'consult', description: 'Asks an expert', schema },
    );
    const model = fakeModel().respond(calls('consult')).respond(says('Take a hat.'));
    const agent = createAgent({ model, tools: [consult] });
    const request = provider.getTracer('web').startSpan('POST /chat', { kind: SpanKind.SERVER });
    await context.with(trace.setSpan(context.active(), request), () =>
      agent.invoke(ask('What to pack?'), config()),
    );
    request.end();
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      {
        prompt: 'What to pack?',
        generation: 'Take a hat.',
        properties: { call_count: 3, tools: ['consult'], input_tokens: 33 },
      },
    ]);
  });
});
