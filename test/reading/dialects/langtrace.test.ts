import { describe, expect, test } from 'vitest';
import { roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, readAttributes, readSketch } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('Langtrace', () => {
  test('a Langtrace call has the service as provider, and its stream is recognised', () => {
    const call = readSketch({
      attributes: { ...CHAT, 'langtrace.service.type': 'llm', 'langtrace.service.name': 'OpenAI' },
      events: [{ name: 'stream.start' }],
    });
    expect(call).toMatchObject({ dialect: 'langtrace', provider: 'openai', streaming: true });
  });

  test('a Langtrace span of a vector database is no call', () => {
    expect(roleOf(makeSpan({ attributes: { ...CHAT, 'langtrace.service.type': 'vectordb' } }))).toBe('other');
  });
});

test('Langtrace counts of a stream are dropped, because they are estimates', () => {
  const attributes = { ...CHAT, 'langtrace.service.type': 'llm', 'gen_ai.usage.input_tokens': 3 };
  expect(readAttributes(attributes).usage).toEqual({ inputTokens: 3 });
  expect(readAttributes(attributes, { events: [{ name: 'stream.start' }] }).usage).toEqual({});
});
