import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { putContent } from '../../../src/common/content-channel.js';
import { readLlmCall, readRecognisedCall, readSpan } from '../../../src/reading/dialects/read-llm-call.js';
import type { Dialect, DialectReading } from '../../../src/reading/model/dialect.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';

describe('readLlmCall', () => {
  test('readLlmCall reads messages, model, parameters, usage and identity of a GenAI span', () => {
    const call = readLlmCall(
      makeChatSpan({
        durationMs: 1234.5,
        attributes: {
          'gen_ai.system_instructions': '[{"type":"text","content":"Be terse."}]',
          'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
          'gen_ai.response.id': 'chatcmpl-1',
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.request.temperature': 0.3,
          'gen_ai.request.top_p': 0.9,
          'gen_ai.request.max_tokens': 50,
          'gen_ai.usage.input_tokens': 10,
          'gen_ai.usage.output_tokens': 5,
          'gen_ai.usage.cache_read.input_tokens': 4,
          'gen_ai.usage.cache_creation.input_tokens': 3,
          'gen_ai.usage.reasoning.output_tokens': 2,
          'gen_ai.request.stream': true,
          'gen_ai.response.time_to_first_chunk': 0.25,
          'user.id': 'u-1',
          'session.id': 's-1',
          'trubrics.tags': ['a', 'b'],
          'trubrics.metadata': '{"hello":[1,2]}',
        },
      }),
    );
    expect(call).toMatchObject({
      dialect: 'gen_ai',
      operation: 'chat',
      provider: 'openai',
      requestModel: 'gpt-4o-mini',
      responseModel: 'gpt-4o-mini-2024-07-18',
      responseId: 'chatcmpl-1',
      systemInstructions: [{ type: 'text', text: 'Be terse.' }],
      inputMessages: [{ role: 'user', parts: [{ type: 'text', text: 'What is the capital of Italy?' }] }],
      outputMessages: [{ role: 'assistant', parts: [{ type: 'text', text: 'Rome' }], finishReason: 'stop' }],
      parameters: { temperature: 0.3, topP: 0.9, maxTokens: 50 },
      usage: {
        inputTokens: 10,
        outputTokens: 5,
        cacheReadTokens: 4,
        cacheWriteTokens: 3,
        reasoningTokens: 2,
      },
      finishReasons: ['stop'],
      streaming: true,
      timeToFirstToken: 0.25,
      userId: 'u-1',
      threadId: 's-1',
      tags: ['a', 'b'],
      metadata: { hello: [1, 2] },
      serviceName: 'test-app',
      truncated: false,
    });
    expect((call?.endTimeMs ?? 0) - (call?.startTimeMs ?? 0)).toBeCloseTo(1234.5, 3);
  });

  test('readLlmCall reads structured messages, as SDK 3.x keeps them', () => {
    const call = readLlmCall(
      makeChatSpan({
        attributes: {
          'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'structured' }] }],
        },
      }),
    );
    expect(call?.inputMessages).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'structured' }] }]);
  });

  test('readLlmCall keeps the rest of messages that were cut, and reports the cut', () => {
    const whole = JSON.stringify([
      { role: 'user', parts: [{ type: 'text', content: 'a long question about Rome' }] },
    ]);
    const call = readLlmCall(makeChatSpan({ attributes: { 'gen_ai.input.messages': whole.slice(0, 70) } }));
    expect(call?.truncated).toBe(true);
    expect(call?.inputMessages).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'a long question abo' }] },
    ]);
  });

  test('readLlmCall reads content of the side channel', () => {
    const span = makeSpan({ attributes: { 'gen_ai.operation.name': 'chat' } });
    putContent(span, {
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"secret"}]}]',
    });
    expect(readLlmCall(span)?.inputMessages[0]?.parts).toEqual([{ type: 'text', text: 'secret' }]);
    expect(span.attributes).not.toHaveProperty('gen_ai.input.messages');
  });

  test.each([
    'execute_tool',
    'invoke_agent',
    'invoke_workflow',
    'embeddings',
    'retrieval',
    'create_agent',
    'plan',
  ])('readLlmCall does not take %s for an LLM call', (operation) => {
    expect(readLlmCall(makeChatSpan({ attributes: { 'gen_ai.operation.name': operation } }))).toBeUndefined();
  });

  test('readLlmCall does not take a span without GenAI attributes for an LLM call', () => {
    expect(readLlmCall(makeSpan({ attributes: { 'http.request.method': 'GET' } }))).toBeUndefined();
  });

  test('readLlmCall reads ids and scope of an SDK 1.x span', () => {
    const { parentSpanContext: _parent, ...span } = makeChatSpan();
    expect(readLlmCall({ ...span, parentSpanId: 'aaaaaaaaaaaaaaaa' })?.parentSpanId).toBe('aaaaaaaaaaaaaaaa');
  });

  test('readLlmCall returns the error of a failed call', () => {
    const call = readLlmCall(
      makeChatSpan({
        status: { code: 2, message: '429 Too many requests' },
        attributes: { 'error.type': 'RateLimitError' },
      }),
    );
    expect(call?.error).toEqual({ type: 'RateLimitError', message: '429 Too many requests' });
  });

  test('readLlmCall never returns binary content', () => {
    const base64 = 'iVBORw0KGgo'.repeat(500);
    const call = readLlmCall(
      makeChatSpan({
        attributes: {
          'gen_ai.input.messages': JSON.stringify([
            {
              role: 'user',
              content: [
                { type: 'text', text: 'What is this?' },
                { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } },
                { type: 'blob', mime_type: 'image/png', modality: 'image', content: base64 },
                { type: 'uri', modality: 'image', uri: 'https://example.com/cat.png' },
              ],
            },
          ]),
        },
      }),
    );
    expect(JSON.stringify(call)).not.toContain('iVBORw0KGgo');
    expect(call?.inputMessages[0]?.parts).toEqual([
      { type: 'text', text: 'What is this?' },
      { type: 'media', modality: 'image' },
      { type: 'media', modality: 'image', mimeType: 'image/png' },
      { type: 'media', modality: 'image', uri: 'https://example.com/cat.png' },
    ]);
  });

  test('readSpan does not throw for any value of the attributes', () => {
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      fc.json(),
      fc.string(),
    );
    const keys = Object.keys(makeChatSpan().attributes).concat(
      'user.id',
      'metadata',
      'trubrics.tags',
      'trubrics.metadata',
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (attributes) => {
        const span = makeSpan({ attributes: { 'gen_ai.operation.name': 'chat', ...attributes } });
        // `readLlmCall` returns undefined in place of an error.
        expect(() => readSpan(span)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  test('readLlmCall does not throw on spans that throw', () => {
    const hostile = new Proxy({} as SpanLike, {
      get: () => {
        throw new Error('no');
      },
    });
    expect(readLlmCall(hostile)).toBeUndefined();
  });
});

test('every member that a dialect can read is a member of the call', () => {
  // A new member does not compile without a value here.
  const reading: { readonly [K in keyof DialectReading]-?: NonNullable<DialectReading[K]> } = {
    operation: 'chat',
    provider: 'acme',
    requestModel: 'acme-1',
    responseModel: 'acme-1-2026',
    responseId: 'response-1',
    systemInstructions: [{ type: 'text', text: 'Be brief.' }],
    inputMessages: [{ role: 'user', parts: [{ type: 'text', text: 'Where?' }] }],
    outputMessages: [{ role: 'assistant', parts: [{ type: 'text', text: 'Here.' }] }],
    parameters: { temperature: 0.5 },
    usage: { inputTokens: 1 },
    finishReasons: ['stop'],
    streaming: false,
    timeToFirstToken: 0.1,
    metadata: { plan: 'pro' },
    promptTemplate: 'answer',
    runId: 'run-1',
    cached: true,
    aborted: true,
    error: { type: 'Timeout' },
    truncated: true,
    inputTruncated: true,
    isFrame: true,
    startTimeMs: 1,
  };
  const dialect: Dialect = {
    name: 'acme',
    markerAttributes: [],
    recognise: () => 'llm',
    read: () => reading,
  };
  expect(readRecognisedCall(makeSpan(), { dialect, role: 'llm' }, [])).toMatchObject(reading);
});

describe('a malformed span', () => {
  test('a parent id of null is no parent', () => {
    const call = readLlmCall({ ...makeChatSpan(), parentSpanId: null as unknown as string });
    expect(call).not.toHaveProperty('parentSpanId');
  });

  test('events that are malformed are ignored', () => {
    const events = [null, { name: 'exception', attributes: {} }] as unknown as SpanLike['events'] & object;
    expect(readSpan({ ...makeChatSpan(), events })).toMatchObject({ error: { type: '_OTHER' } });
  });
});
