import { describe, expect, test } from 'vitest';
import { readLlmCall } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, readAttributes, readSketch, roleOfAttributes, textParts } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('Laminar', () => {
  test('Laminar spans made by hand are read with their identity and tags', () => {
    expect(roleOfAttributes({ 'lmnr.span.type': 'TOOL' })).toBe('callBoundary');
    expect(roleOfAttributes({ 'lmnr.span.type': 'DEFAULT' })).toBe('other');
    const call = readAttributes({
      'lmnr.span.type': 'LLM',
      'lmnr.span.input': '[{"role":"user","content":"Hi?"}]',
      'lmnr.span.output': '"Hello"',
      'gen_ai.request.model': 'm',
      'gen_ai.usage.input_tokens': 3,
      'lmnr.association.properties.user_id': 'u',
      'lmnr.association.properties.metadata.tier': 'gold',
    });
    expect(call).toMatchObject({
      requestModel: 'm',
      inputMessages: [{ role: 'user', parts: textParts('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: textParts('Hello') }],
      usage: { inputTokens: 3 },
      userId: 'u',
      metadata: { tier: 'gold' },
    });
  });

  test('a Laminar span made by hand is read', () => {
    const attributes = {
      'lmnr.span.type': 'LLM',
      'lmnr.span.input': '[{"role":"user","content":"Why?"}]',
      'lmnr.span.output': '"Because."',
      'lmnr.association.properties.metadata.tier': 'gold',
    };
    expect(readSketch({ attributes })).toMatchObject({
      dialect: 'laminar',
      prompt: 'Why?',
      generation: 'Because.',
      metadata: { tier: 'gold' },
    });
  });

  test.each(['DEFAULT', 'TOOL', 'EXECUTOR'])('a Laminar span of type %s is no call', (type) => {
    expect(readLlmCall(makeSpan({ attributes: { 'lmnr.span.type': type, ...CHAT } }))).toBeUndefined();
  });
});
