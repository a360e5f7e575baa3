import { describe, expect, test } from 'vitest';
import type { LlmCall } from '../../../src/reading/model/llm-call.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import type { TurnCall, TurnGroup } from '../../../src/records/turns/group-turns.js';
import { questionOf } from '../../../src/records/turns/question.js';
import { toTurnCall, turnProperties } from '../../../src/records/turns/turn-call.js';
import { makeCall, textMessage, toolCallMessage, type CallSketch } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

const ID = `${'a'.repeat(32)}-${'b'.repeat(16)}`;
const AGENT = { 'gen_ai.operation.name': 'invoke_agent' };

interface Part extends CallSketch {
  readonly ancestors?: readonly SpanLike[];
}

/** A turn of calls of a second each, one after the other, with question and answer unless said otherwise. */
function turnOf(...parts: readonly [Part, ...Part[]]): TurnGroup {
  const calls = parts.map(({ ancestors = [], ...fields }, index): TurnCall => {
    const startTimeMs = index * 1_000;
    const times = { startTimeMs, endTimeMs: startTimeMs + 1_000 };
    const call = makeCall({ prompt: 'q', answer: 'a', ...times, ...fields });
    return { call, span: makeSpan(), ancestors, question: questionOf(call) };
  });
  return { id: ID, calls: calls as unknown as TurnGroup['calls'], waitsFor: [] };
}

const merged = (...parts: readonly [Part, ...Part[]]): LlmCall => toTurnCall(turnOf(...parts));
const textsOf = ({ inputMessages }: LlmCall): string[] =>
  inputMessages.flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : part.type)));

const FAILED: Part = { outputMessages: [], error: { type: 'Timeout' } };
const TOOLS: Part = { outputMessages: [toolCallMessage('search')] };

describe('the call of a turn', () => {
  test('a turn lasts from its first start to its last end, whichever call has them', () => {
    const call = merged(
      { startTimeMs: 500, endTimeMs: 9_000, ...FAILED },
      { startTimeMs: 100, endTimeMs: 2_000 },
    );
    expect([call.startTimeMs, call.endTimeMs]).toEqual([100, 9_000]);
    expect(`${call.traceId}-${call.spanId}`).toBe(ID);
  });

  test('a turn has the answer of the last call that succeeded, and no error of it if it is an answer', () => {
    const call = merged({ answer: 'one' }, { answer: 'two', responseModel: 'm' }, FAILED);
    expect(call.outputMessages).toEqual([textMessage('assistant', 'two')]);
    expect(call.responseModel).toBe('m');
    expect(call.error).toBeUndefined();
  });

  test('a turn that ends in a failure has failed, unless it was answered before', () => {
    expect(merged(TOOLS, FAILED).error).toEqual({ type: 'Timeout' });
    expect(merged(FAILED).error).toEqual({ type: 'Timeout' });
    expect(merged(FAILED, {}).error).toBeUndefined();
    expect(merged(FAILED).outputMessages).toEqual([]);
  });

  test('a turn has the first user and thread among its calls', () => {
    const call = merged({}, { userId: 'ada', threadId: 'trip' }, { userId: 'grace', threadId: 'other' });
    expect(call).toMatchObject({ userId: 'ada', threadId: 'trip' });
  });

  test('a turn sums the tokens of all calls, with a total where a call has none', () => {
    const call = merged(
      { usage: { inputTokens: 10, outputTokens: 1 } },
      { usage: { inputTokens: 20, outputTokens: 2, totalTokens: 30, reasoningTokens: 1 } },
      { usage: { inputTokens: 5 } },
    );
    expect(call.usage).toEqual({ inputTokens: 35, outputTokens: 3, totalTokens: 41, reasoningTokens: 1 });
  });

  test('a turn ignores counts that are undefined', () => {
    const usage = { inputTokens: undefined } as unknown as LlmCall['usage'];
    expect(merged({ usage }, { usage: { inputTokens: 1 } }).usage).toEqual({ inputTokens: 1 });
  });

  test('a turn has all tags once, and of metadata with one name the last', () => {
    const call = merged(
      { tags: ['x', 'y'], metadata: { plan: 'free', step: 1 } },
      { tags: ['y', 'z'], metadata: { plan: 'pro' } },
    );
    expect(call.tags).toEqual(['x', 'y', 'z']);
    expect(call.metadata).toEqual({ plan: 'pro', step: 1 });
  });

  test('the time to the first token counts from the start of the turn, in seconds', () => {
    expect(merged(TOOLS, { timeToFirstToken: 0.25 }).timeToFirstToken).toBe(1.25);
    expect(merged({ ...TOOLS, timeToFirstToken: 0.25 }, {}).timeToFirstToken).toBeUndefined();
    expect(merged({ ...FAILED, timeToFirstToken: 0.25 }).timeToFirstToken).toBeUndefined();
  });

  test('a turn has no parent, because its calls can have several', () => {
    expect(merged({ parentSpanId: 'p' }).parentSpanId).toBeUndefined();
  });

  test('a turn is truncated if the call of its question or that of its answer is', () => {
    expect(merged({ ...TOOLS, truncated: true }, { prompt: '', inputMessages: [] }).truncated).toBe(true);
    expect(merged(TOOLS, { inputMessages: [], truncated: true }).truncated).toBe(true);
    expect(merged({ ...TOOLS, truncated: true }, {}).truncated).toBe(false);
  });

  test('the question of a turn is that of the call that answers, with its system prompt', () => {
    const call = merged(
      { prompt: 'summarise', systemInstructions: [{ type: 'text', text: 'router' }], ...TOOLS },
      { prompt: 'the question', systemInstructions: [{ type: 'text', text: 'guide' }] },
    );
    expect(textsOf(call)).toEqual(['the question']);
    expect(call.systemInstructions).toEqual([{ type: 'text', text: 'guide' }]);
  });

  test('if the answering call has no question, the last one before it has that of the turn', () => {
    const systemInstructions = [{ type: 'text', text: 'guide' } as const];
    const call = merged(
      { prompt: 'old', ...TOOLS },
      { prompt: 'new', systemInstructions, ...TOOLS },
      { inputMessages: [] },
    );
    expect(textsOf(call)).toEqual(['new']);
    expect(call.systemInstructions).toEqual(systemInstructions);
  });

  test('a call inside the answering one does not have the question', () => {
    const call = merged({ endTimeMs: 9_000, prompt: 'the question' }, { prompt: 'summarise' });
    expect(textsOf(call)).toEqual(['the question']);
  });
});

describe('the question in the input of an agent', () => {
  const withInput = (text: string, attributes = {}, kind = 0): SpanLike => ({
    ...makeSpan({
      attributes: {
        ...AGENT,
        'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: text }] }]),
        ...attributes,
      },
    }),
    kind,
  });

  test('the outermost agent around all calls has the question, and system messages stay', () => {
    const [inner, outer] = [withInput('to the inner agent'), withInput('to the outer agent')];
    const ancestors = [inner, outer];
    const inputMessages = [textMessage('system', 'be kind'), textMessage('user', 'rephrased')];
    expect(textsOf(merged({ ancestors, inputMessages }))).toEqual(['be kind', 'to the outer agent']);
  });

  test('an agent that is not around all calls does not have the question, nor does a request', () => {
    const [first, second] = [withInput('to the first'), withInput('to the second')];
    const call = merged({ ancestors: [first] }, { ancestors: [second], prompt: 'the question' });
    expect(textsOf(call)).toEqual(['the question']);
    const request = withInput('body of the request', {}, 1);
    expect(textsOf(merged({ ancestors: [request], prompt: 'the question' }))).toEqual(['the question']);
  });

  test('a turn whose question the agent has does not count as cut off', () => {
    const inputTruncated = { inputTruncated: true, inputMessages: [] };
    expect(merged({ ancestors: [withInput('whole')], ...inputTruncated })).toMatchObject({
      inputTruncated: false,
    });
    expect(merged(inputTruncated)).toMatchObject({ inputTruncated: true });
  });
});

describe('the properties of a turn', () => {
  const properties = (...parts: readonly [Part, ...Part[]]) => turnProperties(turnOf(...parts));

  test('calls, models and errors of a turn are counted', () => {
    const found = properties(
      { requestModel: 'm' },
      { requestModel: 'm', responseModel: 'm-2025' },
      { ...FAILED, requestModel: 'm' },
    );
    expect(found).toMatchObject({ call_count: 3, models: ['m', 'm-2025'], error_count: 1 });
    expect(properties({})).toEqual({ call_count: 1, models: ['unknown'] });
  });

  test('the tools of a turn are named once and each use is counted', () => {
    const found = properties({ outputMessages: [toolCallMessage('search', 'read')] }, TOOLS, {});
    expect(found).toMatchObject({ tools: ['search', 'read'], tool_call_count: 3 });
  });

  test('a turn of several calls lists what the price of each depends on', () => {
    const usage = { inputTokens: 150_000, outputTokens: 10, cacheReadTokens: 90_000, totalTokens: 150_010 };
    const found = properties(
      { requestModel: 'm', responseModel: 'm-2025', provider: 'acme', usage, serviceTier: 'flex' },
      { ...FAILED, requestModel: 'm' },
      { requestModel: 'm', cached: true },
      { requestModel: 'm', usage: { inputTokens: 5, totalTokens: 7 }, cost: 0.25 },
    );
    expect(found.calls).toEqual([
      {
        model: 'm-2025',
        request_model: 'm',
        provider: 'acme',
        input_tokens: 150_000,
        output_tokens: 10,
        cache_read_tokens: 90_000,
        service_tier: 'flex',
      },
      { model: 'm', error: true },
      { model: 'm', cached: true },
      { model: 'm', input_tokens: 5, total_tokens: 7, cost: 0.25 },
    ]);
    // The record itself has all of it about a single call.
    expect(properties({ usage })).not.toHaveProperty('calls');
  });

  test('a turn has a cost only if each of its calls says what it cost', () => {
    expect(toTurnCall(turnOf({ cost: 0.25 }, { cost: 0.5 })).cost).toBe(0.75);
    expect(toTurnCall(turnOf({ cost: 0.25 }, {})).cost).toBeUndefined();
    expect(toTurnCall(turnOf({}, { cost: 0.5 })).cost).toBeUndefined();
  });

  test('tokens are counted by model if a turn uses several', () => {
    const found = properties(
      { requestModel: 'large', usage: { inputTokens: 10, outputTokens: 1 } },
      { requestModel: 'small', usage: { inputTokens: 5, outputTokens: 2 } },
      { requestModel: 'large', usage: { inputTokens: 20, outputTokens: 3 } },
    );
    expect(found.tokens_by_model).toEqual({
      large: { input: 30, output: 4 },
      small: { input: 5, output: 2 },
    });
  });
});
