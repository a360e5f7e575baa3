import { describe, expect, test } from 'vitest';
import { roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, readSketch } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('LiteLLM', () => {
  test('LiteLLM lists of parts in Python notation are read', () => {
    const content =
      "[{'type': 'text', 'text': \"What's this?\\n\\u00fc\", 'cache': None, 'ok': True}, {'type': 'image_url', 'image_url': {'url': 'data:image/png;base64,AAAA'}}]";
    const attributes = {
      ...CHAT,
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': content,
      'gen_ai.completion.0.content': 'None',
    };
    expect(readSketch({ name: 'litellm_request', attributes })).toMatchObject({
      dialect: 'litellm',
      prompt: "What's this?\nü",
      generation: '',
    });
  });

  test.each([
    ['completion', { 'gen_ai.operation.name': 'chat' }, 'chat'],
    ['acompletion', {}, 'chat'],
    ['acompletion', { 'gen_ai.operation.name': 'acompletion' }, 'chat'],
    ['text_completion', {}, 'text_completion'],
    ['atext_completion', { 'gen_ai.operation.name': 'atext_completion' }, 'text_completion'],
  ])('a LiteLLM call type of %s beside %j is read', (type, others, operation) => {
    const attributes = {
      'llm.request.type': type,
      'gen_ai.request.model': 'm',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content':
        "[{'type': 'text', 'text': 'Look'}, {'type': 'image_url', 'image_url': {'url': 'data:image/png;base64,AAAA'}}]",
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'Rome',
      ...others,
    };
    const call = readSketch({ name: 'litellm_request', attributes });
    expect(call).toMatchObject({ dialect: 'litellm', operation, prompt: 'Look', generation: 'Rome' });
    expect(JSON.stringify(call)).not.toContain('AAAA');
  });

  test('a LiteLLM embedding is no call', () => {
    const attributes = { 'llm.request.type': 'aembedding', 'gen_ai.request.model': 'm' };
    expect(roleOf(makeSpan({ name: 'litellm_request', attributes }))).toBe('other');
  });

  test('a LiteLLM text of None beside a function call is no text', () => {
    const attributes = {
      'llm.request.type': 'completion',
      'gen_ai.prompt.0.content': 'Weather?',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'None',
      'gen_ai.completion.0.function_call.name': 'f',
      'gen_ai.completion.0.function_call.arguments': '{"a":1}',
    };
    expect(readSketch({ name: 'litellm_request', attributes }).generation).toBe('f({"a":1})');
  });

  test('the raw request below a LiteLLM call is no call', () => {
    expect(roleOf(makeSpan({ name: 'raw_gen_ai_request', attributes: CHAT }))).toBe('other');
  });
});
