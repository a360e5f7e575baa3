import { describe, expect, test } from 'vitest';
import { readLlmCall, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import type { SpanEventLike } from '../../../src/reading/model/span-like.js';
import { promptOf, generationOf } from '../../../src/records/calls/call-text.js';
import { makeSpan } from '../../support/span.js';

const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'openai', 'gen_ai.request.model': 'm' };
const ASKED = JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Why?' }] }]);

function read(attributes: Record<string, unknown>, events: readonly SpanEventLike[] = []) {
  const call = readLlmCall(makeSpan({ attributes: { ...CHAT, ...attributes }, events }));
  if (!call) throw new Error('not an LLM call');
  return { ...call, prompt: promptOf(call), generation: generationOf(call) };
}

function event(name: string, attributes: Record<string, unknown>): SpanEventLike {
  return { name, attributes };
}

describe('GenAI conventions', () => {
  test.each([
    [
      'messages as attributes',
      {
        'gen_ai.input.messages': ASKED,
        'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":"Because."}]}]',
      },
    ],
    [
      'numbered attributes',
      {
        'gen_ai.prompt.0.role': 'user',
        'gen_ai.prompt.0.content': 'Why?',
        'gen_ai.completion.0.content': 'Because.',
      },
    ],
    [
      'JSON attributes',
      {
        'gen_ai.prompt': '[{"role":"user","content":"Why?"}]',
        'gen_ai.completion': '[{"role":"assistant","content":"Because."}]',
      },
    ],
    ['plain text attributes', { 'gen_ai.prompt': 'Why?', 'gen_ai.completion': 'Because.' }],
    [
      'a request and a response as JSON',
      {
        'gen_ai.prompt': '{"messages":[{"role":"user","content":"Why?"}]}',
        'gen_ai.completion': '{"choices":[{"message":{"role":"assistant","content":"Because."}}]}',
      },
    ],
    [
      'what Sentry wrote first',
      { 'gen_ai.request.messages': '[{"role":"user","content":"Why?"}]', 'gen_ai.response.text': 'Because.' },
    ],
    ['the names of OpenInference', { 'input.value': 'Why?', 'output.value': 'Because.' }],
  ])('the conversation is found in %s', (_form, attributes) => {
    expect(read(attributes)).toMatchObject({ prompt: 'Why?', generation: 'Because.', truncated: false });
  });

  test.each([
    [
      'message events with JSON (Azure)',
      [
        event('gen_ai.user.message', { 'gen_ai.event.content': '{"content":"Why?"}' }),
        event('gen_ai.choice', {
          'gen_ai.event.content': '{"index":0,"finish_reason":"stop","message":{"content":"Because."}}',
        }),
      ],
    ],
    [
      'message events with attributes (Strands)',
      [
        event('gen_ai.user.message', { content: '[{"text":"Why?"}]' }),
        event('gen_ai.choice', { finish_reason: 'end_turn', message: '[{"text":"Because."}]' }),
      ],
    ],
    [
      'message events with structured bodies (log records)',
      [
        event('gen_ai.user.message', { 'gen_ai.event.content': { content: 'Why?' } }),
        event('gen_ai.choice', {
          'gen_ai.event.content': { index: 0, finish_reason: 'stop', message: { content: 'Because.' } },
        }),
      ],
    ],
    [
      'content events',
      [
        event('gen_ai.content.prompt', { 'gen_ai.prompt': '[{"role":"user","content":"Why?"}]' }),
        event('gen_ai.content.completion', {
          'gen_ai.completion': '[{"role":"assistant","content":"Because.","finish_reason":"stop"}]',
        }),
      ],
    ],
    [
      'several details events',
      [
        event('gen_ai.client.inference.operation.details', { 'gen_ai.input.messages': ASKED }),
        event('gen_ai.client.inference.operation.details', {
          'gen_ai.output.messages': [
            { role: 'assistant', parts: [{ type: 'text', content: 'Because.' }], finish_reason: 'stop' },
          ],
        }),
      ],
    ],
  ])('the conversation is found in %s', (_form, events) => {
    expect(read({}, events)).toMatchObject({
      prompt: 'Why?',
      generation: 'Because.',
      finishReasons: ['stop'],
    });
  });

  test('an empty list of messages means that they were recorded elsewhere', () => {
    const details = event('gen_ai.client.inference.operation.details', { 'gen_ai.input.messages': ASKED });
    expect(read({ 'gen_ai.input.messages': '[]' }, [details]).prompt).toBe('Why?');
  });

  test('details events fill in what a GenAI span lacks', () => {
    const call = read({}, [
      event('gen_ai.client.inference.operation.details', {
        'gen_ai.response.model': 'm-1',
        'gen_ai.request.model': 'other',
      }),
    ]);
    expect(call).toMatchObject({ requestModel: 'm', responseModel: 'm-1' });
  });

  test('message events keep tool calls, their results and the order of choices', () => {
    const call = read({}, [
      event('gen_ai.user.message', { content: 'Weather?' }),
      event('gen_ai.assistant.message', {
        'gen_ai.event.content':
          '{"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}]}',
      }),
      event('gen_ai.tool.message', { 'gen_ai.event.content': '{"id":"c1","content":"{\\"t\\":18}"}' }),
      event('gen_ai.choice', { 'gen_ai.event.content': '{"index":1,"message":{"content":"second"}}' }),
      event('gen_ai.choice', {
        'gen_ai.event.content':
          '{"index":0,"message":{"toolCalls":[{"id":"c2","type":"function","function":{"name":"g","arguments":"no json"}}]}}',
      }),
    ]);
    expect(call.inputMessages.slice(1)).toEqual([
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'f', arguments: { a: 1 } }] },
      { role: 'tool', parts: [{ type: 'tool_result', id: 'c1', result: '{"t":18}' }] },
    ]);
    expect(call.prompt).toBe('Weather?');
    expect(call.outputMessages.map(({ parts }) => parts)).toEqual([
      [{ type: 'tool_call', id: 'c2', name: 'g', arguments: 'no json' }],
      [{ type: 'text', text: 'second' }],
    ]);
  });

  test('tool results of Strands are not taken for user text', () => {
    const call = read({}, [
      event('gen_ai.user.message', { content: '[{"text":"Weather?"}]' }),
      event('gen_ai.assistant.message', {
        content: '[{"toolUse":{"toolUseId":"t1","name":"f","input":{"a":1}}}]',
      }),
      event('gen_ai.user.message', {
        content: '[{"toolResult":{"toolUseId":"t1","content":[{"text":"18"}]}}]',
      }),
      event('gen_ai.choice', {
        finish_reason: 'toolUse',
        message: '[{"type":"toolUse","name":"g","toolUseId":"t2","input":{}}]',
      }),
    ]);
    expect(call.prompt).toBe('Weather?');
    expect(call.outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', id: 't2', name: 'g', arguments: {} },
    ]);
    expect(call.finishReasons).toEqual(['tool_call']);
  });

  test.each(['{"answer":42}', '[{"city":"Rome"}]', '{not json}', '[see the docs](x)'])(
    'a GenAI answer that is or looks like JSON stays text: %s',
    (answer) => {
      expect(read({ 'gen_ai.completion': answer }).generation).toBe(answer);
      expect(read({ 'gen_ai.completion.0.content': answer }).generation).toBe(answer);
      expect(read({}, [event('gen_ai.choice', { message: answer })]).generation).toBe(answer);
    },
  );

  test.each(['', '[]', '__REDACTED__'])('content of %j counts as not recorded', (hidden) => {
    const call = read({
      'gen_ai.input.messages': hidden,
      'gen_ai.output.messages': hidden,
      'gen_ai.prompt.0.content': hidden,
    });
    expect(call.prompt).toBe('');
    expect(call.generation).toBe('');
  });

  test('cut GenAI content is reported, and a piece of JSON is never the prompt', () => {
    const cut = JSON.stringify([
      { role: 'user', parts: [{ type: 'text', content: 'First question' }] },
      { role: 'user', parts: [{ type: 'text', content: 'Second question' }] },
    ]).slice(0, 70);
    expect(read({ 'gen_ai.input.messages': cut })).toMatchObject({
      prompt: 'First question',
      truncated: true,
    });
    expect(read({ 'gen_ai.prompt': '{"messages":[{"role":"us' })).toMatchObject({
      prompt: '[truncated]',
      truncated: true,
    });
    const azure = event('gen_ai.user.message', { 'gen_ai.event.content': '{"content":"What is the cap' });
    expect(read({}, [azure])).toMatchObject({ prompt: 'What is the cap', truncated: true });
  });

  test('a span with dropped attributes is reported as truncated', () => {
    const span = {
      ...makeSpan({ attributes: { ...CHAT, 'gen_ai.input.messages': ASKED } }),
      droppedAttributesCount: 2,
    };
    expect(readLlmCall(span)?.truncated).toBe(true);
  });

  test('a system prompt that stands in two places is counted once', () => {
    const call = read({
      'gen_ai.system_instructions': '[{"type":"text","content":"Be brief."}]',
      'gen_ai.input.messages':
        '[{"role":"system","parts":[{"type":"text","content":"Be brief."}]},{"role":"user","parts":[{"type":"text","content":"Why?"}]}]',
    });
    expect(call.systemInstructions).toEqual([]);
    expect(read({ 'gen_ai.system_instructions': 'Be brief.' }).systemInstructions).toEqual([
      { type: 'text', text: 'Be brief.' },
    ]);
  });

  test.each([
    [['tool_calls'], ['tool_call']],
    ['["stop"]', ['stop']],
    ['toolUse', ['tool_call']],
    ['stop, length', ['stop', 'length']],
    ['end_turn', ['stop']],
  ])('the finish reasons %j are normalised', (written, expected) => {
    expect(read({ 'gen_ai.response.finish_reasons': written }).finishReasons).toEqual(expected);
  });

  test('token counts are read once under any name, and only if they are numbers', () => {
    const both = {
      'gen_ai.usage.input_tokens': 42,
      'gen_ai.usage.prompt_tokens': 42,
      'gen_ai.usage.output_tokens': '9',
    };
    expect(read(both).usage).toEqual({ inputTokens: 42, outputTokens: 9 });
    expect(
      read({ 'gen_ai.usage.input_tokens': Number.NaN, 'gen_ai.usage.completion_tokens': 3 }).usage,
    ).toEqual({ outputTokens: 3 });
  });

  test.each([
    [
      'more cached tokens than input',
      { input_tokens: 33, 'cache_read.input_tokens': 1000 },
      { inputTokens: 1033 },
    ],
    [
      'a total of all three',
      { input_tokens: 33, output_tokens: 6, 'cache_read.input_tokens': 10, total_tokens: 49 },
      { inputTokens: 43, totalTokens: 49 },
    ],
    [
      'an inclusive count',
      { input_tokens: 42, output_tokens: 9, 'cache_read.input_tokens': 16, total_tokens: 51 },
      { inputTokens: 42, totalTokens: 51 },
    ],
  ])('input tokens are made inclusive: %s', (_what, counts, expected) => {
    const attributes = Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [`gen_ai.usage.${name}`, count]),
    );
    expect(read(attributes).usage).toMatchObject(expected);
  });

  test.each([
    ['Azure', { 'gen_ai.system': 'az.ai.inference' }, 'az.ai.inference'],
    ['AI SDK', { 'gen_ai.system': 'openai.chat' }, 'openai'],
    ['Traceloop', { 'gen_ai.system': 'OpenAI' }, 'openai'],
    ['a framework', { 'gen_ai.system': 'langchain' }, undefined],
    ['the present name', { 'gen_ai.system': 'x', 'gen_ai.provider.name': 'aws.bedrock' }, 'aws.bedrock'],
  ])('the provider is normalised as %s writes it', (_who, attributes, provider) => {
    expect(read(attributes).provider).toBe(provider);
  });

  test('streaming and the time to the first token are read in seconds', () => {
    const call = read({ 'gen_ai.client.operation.time_to_first_chunk': 0.25 });
    expect(call).toMatchObject({ streaming: true, timeToFirstToken: 0.25 });
    expect(read({ 'llm.is_streaming': 'False' }).streaming).toBe(false);
  });

  test("the error message is the exception's, never Azure's [object Object]", () => {
    const status = { code: 2, message: '[object Object]' };
    const exception = event('exception', {
      'exception.type': 'RestError',
      'exception.message': 'too many requests',
    });
    expect(readLlmCall(makeSpan({ attributes: CHAT, status, events: [exception] }))?.error).toEqual({
      type: 'RestError',
      message: 'too many requests',
    });
    expect(readLlmCall(makeSpan({ attributes: CHAT, status }))?.error).toEqual({ type: '_OTHER' });
  });

  test('an exception event is a failure although the status is OK', () => {
    const call = readLlmCall(
      makeSpan({ attributes: CHAT, status: { code: 1 }, events: [event('exception', {})] }),
    );
    expect(call?.error).toEqual({ type: '_OTHER' });
  });

  test('a GenAI call keeps no binary content', () => {
    const image = {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    };
    const call = read({ 'gen_ai.input.messages': JSON.stringify([image]) });
    expect(call.prompt).toBe('What is it?');
    expect(JSON.stringify(call)).not.toContain('AAAA');
  });

  test.each([
    'chat',
    'text_completion',
    'completion',
    'generate_content',
    'generate',
    'response',
    'responses',
    'chat.completions',
  ])('the operation %s is an LLM call', (operation) => {
    expect(roleOf(makeSpan({ attributes: { 'gen_ai.operation.name': operation } }))).toBe('llm');
  });

  test.each([
    'embeddings',
    'retrieval',
    'rerank',
    'execute_tool',
    'invoke_agent',
    'create_agent',
    'invoke_workflow',
    'plan',
    'agent_step',
    'model_chunk',
    'model_generation',
    'chain',
    'decide',
  ])('the operation %s is no LLM call, whatever else the span has', (operation) => {
    const attributes = {
      'gen_ai.operation.name': operation,
      'gen_ai.request.model': 'm',
      'gen_ai.input.messages': ASKED,
      'gen_ai.usage.input_tokens': 1,
    };
    expect(roleOf(makeSpan({ attributes }))).not.toBe('llm');
  });
});

describe('GenAI conventions without an operation name', () => {
  test.each([
    ['events', {}, [event('gen_ai.content.prompt', { 'gen_ai.prompt': 'Why?' })]],
    ['numbered attributes', { 'gen_ai.prompt.0.content': 'Why?' }, []],
    [
      'flattened messages',
      { 'llm.input_messages.0.message.role': 'user', 'llm.input_messages.0.message.content': 'Why?' },
      [],
    ],
  ])(
    'a model and messages or counts in %s are an LLM call without an operation',
    (_where, attributes, events) => {
      const call = readLlmCall(
        makeSpan({ attributes: { 'gen_ai.request.model': 'm', ...attributes }, events }),
      );
      expect(call && promptOf(call)).toBe('Why?');
    },
  );

  test.each([
    ['a model alone', {}],
    ['a tool', { 'gen_ai.usage.input_tokens': 1, 'gen_ai.tool.name': 'f' }],
    ['an agent', { 'gen_ai.usage.input_tokens': 1, 'gen_ai.agent.name': 'a' }],
    ['an agent of Pydantic AI', { 'gen_ai.usage.input_tokens': 1, model_name: 'm' }],
  ])('without an operation, %s is no LLM call', (_what, attributes) => {
    expect(
      readLlmCall(makeSpan({ attributes: { 'gen_ai.request.model': 'm', ...attributes } })),
    ).toBeUndefined();
  });
});

describe('operations and kinds of span that libraries write', () => {
  test.each([
    [
      'chat CHAT Chat chat_completion chat.streaming_completions responses.create messages llm_call inference',
      'llm',
    ],
    ['process_thread_run text-completion Completions generateText generate_object stream_text', 'llm'],
    ['invoke_agent INVOKE_AGENT agent_call', 'agent'],
    ['execute_tool create_agent invoke_workflow plan EXECUTE_TOOL', 'callBoundary'],
    ['embeddings rerank moderation generate_image evaluate chatbot_lookup list_messages', 'other'],
  ])('the operations %s have the role %s', (operations, role) => {
    for (const operation of operations.split(' '))
      expect([
        operation,
        roleOf(makeSpan({ attributes: { ...CHAT, 'gen_ai.operation.name': operation } })),
      ]).toEqual([operation, role]);
  });

  test.each([
    ['LLM', 'llm'],
    ['llm', 'llm'],
    ['AGENT', 'agent'],
    ['TOOL', 'callBoundary'],
    ['EMBEDDING', 'other'],
    ['RERANKER', 'other'],
    ['RETRIEVER', 'other'],
    ['GUARDRAIL', 'other'],
    ['TASK', 'other'],
    ['CHAIN', 'other'],
  ])('a span with a model and messages and a kind of %s has the role %s', (kind, role) => {
    for (const name of ['gen_ai.span.kind', 'fi.span.kind', 'agentops.span.kind']) {
      const attributes = { [name]: kind, 'llm.model_name': 'm', 'gen_ai.prompt': 'Why?' };
      expect([name, roleOf(makeSpan({ attributes }))]).toEqual([name, role]);
    }
  });

  test('a kind decides only where the operation does not', () => {
    const roleWith = (kind: string, operation: string): unknown =>
      roleOf(makeSpan({ attributes: { 'gen_ai.span.kind': kind, 'gen_ai.operation.name': operation } }));
    expect(roleWith('CHAIN', 'chat')).toBe('llm');
    expect(roleWith('LLM', 'ask_oracle')).toBe('llm');
    expect(roleWith('AGENT', 'execute_tool')).toBe('callBoundary');
  });

  test('a call of Dify is read with its person, conversation and model', () => {
    const attributes = {
      'gen_ai.span.kind': 'LLM',
      'gen_ai.framework': 'dify',
      'gen_ai.session.id': 's-1',
      'gen_ai.user.id': 'u-1',
      'gen_ai.model_name': 'gpt-4o',
      'gen_ai.usage.input_tokens': '10',
      'gen_ai.prompt': '[{"role":"system","text":"Be brief."},{"role":"user","text":"Why?","files":[]}]',
      'gen_ai.completion': 'Because.',
    };
    const call = readLlmCall(makeSpan({ attributes }));
    expect(call && { ...call, prompt: promptOf(call), generation: generationOf(call) }).toMatchObject({
      userId: 'u-1',
      threadId: 's-1',
      requestModel: 'gpt-4o',
      usage: { inputTokens: 10 },
      prompt: 'Why?',
      generation: 'Because.',
    });
  });

  test.each([
    [
      "Cloudflare's AI gateway",
      {
        'gen_ai.request.model': 'm',
        'gen_ai.model.provider': 'openai',
        'gen_ai.usage.input_tokens': 4,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.prompt_json': '[{"role":"user","content":"Why?"}]',
        'gen_ai.completion_json': '[{"role":"assistant","content":"Because."}]',
      },
    ],
    [
      'Future AGI',
      {
        'fi.span.kind': 'LLM',
        'llm.provider': 'openai',
        'gen_ai.request.model': 'm',
        'gen_ai.system': 'openai',
        'llm.token_count.prompt': 4,
        'llm.token_count.completion': 5,
        'gen_ai.input.messages.0.message.role': 'user',
        'gen_ai.input.messages.0.message.content': 'Why?',
        'gen_ai.output.messages.0.message.role': 'assistant',
        'gen_ai.output.messages.0.message.content': 'Because.',
      },
    ],
    [
      'numbered messages',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'm',
        'gen_ai.usage.input_tokens': 4,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.input.messages.0.role': 'user',
        'gen_ai.input.messages.0.content': 'Why?',
        'gen_ai.output.messages.0.role': 'assistant',
        'gen_ai.output.messages.0.content': 'Because.',
      },
    ],
    [
      'OpenLLMetry before it wrote gen_ai',
      {
        'llm.request.type': 'chat',
        'llm.vendor': 'OpenAI',
        'llm.request.model': 'm',
        'llm.usage.prompt_tokens': 4,
        'llm.usage.completion_tokens': 5,
        'llm.prompts.0.role': 'user',
        'llm.prompts.0.content': 'Why?',
        'llm.completions.0.content': 'Because.',
      },
    ],
  ])('a call of %s is read', (_writer, attributes) => {
    const call = readLlmCall(makeSpan({ attributes }));
    expect(call && { ...call, prompt: promptOf(call), generation: generationOf(call) }).toMatchObject({
      provider: 'openai',
      requestModel: 'm',
      usage: { inputTokens: 4, outputTokens: 5 },
      prompt: 'Why?',
      generation: 'Because.',
    });
  });

  test('token counts may be bigints', () => {
    expect(read({ 'gen_ai.usage.input_tokens': 7n }).usage).toEqual({ inputTokens: 7 });
  });
});

describe('answers in message events', () => {
  const asked = event('gen_ai.user.message', { 'gen_ai.event.content': '{"content":"Why?"}' });

  test.each([
    ['a text (Azure AI Projects)', '{"text":"Because."}', 'Because.'],
    ['parts', '{"content":[{"type":"text","text":"Because."}]}', 'Because.'],
    ['a value (Azure AI Agents)', '{"content":{"text":{"value":"Because."}},"role":"assistant"}', 'Because.'],
    [
      'a nested tool call (Azure AI Projects)',
      '{"content":[{"type":"tool_call","tool_call":{"type":"function","id":"1","function":{"name":"f","arguments":"{}"}}}]}',
      'f({})',
    ],
  ])(
    'the last assistant messages are the answer where there is no choice: %s',
    (_form, content, generation) => {
      const answer = event('gen_ai.assistant.message', { 'gen_ai.event.content': content });
      const earlier = [
        asked,
        event('gen_ai.assistant.message', { 'gen_ai.event.content': '{"text":"Earlier."}' }),
      ];
      const call = read({}, [...earlier, asked, answer]);
      expect(call).toMatchObject({ prompt: 'Why?', generation });
      expect(call.inputMessages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    },
  );

  test('an assistant message stays input where there is a choice', () => {
    const prefill = event('gen_ai.assistant.message', { 'gen_ai.event.content': '{"content":"Be"}' });
    const choice = event('gen_ai.choice', { 'gen_ai.event.content': '{"message":{"content":"cause."}}' });
    const call = read({}, [asked, prefill, choice]);
    expect(call.generation).toBe('cause.');
    expect(call.inputMessages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });
});

test.each([
  ['embeddings.create', 'm'],
  ['moderations.create', 'm'],
  ['images.generate', 'm'],
  ['image.generate', 'm'],
  ['audio.transcriptions.create', 'm'],
  ['countTokens', 'm'],
  ['POST', 'text-embedding-3-small'],
  ['POST', 'cohere/rerank-v3.5'],
  ['POST', 'omni-moderation-latest'],
  ['POST', 'whisper-1'],
  ['POST', 'tts-1-hd'],
])(
  'without an operation, the span %s of the model %s is no call, although it has an input',
  (name, model) => {
    const attributes = { 'gen_ai.system': 'openai', 'gen_ai.request.model': model, 'gen_ai.prompt': 'Why?' };
    expect(roleOf(makeSpan({ name, attributes }))).toBe('other');
    expect(
      roleOf(
        makeSpan({ name: 'describe-image', attributes: { ...attributes, 'gen_ai.request.model': 'm' } }),
      ),
    ).toBe('llm');
  },
);

test.each([
  ['a kind that is unknown', { 'agentops.span.kind': 'llm.call' }, 'x', 'm'],
  ['a kind of another sort', { 'gen_ai.span.kind': 'CHAIN' }, 'x', 'm'],
  ['a model that is tuned for moderation', {}, 'x', 'ft:gpt-4o-mini:acme:content-moderation:9x'],
  ['a model for embedded systems', {}, 'x', 'acme/embedded-coder-7b'],
  ['a name about images', {}, 'images.describe', 'gpt-4o'],
])('a span with question and answer is a call, also with %s', (_title, kind, name, model) => {
  const attributes = {
    ...kind,
    'gen_ai.request.model': model,
    'gen_ai.prompt.0.role': 'user',
    'gen_ai.prompt.0.content': 'Why?',
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.content': 'Because.',
  };
  expect(roleOf(makeSpan({ name, attributes }))).toBe('llm');
  const { 'gen_ai.completion.0.role': _role, 'gen_ai.completion.0.content': _content, ...asked } = attributes;
  expect(roleOf(makeSpan({ name, attributes: asked }))).toBe('other');
});

test('of an output that repeats the conversation, the answer is all that is said after the last question', () => {
  const output = (...messages: object[]) => read({ 'gen_ai.output.messages': JSON.stringify(messages) });
  const says = (content: string): object => ({ role: 'assistant', content });
  const asks = { role: 'user', content: 'Why?' };
  expect(output(says('earlier'), asks, says('The answer.'), says('')).generation).toBe('The answer.');
  const call = { type: 'tool_call', id: 'c1', name: 'look', arguments: {} };
  const withTool = output(
    asks,
    { role: 'assistant', parts: [call] },
    { role: 'tool', content: 'x' },
    says('Done.'),
  );
  expect(withTool.outputMessages.map(({ parts }) => parts.map(({ type }) => type))).toEqual([
    ['tool_call', 'text'],
  ]);
});

test('words that are spoken and written stand in an answer once', () => {
  const answer = { role: 'assistant', content: 'Bonjour', audio: { transcript: 'Bonjour' } };
  expect(read({ 'gen_ai.output.messages': JSON.stringify([answer]) }).generation).toBe('Bonjour');
});

test('a conversation that somebody has set by hand comes before the session of a library', () => {
  const ids = { 'gen_ai.session.id': 'of the library', 'langfuse.trace.metadata.thread_id': 'mine' };
  expect(read(ids).threadId).toBe('mine');
});
