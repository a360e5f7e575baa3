import { describe, expect, test } from 'vitest';
import { readLlmCall, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { readAttributes } from '../../support/read-call.js';
import { makeSpan, type SpanSketch } from '../../support/span.js';

const MESSAGES = '[{"role":"user","content":[{"type":"text","text":"Hi?"}]}]';

function read(attributes: Record<string, unknown>, sketch: SpanSketch = {}) {
  return readLlmCall(
    makeSpan({
      ...sketch,
      attributes: {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.model.provider': 'openai.chat',
        'ai.model.id': 'gpt-4o-mini',
        'ai.prompt.messages': MESSAGES,
        ...attributes,
      },
    }),
  );
}

describe('Vercel AI SDK', () => {
  test.each([
    ['ai.generateText', 'unclear'],
    ['ai.streamObject', 'unclear'],
    ['ai.toolCall', 'callBoundary'],
    ['ai.embed.doEmbed', 'other'],
    ['ai.streamObject.doStream', 'llm'],
  ])('the AI SDK operation %s has the role %s, whatever a rewriter added', (operation, role) => {
    const rewritten = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'm',
      'openinference.span.kind': 'LLM',
    };
    expect(roleOf(makeSpan({ attributes: { 'ai.operationId': operation, ...rewritten } }))).toBe(role);
  });

  test('the AI SDK operation is the first word of operation.name', () => {
    const attributes = { 'operation.name': 'ai.streamText.doStream fn', 'ai.prompt.messages': MESSAGES };
    expect(readLlmCall(makeSpan({ attributes }))).toMatchObject({ streaming: true });
  });

  test('AI SDK counts of NaN are unknown, and the first chunk is in seconds', () => {
    const call = read({
      'ai.operationId': 'ai.streamText.doStream',
      'gen_ai.usage.input_tokens': Number.NaN,
      'ai.usage.promptTokens': Number.NaN,
      'ai.usage.completionTokens': 7,
      'ai.response.msToFirstChunk': 250,
      'ai.response.text': 'Hello',
    });
    expect(call?.usage).toEqual({ outputTokens: 7 });
    expect(call).toMatchObject({ streaming: true, timeToFirstToken: 0.25 });
  });

  test('the first chunk of an AI SDK stream is read from its event', () => {
    const startMs = 1_767_000_000_000;
    const event = { name: 'ai.stream.firstChunk', time: [1_767_000_000, 100_000_000] as const };
    expect(read({}, { startMs, events: [event] })?.timeToFirstToken).toBe(0.1);
  });

  test('AI SDK text and objects stay as the model wrote them', () => {
    expect(read({ 'ai.response.text': '["a"]' })?.outputMessages[0]?.parts).toEqual([
      { type: 'text', text: '["a"]' },
    ]);
    const object = read({ 'ai.response.object': '{"city":"Rome"}', 'ai.usage.promptTokens': 3 });
    expect(object?.outputMessages[0]?.parts).toEqual([{ type: 'text', text: '{"city":"Rome"}' }]);
    expect(object?.usage.inputTokens).toBe(3);
  });

  test('AI SDK reasoning, text and tool calls of all versions are one answer', () => {
    const call = read({
      'ai.response.reasoning': 'Hm.',
      'ai.response.text': 'Checking.',
      'ai.response.toolCalls':
        '[{"toolCallType":"function","toolCallId":"c1","toolName":"f","args":"{\\"a\\":1}"},{"toolCallId":"c2","toolName":"g","input":{"b":2}}]',
      'ai.response.finishReason': 'tool-calls',
    });
    expect(call?.outputMessages).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'Checking.' },
          { type: 'tool_call', id: 'c1', name: 'f', arguments: { a: 1 } },
          { type: 'tool_call', id: 'c2', name: 'g', arguments: { b: 2 } },
        ],
      },
    ]);
    expect(call?.finishReasons).toEqual(['tool_call']);
  });

  test('cached tokens of Anthropic are added to AI SDK input up to version 5', () => {
    const usage = {
      'ai.usage.inputTokens': 33,
      'ai.usage.outputTokens': 6,
      'ai.usage.cachedInputTokens': 10,
      'ai.usage.totalTokens': 39,
    };
    const anthropic = { 'ai.model.provider': 'anthropic.messages' };
    expect(read({ ...usage, ...anthropic })?.usage).toMatchObject({
      inputTokens: 43,
      totalTokens: 49,
      cacheReadTokens: 10,
    });
    const six = { 'ai.usage.inputTokens': 43, 'ai.usage.inputTokenDetails.noCacheTokens': 33 };
    expect(read({ ...usage, ...anthropic, ...six })?.usage.inputTokens).toBe(43);
    expect(read(usage)?.usage.inputTokens).toBe(33);
  });

  test('cached tokens are found in the AI SDK provider metadata', () => {
    const call = read({
      'ai.response.providerMetadata': '{"openai":{"cachedPromptTokens":16,"reasoningTokens":4}}',
    });
    expect(call?.usage).toEqual({ cacheReadTokens: 16, reasoningTokens: 4 });
  });

  test('AI SDK settings, metadata and function name are read', () => {
    const call = read({
      'ai.settings.maxTokens': 64,
      'ai.settings.temperature': 0.2,
      'ai.settings.stopSequences': ['END'],
      'ai.telemetry.functionId': 'fn',
      'ai.telemetry.metadata.userId': 'u-1',
      'ai.telemetry.metadata.$ai_session_id': 's-1',
      'ai.telemetry.metadata.tags': ['a'],
      'ai.telemetry.metadata.tier': 'gold',
    });
    expect(call).toMatchObject({
      parameters: { maxTokens: 64, temperature: 0.2, stopSequences: ['END'] },
      promptTemplate: 'fn',
      userId: 'u-1',
      threadId: 's-1',
      tags: ['a'],
      metadata: { tier: 'gold' },
    });
  });

  test('tags of an AI SDK call are taken from the span above that has them', () => {
    const step = makeSpan({ attributes: { 'ai.settings.context.tags': ['beta', 'eu'] } });
    const span = makeSpan({ attributes: { 'gen_ai.operation.name': 'chat' } });
    expect(readLlmCall(span, [makeSpan(), step])?.tags).toEqual(['beta', 'eu']);
  });
});

test('AI SDK tool calls that were cut are reported as truncated', () => {
  const calls = '[{"toolCallId":"c","toolName":"f","input":{"a":"b';
  const attributes = { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.response.toolCalls': calls };
  expect(readAttributes(attributes).truncated).toBe(true);
});
