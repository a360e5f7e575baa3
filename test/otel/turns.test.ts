import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TrubricsOptions } from '../../src/config/options.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { collectSpans } from '../support/collect-spans.js';
import { agent, around, chat, endChat, startChat, tool, toolResult } from '../support/trace-sketch.js';
import { useProvider } from '../support/use-provider.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A provider whose records are turns, and the spans that ended. */
function useTurns(options: TrubricsOptions = {}) {
  const collected = collectSpans();
  const spanProcessors = [collected.processor];
  return { ...useProvider({ granularity: 'turn', ...options }, { spanProcessors }), ended: collected.spans };
}

const THREAD = { 'gen_ai.conversation.id': 'trip', 'user.id': 'ada' };

describe('a turn', () => {
  test('a turn is all calls of one agent: first question, last answer, all tokens, models and tools', async () => {
    const { processor, destination, tracer, ended } = useTurns();
    const first = {
      prompt: 'Weather in Rome?',
      toolCalls: ['weather', 'calendar'],
      tokens: [100, 10],
    } as const;
    around(tracer, 'invoke_agent guide', agent('guide'), (below) => {
      chat(tracer, { ...first, below, attributes: THREAD });
      around(
        tracer,
        'execute_tool weather',
        tool('weather'),
        (inTool) => {
          chat(tracer, {
            prompt: 'Summarise: 31 °C',
            answer: 'hot',
            model: 'gpt-4o-nano',
            tokens: [7, 1],
            below: inTool,
          });
        },
        { below },
      );
      chat(tracer, {
        prompt: 'Weather in Rome?',
        steps: [toolResult('weather-0', '31 °C')],
        answer: 'Hot, 31 °C.',
        tokens: [130, 12],
        below,
      });
    });
    await processor.forceFlush();
    const [record] = destination.records;
    expect(destination.records).toHaveLength(1);
    expect(record).toMatchObject({
      id: idOf(ended.find(({ name }) => name === 'invoke_agent guide')),
      userId: 'ada',
      threadId: 'trip',
      prompt: 'Weather in Rome?',
      generation: 'Hot, 31 °C.',
      properties: {
        call_count: 3,
        models: ['gpt-4o-mini', 'gpt-4o-nano'],
        tools: ['weather', 'calendar'],
        tool_call_count: 2,
        input_tokens: 237,
        output_tokens: 23,
        total_tokens: 260,
        tokens_by_model: {
          'gpt-4o-mini': { input: 230, output: 22 },
          'gpt-4o-nano': { input: 7, output: 1 },
        },
      },
    });
    expect(processor.stats()).toMatchObject({ records: 1, skipped: {} });
    expect(toPromptRecords(ended, { granularity: 'turn' })).toEqual(destination.records);
  });

  test('a turn lasts from the first start to the last end', async () => {
    const { processor, destination, tracer } = useTurns();
    const at = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1_000;
    const agentSpan = tracer.startSpan('agent', { attributes: agent('a') });
    const below = trace.setSpan(ROOT_CONTEXT, agentSpan);
    for (const [from, to] of [
      [1, 3],
      [5, 9.5],
    ] as const) {
      const span = tracer.startSpan(
        'chat m',
        { startTime: at(from), attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' } },
        below,
      );
      span.setAttributes({
        'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"q"}]}]',
        'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":"a"}]}]',
      });
      span.end(at(to));
    }
    agentSpan.end();
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ latency: 8.5, timestamp: new Date(at(9.5)).toISOString() }]);
  });

  test('a turn is a whole request if there is no agent', async () => {
    const { processor, destination, tracer } = useTurns();
    around(
      tracer,
      'POST /chat',
      { 'user.id': 'grace' },
      (below) => {
        chat(tracer, { prompt: 'And there?', answer: 'Weather in Rome?', below });
        chat(tracer, { prompt: 'Weather in Rome? Use these documents: …', answer: 'Hot.', below });
      },
      { kind: SpanKind.SERVER },
    );
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      {
        userId: 'grace',
        prompt: 'Weather in Rome? Use these documents: …',
        generation: 'Hot.',
        properties: { call_count: 2 },
      },
    ]);
  });

  test('each user message is a turn below a root that is neither agent nor request', async () => {
    const { processor, destination, tracer } = useTurns();
    around(tracer, 'main', {}, (below) => {
      chat(tracer, { prompt: 'yes', toolCalls: ['book'], below });
      chat(tracer, { prompt: 'yes', steps: [toolResult('book-0', 'ok')], answer: 'Booked.', below });
      chat(tracer, {
        history: [{ role: 'user', parts: [{ type: 'text', content: 'yes' }] }],
        prompt: 'yes',
        answer: 'Paid.',
        below,
      });
      chat(tracer, { prompt: 'no', answer: 'Fine.', below });
    });
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      { prompt: 'yes', generation: 'Booked.', properties: { call_count: 2 } },
      { prompt: 'yes', generation: 'Paid.', properties: { call_count: 1 } },
      { prompt: 'no', generation: 'Fine.' },
    ]);
    expect(new Set(destination.records.map(({ id }) => id)).size).toBe(3);
  });

  test('a turn includes steps without a user message', async () => {
    const { processor, destination, tracer } = useTurns();
    around(tracer, 'main', {}, (below) => {
      chat(tracer, { prompt: 'Weather?', toolCalls: ['weather'], below });
      chat(tracer, { steps: [toolResult('weather-0', '31 °C')], answer: 'Hot.', below });
    });
    await processor.forceFlush();
    expect(destination.records).toMatchObject([{ prompt: 'Weather?', generation: 'Hot.' }]);
  });

  test('a call without spans above it is a turn, and is sent at once', async () => {
    const { processor, destination, tracer } = useTurns();
    chat(tracer, { prompt: 'hi', answer: 'hello' });
    await processor.forceFlush();
    expect(destination.records).toMatchObject([
      { prompt: 'hi', properties: { call_count: 1, models: ['gpt-4o-mini'] } },
    ]);
  });

  test('two concurrent turns of one thread have their own calls', async () => {
    const { processor, destination, tracer } = useTurns();
    const spans = ['one', 'two'].map((prompt) => {
      const span = tracer.startSpan('agent', { attributes: { ...agent('a'), ...THREAD } }, ROOT_CONTEXT);
      return { prompt, span, below: trace.setSpan(ROOT_CONTEXT, span) };
    });
    for (const { prompt, below } of spans) chat(tracer, { prompt, toolCalls: ['t'], below });
    for (const { prompt, below } of spans.toReversed())
      chat(tracer, { prompt, steps: [toolResult('t-0', 'x')], answer: `re: ${prompt}`, below });
    for (const { span } of spans) span.end();
    await processor.forceFlush();
    expect(new Map(destination.records.map(({ prompt, generation }) => [prompt, generation]))).toEqual(
      new Map([
        ['one', 're: one'],
        ['two', 're: two'],
      ]),
    );
  });

  test('a turn goes on when an agent hands over to another, or is tried again', async () => {
    const { processor, destination, tracer } = useTurns();
    for (const kind of [SpanKind.SERVER, SpanKind.INTERNAL]) {
      around(
        tracer,
        'outer',
        THREAD,
        (below) => {
          around(
            tracer,
            'triage',
            agent('triage'),
            (inside) => {
              chat(tracer, { prompt: 'My card is lost', error: 'rate_limit', below: inside });
            },
            { below },
          );
          vi.advanceTimersByTime(5);
          around(
            tracer,
            'triage',
            agent('triage'),
            (inside) => {
              chat(tracer, { prompt: 'My card is lost', toolCalls: ['transfer_to_cards'], below: inside });
            },
            { below },
          );
          vi.advanceTimersByTime(5);
          around(
            tracer,
            'cards',
            agent('cards'),
            (inside) => {
              chat(tracer, { prompt: 'My card is lost', answer: 'It is blocked.', below: inside });
            },
            { below },
          );
        },
        { kind },
      );
    }
    await processor.forceFlush();
    const turn = {
      prompt: 'My card is lost',
      generation: 'It is blocked.',
      properties: { call_count: 3, error_count: 1, tools: ['transfer_to_cards'] },
    };
    expect(destination.records).toMatchObject([turn, turn]);
  });

  test('a turn that failed is an error event, and one that recovered is a record', async () => {
    const { processor, destination, tracer } = useTurns();
    around(tracer, 'agent', agent('a'), (below) => {
      chat(tracer, { prompt: 'q', toolCalls: ['t'], below });
      vi.advanceTimersByTime(5);
      chat(tracer, { prompt: 'q', error: 'overloaded', below });
    });
    around(tracer, 'agent', agent('a'), (below) => {
      chat(tracer, { prompt: 'r', error: 'overloaded', below });
      vi.advanceTimersByTime(5);
      chat(tracer, { prompt: 'r', answer: 'a', below });
    });
    await processor.forceFlush();
    expect(destination.events).toMatchObject([
      {
        event: 'LLM error',
        properties: { prompt: 'q', error_type: 'overloaded', call_count: 2, error_count: 1 },
      },
    ]);
    expect(destination.records).toMatchObject([
      { prompt: 'r', generation: 'a', properties: { error_count: 1 } },
    ]);
  });

  test("an interrupted turn is resumed by its thread's next turn with the same user message", async () => {
    const { processor, destination, tracer } = useTurns();
    const turn = (sketch: Parameters<typeof chat>[1], thread = THREAD) =>
      around(tracer, 'agent', { ...agent('a'), ...thread }, (below) => chat(tracer, { ...sketch, below }));
    turn({ prompt: 'Pay 90 €', toolCalls: ['pay'] });
    turn({ prompt: 'Pay 90 €', answer: 'other thread' }, { ...THREAD, 'gen_ai.conversation.id': 'other' });
    turn({ prompt: 'Pay 90 €', steps: [toolResult('pay-0', 'approved')], answer: 'Paid.' });
    turn({ prompt: 'Pay 90 €', answer: 'Again?' });
    await processor.forceFlush();
    const [asked, other, resumed, again] = destination.records;
    expect(asked?.generation).toBe('pay({})');
    expect(resumed?.properties).toMatchObject({ resumed: true, resumes: asked?.id });
    expect(other?.properties).not.toHaveProperty('resumed');
    expect(again?.properties).not.toHaveProperty('resumed');
  });
});

describe('when a turn is sent', () => {
  test('a turn waits for a call that goes on after its agent has ended, as streams do', async () => {
    const { processor, destination, tracer } = useTurns();
    const span = tracer.startSpan('agent', { attributes: agent('a') });
    const below = trace.setSpan(ROOT_CONTEXT, span);
    chat(tracer, { prompt: 'q', toolCalls: ['t'], below });
    const late = startChat(tracer, { below });
    span.end();
    await processor.forceFlush();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(destination.records).toHaveLength(0);
    endChat(late, { prompt: 'q', answer: 'a' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(destination.records).toMatchObject([{ generation: 'a', properties: { call_count: 2 } }]);
  });

  test('a turn is sent without a flush, a moment after its span has ended', async () => {
    const { destination, tracer } = useTurns();
    around(tracer, 'agent', agent('a'), (below) => chat(tracer, { prompt: 'q', answer: 'a', below }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(destination.records).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(destination.records).toHaveLength(1);
  });

  test('a turn with an answer does not wait for the end of a root that is no agent', async () => {
    const { destination, tracer } = useTurns();
    const worker = tracer.startSpan('worker');
    const below = trace.setSpan(ROOT_CONTEXT, worker);
    around(
      tracer,
      'agent',
      agent('a'),
      (inside) => chat(tracer, { prompt: 'q', answer: 'a', below: inside }),
      { below },
    );
    await vi.advanceTimersByTimeAsync(3_100);
    expect(destination.records).toHaveLength(1);
  });

  test('a turn is sent ten minutes after its last call at the latest, and later calls are another', async () => {
    const { processor, destination, tracer } = useTurns();
    const span = tracer.startSpan('agent', { attributes: agent('a') });
    const below = trace.setSpan(ROOT_CONTEXT, span);
    chat(tracer, { prompt: 'q', toolCalls: ['slow'], below });
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    expect(destination.records).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(2.1 * 60_000);
    expect(destination.records).toHaveLength(1);
    chat(tracer, { prompt: 'q', answer: 'a', below });
    span.end();
    await processor.forceFlush();
    expect(destination.records).toHaveLength(2);
    expect(new Set(destination.records.map(({ id }) => id)).size).toBe(2);
  });

  test('a turn is sent at shutdown although its spans are open', async () => {
    const { provider, destination, tracer } = useTurns();
    const span = tracer.startSpan('agent', { attributes: agent('a') });
    chat(tracer, { prompt: 'q', answer: 'a', below: trace.setSpan(ROOT_CONTEXT, span) });
    await provider.shutdown();
    expect(destination.records).toHaveLength(1);
  });
});

describe('granularity "both"', () => {
  test('granularity "both" sends turns as records and their calls as events', async () => {
    const { processor, destination, tracer } = useTurns({ granularity: 'both' });
    around(tracer, 'agent', { ...agent('a'), ...THREAD }, (below) => {
      chat(tracer, { prompt: 'q', toolCalls: ['t'], below, tokens: [1, 2] });
      chat(tracer, { prompt: 'q', error: 'overloaded', below });
      chat(tracer, { prompt: 'q', answer: 'a', below, tokens: [3, 4] });
    });
    await processor.forceFlush();
    const [turn] = destination.records;
    expect(turn).toMatchObject({ generation: 'a', properties: { total_tokens: 10 } });
    expect(destination.events).toMatchObject(
      ['LLM call', 'LLM error', 'LLM call'].map((event) => ({
        event,
        userId: 'ada',
        threadId: 'trip',
        properties: { turn_id: turn?.id, prompt: 'q', model: 'gpt-4o-mini' },
      })),
    );
    expect(processor.stats()).toMatchObject({ records: 1, events: 3 });
  });
});

test('granularity "call" makes every call a record of its own', async () => {
  const { processor, destination, tracer } = useTurns({ granularity: 'call' });
  around(tracer, 'agent', agent('a'), (below) => {
    chat(tracer, { prompt: 'q', toolCalls: ['t'], below });
    chat(tracer, { prompt: 'q', answer: 'a', below });
  });
  await processor.forceFlush();
  expect(destination.records).toHaveLength(2);
  expect(context.active()).toBe(ROOT_CONTEXT);
});

function idOf(span: ReadableSpan | undefined): string {
  const ids = span?.spanContext();
  return `${ids?.traceId}-${ids?.spanId}`;
}
