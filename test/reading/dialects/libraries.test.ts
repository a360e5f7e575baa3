import { describe, expect, test } from 'vitest';
import { readLlmCall, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import { generationOf, promptOf } from '../../../src/records/calls/call-text.js';
import { makeSpan, type SpanSketch } from '../../support/span.js';

const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };

function read(sketch: SpanSketch & { readonly scope?: string }) {
  const call = readLlmCall(span(sketch));
  if (!call) throw new Error('not an LLM call');
  return { ...call, prompt: promptOf(call), generation: generationOf(call) };
}

function span({ scope = 'test', ...sketch }: SpanSketch & { readonly scope?: string }): SpanLike {
  return { ...makeSpan(sketch), instrumentationScope: { name: scope } };
}

function textMessage(role: string, content: string) {
  return JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
}

describe('OpenLLMetry', () => {
  test('OpenLLMetry numbered messages of Anthropic are read from their JSON of parts', () => {
    const call = read({
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

  test('OpenLLMetry JSON of parts that was cut keeps what is left', () => {
    const attributes = {
      'llm.request.type': 'chat',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': '[{"type":"text","text":"What is the capi',
    };
    expect(read({ attributes })).toMatchObject({ prompt: 'What is the capi', truncated: true });
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
    const attributes = { ...CHAT, 'gen_ai.input.messages': textMessage('user', JSON.stringify(input)) };
    const call = read({ scope: '@traceloop/instrumentation-openai', attributes });
    expect(call.prompt).toBe('Weather?');
    expect(call.inputMessages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(JSON.stringify(call)).not.toContain('AAAA');
  });

  test('an OpenLLMetry list that the user wrote stays text', () => {
    const attributes = { ...CHAT, 'gen_ai.input.messages': textMessage('user', '[{"name":"Rome"}]') };
    expect(read({ scope: '@traceloop/instrumentation-openai', attributes }).prompt).toBe('[{"name":"Rome"}]');
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
    expect(read({ scope, attributes }).usage.inputTokens).toBe(inputTokens);
  });

  test('OpenLLMetry cached tokens are added once, also if they exceed the input tokens', () => {
    const attributes = {
      ...CHAT,
      'gen_ai.usage.input_tokens': 33,
      'gen_ai.usage.cache_read.input_tokens': 1000,
    };
    expect(read({ scope: '@traceloop/instrumentation-anthropic', attributes }).usage.inputTokens).toBe(1033);
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
    const call = read({
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

describe('Laminar', () => {
  test('a Laminar span made by hand is read', () => {
    const attributes = {
      'lmnr.span.type': 'LLM',
      'lmnr.span.input': '[{"role":"user","content":"Why?"}]',
      'lmnr.span.output': '"Because."',
      'lmnr.association.properties.metadata.tier': 'gold',
    };
    expect(read({ attributes })).toMatchObject({
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
    const call = read({ attributes: { ...SENTRY, 'gen_ai.response.text': text } });
    expect(call.outputMessages.map(({ parts }) => parts)).toEqual(
      choices.map((choice) => [{ type: 'text', text: choice }]),
    );
  });

  test('dropped messages of a Sentry span are reported as truncated', () => {
    const attributes = { ...SENTRY, 'sentry.sdk_meta.gen_ai.input.messages.original_length': 5 };
    expect(read({ attributes })).toMatchObject({ prompt: 'Why?', truncated: true });
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

describe('Langtrace', () => {
  test('a Langtrace call has the service as provider, and its stream is recognised', () => {
    const call = read({
      attributes: { ...CHAT, 'langtrace.service.type': 'llm', 'langtrace.service.name': 'OpenAI' },
      events: [{ name: 'stream.start' }],
    });
    expect(call).toMatchObject({ dialect: 'langtrace', provider: 'openai', streaming: true });
  });

  test('a Langtrace span of a vector database is no call', () => {
    expect(roleOf(makeSpan({ attributes: { ...CHAT, 'langtrace.service.type': 'vectordb' } }))).toBe('other');
  });
});

describe('OpenLIT', () => {
  test('an OpenLIT chat span with tool names is a call, and its defaults are not set', () => {
    const call = read({
      attributes: {
        ...CHAT,
        'telemetry.sdk.name': 'openlit',
        'gen_ai.tool.name': 'f, g',
        'gen_ai.request.temperature': 1,
        'gen_ai.request.top_p': 0.5,
        'gen_ai.request.is_stream': true,
        userId: 'u-1',
        sessionId: 's-1',
        team: 'x',
      },
    });
    expect(call).toMatchObject({
      dialect: 'openlit',
      parameters: { topP: 0.5 },
      streaming: true,
      userId: 'u-1',
      threadId: 's-1',
      metadata: { team: 'x' },
    });
    expect(call.parameters).not.toHaveProperty('temperature');
  });
});

describe('Strands', () => {
  test('Strands times are milliseconds, and Strands is not the provider', () => {
    const call = read({
      attributes: {
        ...CHAT,
        'gen_ai.system': 'strands-agents',
        'gen_ai.server.time_to_first_token': 250,
        'gen_ai.usage.prompt_tokens': 42,
        'gen_ai.usage.input_tokens': 42,
      },
    });
    expect(call).toMatchObject({ dialect: 'strands', timeToFirstToken: 0.25, usage: { inputTokens: 42 } });
    expect(call).not.toHaveProperty('provider');
  });

  test('the cycle of a Strands agent is no call', () => {
    const events = [{ name: 'gen_ai.user.message', attributes: { content: '[{"text":"Why?"}]' } }];
    expect(readLlmCall(makeSpan({ attributes: { 'agent_loop.cycle_id': 'c' }, events }))).toBeUndefined();
  });
});

describe('Logfire', () => {
  const REQUEST =
    '{"model":"m","stream":true,"temperature":0.2,"messages":[{"role":"user","content":"Say \\"stream\\": true"}]}';
  const STREAMED = { ...CHAT, request_data: REQUEST, 'logfire.span_type': 'span' };

  test('a streamed Logfire call is counted once, with the duration of its answer', () => {
    const request = makeSpan({ attributes: STREAMED });
    const answer = makeSpan({
      durationMs: 0,
      attributes: {
        ...CHAT,
        request_data: REQUEST,
        'logfire.span_type': 'log',
        duration: 1.2,
        response_data: '{"combined_chunk_content":"Because.","chunk_count":3}',
      },
    });
    const calls = locateCalls([request, answer]).map(({ call }) => call);
    expect(calls).toMatchObject([
      { spanId: answer.spanContext().spanId, streaming: true, parameters: { temperature: 0.2 } },
    ]);
    expect((calls[0]?.endTimeMs ?? 0) - (calls[0]?.startTimeMs ?? 0)).toBeCloseTo(1200, 3);
  });

  test('a streamed Logfire call that failed before its answer is counted', () => {
    expect(read({ attributes: STREAMED, status: { code: 2, message: 'no' } }).error).toBeDefined();
  });

  test('message and usage of a Logfire call without a stream are read', () => {
    const call = read({
      attributes: {
        ...CHAT,
        'logfire.msg': 'x',
        request_data: '{"messages":[{"role":"user","content":"Say {\\"stream\\": true}"}]}',
        response_data:
          '{"message":{"role":"assistant","content":"Because."},"usage":{"prompt_tokens":3,"completion_tokens":2}}',
      },
    });
    expect(call).toMatchObject({
      prompt: 'Say {"stream": true}',
      generation: 'Because.',
      usage: { inputTokens: 3, outputTokens: 2 },
    });
  });

  test('a pending Logfire span is no call', () => {
    expect(roleOf(makeSpan({ attributes: { ...STREAMED, 'logfire.span_type': 'pending_span' } }))).toBe(
      'other',
    );
  });
});

describe('Pydantic AI', () => {
  test('the events of Pydantic AI version 1 are read', () => {
    const events = [
      { 'event.name': 'gen_ai.system.message', content: 'Be brief.', role: 'system' },
      { 'event.name': 'gen_ai.user.message', content: 'Why?', role: 'user' },
      { 'event.name': 'gen_ai.choice', index: 0, message: { role: 'assistant', content: 'Because.' } },
    ];
    const attributes = {
      ...CHAT,
      model_request_parameters: '{}',
      events: JSON.stringify(events),
      'gen_ai.usage.details.cache_read_tokens': 16,
    };
    expect(read({ attributes })).toMatchObject({
      dialect: 'pydantic_ai',
      prompt: 'Why?',
      generation: 'Because.',
      usage: { cacheReadTokens: 16 },
    });
  });

  test('a Pydantic AI agent is no call although it has all messages', () => {
    const attributes = {
      agent_name: 'a',
      model_name: 'm',
      'gen_ai.usage.input_tokens': 1,
      all_messages_events: '[]',
    };
    expect(roleOf(span({ scope: 'pydantic-ai', attributes }))).toBe('callBoundary');
  });
});

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
    expect(read({ name: 'litellm_request', attributes })).toMatchObject({
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
    const call = read({ name: 'litellm_request', attributes });
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
    expect(read({ name: 'litellm_request', attributes }).generation).toBe('f({"a":1})');
  });

  test('the raw request below a LiteLLM call is no call', () => {
    expect(roleOf(makeSpan({ name: 'raw_gen_ai_request', attributes: CHAT }))).toBe('other');
  });
});
