import { describe, expect, test } from 'vitest';
import { readAttributes, roleOfAttributes, textParts } from '../../support/read-call.js';

describe('Genkit', () => {
  const model = {
    'genkit:type': 'action',
    'genkit:metadata:subtype': 'model',
    'genkit:name': 'googleai/gemini-2.5-flash',
  };

  test('Genkit models are calls, the utilities and flows around them are not', () => {
    expect(roleOfAttributes(model)).toBe('llm');
    expect(roleOfAttributes({ ...model, 'genkit:metadata:subtype': 'background-model' })).toBe('llm');
    expect(roleOfAttributes({ 'genkit:type': 'util', 'genkit:name': 'generate' })).toBe('other');
    expect(roleOfAttributes({ ...model, 'genkit:metadata:subtype': 'tool' })).toBe('callBoundary');
    expect(roleOfAttributes({ ...model, 'genkit:metadata:subtype': 'embedder' })).toBe('other');
  });

  test('Genkit config, thoughts and media are read', () => {
    const call = readAttributes({
      ...model,
      'genkit:input':
        '{"messages":[{"role":"user","content":[{"text":"What?"},{"media":{"url":"data:image/png;base64,AA","contentType":"image/png"}}]}],"config":{"temperature":0.3,"maxOutputTokens":9}}',
      'genkit:output':
        '{"message":{"role":"model","content":[{"text":"A cat."}]},"finishReason":"length","usage":{"inputTokens":10,"outputTokens":5,"thoughtsTokens":3,"totalTokens":18,"cachedContentTokens":2}}',
    });
    expect(call).toMatchObject({
      provider: 'googleai',
      requestModel: 'googleai/gemini-2.5-flash',
      parameters: { temperature: 0.3, maxTokens: 9 },
      usage: { inputTokens: 10, outputTokens: 8, reasoningTokens: 3, cacheReadTokens: 2 },
      finishReasons: ['length'],
    });
    expect(call?.inputMessages[0]?.parts).toEqual([
      ...textParts('What?'),
      { type: 'media', modality: 'image', mimeType: 'image/png' },
    ]);
  });

  test.each([
    [
      'OpenAI',
      { inputTokens: 9, outputTokens: 4, totalTokens: 13 },
      {
        usage: {
          prompt_tokens: 9,
          completion_tokens: 4,
          total_tokens: 13,
          prompt_tokens_details: { cached_tokens: 7 },
        },
      },
      { inputTokens: 9, outputTokens: 4, totalTokens: 13, cacheReadTokens: 7 },
    ],
    [
      'Gemini',
      { inputTokens: 9, outputTokens: 4, totalTokens: 16 },
      {
        usageMetadata: {
          promptTokenCount: 9,
          candidatesTokenCount: 4,
          thoughtsTokenCount: 3,
          totalTokenCount: 16,
          cachedContentTokenCount: 5,
        },
      },
      { inputTokens: 9, outputTokens: 7, totalTokens: 16, cacheReadTokens: 5, reasoningTokens: 3 },
    ],
    [
      'Anthropic',
      { inputTokens: 9, outputTokens: 4, totalTokens: 13 },
      {
        usage: {
          input_tokens: 9,
          output_tokens: 4,
          cache_read_input_tokens: 6,
          cache_creation_input_tokens: 2,
        },
      },
      { inputTokens: 17, outputTokens: 4, cacheReadTokens: 6, cacheWriteTokens: 2 },
    ],
  ])(
    'cached tokens of %s that Genkit leaves in the raw response are counted',
    (_provider, usage, raw, expected) => {
      for (const name of ['raw', 'custom'])
        expect(
          readAttributes({
            ...model,
            'genkit:input': '{"messages":[{"role":"user","content":[{"text":"What?"}]}]}',
            'genkit:output': JSON.stringify({
              message: { role: 'model', content: [{ text: 'A cat.' }] },
              usage,
              [name]: raw,
            }),
          }).usage,
        ).toEqual(expected);
    },
  );

  test('a Genkit failure is read from its state', () => {
    expect(readAttributes({ ...model, 'genkit:state': 'error' }).error).toEqual({ type: '_OTHER' });
  });

  test('Genkit reasoning and data are kept', () => {
    const content = [{ reasoning: 'Hm.' }, { data: { city: 'Rome' } }];
    const call = readAttributes({
      'genkit:type': 'action',
      'genkit:metadata:subtype': 'model',
      'genkit:output': JSON.stringify({ message: { role: 'model', content } }),
    });
    expect(call.outputMessages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: '{"city":"Rome"}' },
    ]);
  });
});
