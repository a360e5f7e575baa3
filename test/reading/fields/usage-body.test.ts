import { expect, test } from 'vitest';
import { readOutput } from '../../support/read-call.js';

test("cached tokens are added to the input of Anthropic's own body", () => {
  const usage = {
    input_tokens: 100,
    output_tokens: 5,
    cache_read_input_tokens: 10,
    cache_creation_input_tokens: 20,
  };
  const body = { role: 'assistant', content: 'Rome', usage };
  expect(readOutput(body).usage).toMatchObject({ inputTokens: 130, outputTokens: 5 });
  const detailed = { ...body, usage: { ...usage, input_token_details: { cache_read: 10 } } };
  expect(readOutput(detailed).usage).toMatchObject({ inputTokens: 100 });
});
