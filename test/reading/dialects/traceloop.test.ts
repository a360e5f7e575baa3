import { describe, expect, test } from 'vitest';
import { readLlmCall, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { CHAT, readSketch, textMessages } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('OpenLLMetry', () => {
  test('OpenLLMetry numbered messages of Anthropic are read from their JSON of parts', () => {
    const call = readSketch({
      attributes: {
        'llm.request.type': 'chat',
        'gen_ai.system': 'Anthropic',
        'gen_ai.prompt.0.role': 'user',
        'gen_ai.prompt.0.content': '[{"type":"tool_result","tool_use_id":"t0","content":"18"}]',
        'gen_ai.prompt.1.role': 'user',
        'gen_ai.prompt.1.content': '[{"type":"text","text":"And"},{"type":"text","text":"Oslo?"}]',
        'gen_ai.completion.0.role': 'assistant',
        'gen_ai.completion.0.finish_reason': 'tool_use',
        'gen_ai.completion.0.content':
          '[{"type":"text","text":"Let me look."},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]',
      },
    });
    expect(call).toMatchObject({
      dialect: 'traceloop',
      provider: 'anthropic',
      prompt: 'And\nOslo?',
      generation: 'Let me look.',
      finishReasons: ['tool_call'],
    });
    expect(call.outputMessages[0]?.parts[1]).toEqual({
      type: 'tool_call',
      id: 't1',
      name: 'f',
      arguments: { a: 1 },
    });
  });

  test('OpenLLMetry parameters under its own names are read, after those of the conventions', () => {
    const attributes = {
      ...CHAT,
      'llm.request.type': 'chat',
      'llm.top_k': 7,
      'gen_ai.request.frequency_penalty': 0.5,
      'llm.frequency_penalty': 0.1,
      'llm.presence_penalty': 0.2,
    };
    expect(readSketch({ attributes })).toMatchObject({
      dialect: 'traceloop',
      parameters: { topK: 7, frequencyPenalty: 0.5, presencePenalty: 0.2 },
    });
  });

  test('OpenLLMetry JSON of parts that was cut keeps what is left', () => {
    const attributes = {
      'llm.request.type': 'chat',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': '[{"type":"text","text":"What is the capi',
    };
    expect(readSketch({ attributes })).toMatchObject({ prompt: 'What is the capi', truncated: true });
  });

  test('OpenLLMetry input of the Responses API is decoded from its one text', () => {
    const input = [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Weather?' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
        ],
      },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: 'c1', output: '18' },
    ];
    const attributes = { ...CHAT, 'gen_ai.input.messages': textMessages('user', JSON.stringify(input)) };
    const call = readSketch({ scope: '@traceloop/instrumentation-openai', attributes });
    expect(call.prompt).toBe('Weather?');
    expect(call.inputMessages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(JSON.stringify(call)).not.toContain('AAAA');
  });

  test('an OpenLLMetry list that the user wrote stays text', () => {
    const attributes = { ...CHAT, 'gen_ai.input.messages': textMessages('user', '[{"name":"Rome"}]') };
    expect(readSketch({ scope: '@traceloop/instrumentation-openai', attributes }).prompt).toBe(
      '[{"name":"Rome"}]',
    );
  });

  test.each([
    ['@traceloop/instrumentation-anthropic', 43],
    ['@traceloop/instrumentation-openai', 33],
  ])('OpenLLMetry cached tokens are added to the input of %s: %i', (scope, inputTokens) => {
    const attributes = {
      ...CHAT,
      'gen_ai.usage.input_tokens': 33,
      'gen_ai.usage.cache_read.input_tokens': 10,
      'gen_ai.usage.cache_creation.input_tokens': 0,
    };
    expect(readSketch({ scope, attributes }).usage.inputTokens).toBe(inputTokens);
  });

  test('OpenLLMetry cached tokens are added once, also if they exceed the input tokens', () => {
    const attributes = {
      ...CHAT,
      'gen_ai.usage.input_tokens': 33,
      'gen_ai.usage.cache_read.input_tokens': 1000,
    };
    expect(readSketch({ scope: '@traceloop/instrumentation-anthropic', attributes }).usage.inputTokens).toBe(
      1033,
    );
  });

  test.each(['workflow', 'task', 'agent', 'tool'])(
    'an OpenLLMetry %s is no call, whatever it carries',
    (kind) => {
      const attributes = { ...CHAT, 'traceloop.span.kind': kind, 'llm.request.type': 'chat' };
      expect(readLlmCall(makeSpan({ attributes }))).toBeUndefined();
    },
  );

  test.each(['embedding', 'rerank'])('an OpenLLMetry request of type %s is no call', (type) => {
    const attributes = {
      'llm.request.type': type,
      'gen_ai.request.model': 'm',
      'gen_ai.prompt.0.content': 'x',
    };
    expect(roleOf(makeSpan({ attributes }))).toBe('other');
  });

  test('an OpenLLMetry completion has association properties and the prompt template', () => {
    const call = readSketch({
      attributes: {
        'llm.request.type': 'completion',
        'gen_ai.request.model': 'm',
        'gen_ai.prompt.0.content': 'Once upon',
        'gen_ai.completion.0.content': 'a time',
        'traceloop.association.properties.user_id': 'u-1',
        'traceloop.association.properties.tier': 'gold',
        'traceloop.prompt.key': 'story',
      },
    });
    expect(call).toMatchObject({
      operation: 'text_completion',
      prompt: 'Once upon',
      generation: 'a time',
      userId: 'u-1',
      metadata: { tier: 'gold' },
      promptTemplate: 'story',
    });
  });
});
