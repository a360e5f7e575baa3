import { describe, expect, test } from 'vitest';
import { readLlmCall, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, readSketch } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('Sentry', () => {
  const SENTRY = {
    ...CHAT,
    'sentry.op': 'gen_ai.chat',
    'gen_ai.input.messages': '[{"role":"user","content":"Why?"}]',
  };

  test.each([
    ['["First","Second"]', ['First', 'Second']],
    ['Because.', ['Because.']],
    ['{"answer":42}', ['{"answer":42}']],
  ])('the Sentry answer %s is read', (text, choices) => {
    const call = readSketch({ attributes: { ...SENTRY, 'gen_ai.response.text': text } });
    expect(call.outputMessages.map(({ parts }) => parts)).toEqual(
      choices.map((choice) => [{ type: 'text', text: choice }]),
    );
  });

  test('dropped messages of a Sentry span are reported as truncated', () => {
    const attributes = { ...SENTRY, 'sentry.sdk_meta.gen_ai.input.messages.original_length': 5 };
    expect(readSketch({ attributes })).toMatchObject({ prompt: 'Why?', truncated: true });
  });

  test.each(['invoke_agent', 'execute_tool', 'create_agent', 'embeddings', 'rerank'])(
    'the Sentry op gen_ai.%s is no call',
    (op) => {
      expect(
        readLlmCall(makeSpan({ attributes: { ...SENTRY, 'sentry.op': `gen_ai.${op}` } })),
      ).toBeUndefined();
    },
  );

  test('Sentry spans without a GenAI op are left to other dialects', () => {
    expect(roleOf(makeSpan({ attributes: { 'sentry.op': 'http.server' } }))).toBe('other');
  });
});
