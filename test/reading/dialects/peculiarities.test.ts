import { describe, expect, test } from 'vitest';
import { normaliseFinishReason } from '../../../src/reading/fields/finish-reason.js';
import { readIdentity } from '../../../src/reading/fields/identity.js';
import { readLlmCall, readSpan } from '../../../src/reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { generationOf, promptOf } from '../../../src/records/calls/call-text.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';

type Attributes = Record<string, unknown>;

function read(attributes: Attributes, more: Partial<SpanLike> = {}, ancestors: readonly SpanLike[] = []) {
  const call = readLlmCall({ ...makeSpan({ attributes }), ...more }, ancestors);
  if (!call) throw new Error('not an LLM call');
  return { ...call, prompt: promptOf(call), generation: generationOf(call) };
}

const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const LANGSMITH = { 'langsmith.span.kind': 'llm' };

function readAnswer(answer: unknown) {
  return read({ ...LANGSMITH, 'gen_ai.prompt': 'Q', 'gen_ai.completion': JSON.stringify(answer) });
}

describe('types that providers add', () => {
  const MESSAGE = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Rome' }] };

  test('items of an unknown type do not turn the other items into text', () => {
    const output = [{ type: 'telepathy', id: 't1' }, { type: 'reasoning', summary: [] }, MESSAGE];
    expect(readAnswer({ object: 'response', output }).generation).toBe('Rome');
    expect(readAnswer(output).generation).toBe('Rome');
  });

  test('a body with items of an unknown type does not become text', () => {
    const output = [{ type: 'telepathy', id: 't1' }];
    expect(readAnswer({ object: 'response', output }).generation).toBe('');
    expect(readAnswer({ output }).generation).toBe('');
  });

  test('an answer in a schema of the user stays as it is', () => {
    const answers = [
      { output: ['Rome'] },
      [{ type: 'city', name: 'Rome' }],
      [{ type: 'phone_call', to: 'x' }],
    ];
    for (const answer of answers) expect(readAnswer(answer).generation).toBe(JSON.stringify(answer));
  });

  test('items of a provider tool with a name are tool calls', () => {
    const call = { type: 'custom_tool_call', call_id: 'c1', name: 'w', input: 'raw' };
    expect(readAnswer({ object: 'response', output: [call] }).generation).toBe('w(raw)');
  });

  test.each([
    [
      [
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        { type: 'web_search_tool_result', tool_use_id: 's', content: [{ type: 'web_search_result' }] },
        { type: 'text', text: 'Rome' },
      ],
    ],
    [
      [
        { type: 'text', text: 'Rome' },
        { type: 'telepathy', id: 'x' },
      ],
    ],
  ])('parts of an unknown type do not turn the other parts into text: %j', (parts) => {
    const attributes = {
      'llm.request.type': 'chat',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': JSON.stringify(parts),
    };
    expect(read(attributes).generation).toBe('Rome');
  });

  test('items of an unknown type do not turn a conversation into text', () => {
    const input = [
      { role: 'user', content: 'Capital?' },
      { type: 'item_reference', id: 'x' },
    ];
    const messages = [{ role: 'user', parts: [{ type: 'text', content: JSON.stringify(input) }] }];
    const attributes = { ...CHAT, 'gen_ai.input.messages': JSON.stringify(messages) };
    const call = read(attributes, { instrumentationScope: { name: '@traceloop/instrumentation-openai' } });
    expect(call.prompt).toBe('Capital?');
  });
});

describe('Logfire', () => {
  const LOGFIRE = {
    ...CHAT,
    'logfire.msg': 'x',
    'logfire.span_type': 'span',
    request_data: '{"model":"m","stream":false}',
  };

  test('Logfire events of the Responses API are read', () => {
    const events = [
      { 'event.name': 'gen_ai.user.message', content: 'Capital?', role: 'user' },
      { 'event.name': 'gen_ai.choice', index: 0, message: { role: 'assistant', content: 'Rome' } },
    ];
    const call = read({ ...LOGFIRE, events: JSON.stringify(events) });
    expect(call).toMatchObject({ dialect: 'logfire', prompt: 'Capital?', generation: 'Rome' });
  });

  test('a Logfire request without a conversation has no question', () => {
    expect(read(LOGFIRE).inputMessages).toEqual([]);
  });
});

describe('Mastra', () => {
  test('a Mastra call without text takes the text of its step', () => {
    const output = { text: 'Let me look.', toolCalls: [{ payload: { toolName: 'f', args: {} } }] };
    const step = makeSpan({
      attributes: {
        'mastra.span.type': 'model_step',
        'mastra.model_step.input': '[{"role":"user","content":"Q"}]',
        'mastra.model_step.output': JSON.stringify(output),
      },
    });
    const call = read({ ...CHAT, 'mastra.span.type': 'model_inference' }, {}, [step]);
    expect(call.generation).toBe('Let me look.');
    expect(call.outputMessages[0]?.parts).toHaveLength(2);
  });
});

describe('Genkit', () => {
  test('Genkit reasoning and data are kept', () => {
    const content = [{ reasoning: 'Hm.' }, { data: { city: 'Rome' } }];
    const call = read({
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

describe('an answer that looks like something else', () => {
  const SENTRY = { ...CHAT, 'sentry.op': 'gen_ai.chat', 'gen_ai.response.text': '["Rome","Milan"]' };

  test('a JSON list is one text on a Sentry stream, and one choice for each text elsewhere', () => {
    expect(read({ ...SENTRY, 'gen_ai.response.streaming': true }).generation).toBe('["Rome","Milan"]');
    expect(read(SENTRY).outputMessages).toHaveLength(2);
  });

  test('a list of texts is one choice for each text', () => {
    const call = read({ ...CHAT, 'gen_ai.output.messages': '["Rome","Milan"]' });
    expect(call.outputMessages.map((message) => message.parts)).toEqual([
      [{ type: 'text', text: 'Rome' }],
      [{ type: 'text', text: 'Milan' }],
    ]);
  });

  test.each(['"Rome" it is', '"Rome, she said'])(
    'an answer that begins with a quotation mark stays the text %s',
    (text) => {
      const call = read({ ...SENTRY, 'gen_ai.response.text': text });
      expect(call).toMatchObject({ generation: text, truncated: false });
      const completion = read({ ...CHAT, 'gen_ai.completion': text });
      expect(completion).toMatchObject({ generation: text, truncated: false });
    },
  );

  test('the answer is the AI SDK object if the text beside it is empty', () => {
    const attributes = { 'ai.operationId': 'ai.generateObject.doGenerate', 'ai.response.text': '' };
    expect(read({ ...attributes, 'ai.response.object': '{"a":1}' }).generation).toBe('{"a":1}');
  });
});

test('AI SDK tool calls that were cut are reported as truncated', () => {
  const calls = '[{"toolCallId":"c","toolName":"f","input":{"a":"b';
  const attributes = { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.response.toolCalls': calls };
  expect(read(attributes).truncated).toBe(true);
});

describe('token counts', () => {
  test('Langtrace counts of a stream are dropped, because they are estimates', () => {
    const attributes = { ...CHAT, 'langtrace.service.type': 'llm', 'gen_ai.usage.input_tokens': 3 };
    expect(read(attributes).usage).toEqual({ inputTokens: 3 });
    expect(read(attributes, { events: [{ name: 'stream.start' }] }).usage).toEqual({});
  });

  test("cached tokens are added to the input of Anthropic's own body", () => {
    const usage = {
      input_tokens: 100,
      output_tokens: 5,
      cache_read_input_tokens: 10,
      cache_creation_input_tokens: 20,
    };
    const body = { role: 'assistant', content: 'Rome', usage };
    expect(readAnswer(body).usage).toMatchObject({ inputTokens: 130, outputTokens: 5 });
    const detailed = { ...body, usage: { ...usage, input_token_details: { cache_read: 10 } } };
    expect(readAnswer(detailed).usage).toMatchObject({ inputTokens: 100 });
  });

  const ADK = { ...CHAT, 'gen_ai.operation.name': 'generate_content', 'gen_ai.usage.output_tokens': 4 };
  const REQUEST = '{"contents":[{"role":"user","parts":[{"text":"Q"}]}]}';

  test.each([
    {
      usageMetadata: {
        promptTokenCount: 3,
        candidatesTokenCount: 4,
        thoughtsTokenCount: 6,
        totalTokenCount: 13,
      },
    },
    {
      usage_metadata: {
        prompt_token_count: 3,
        candidates_token_count: 4,
        thoughts_token_count: 6,
        total_token_count: 13,
      },
    },
  ])('Google ADK counts contain the thoughts: %j', (body) => {
    const call = read({
      ...ADK,
      'gcp.vertex.agent.llm_request': REQUEST,
      'gcp.vertex.agent.llm_response': JSON.stringify({
        content: { role: 'model', parts: [{ text: 'A' }] },
        ...body,
      }),
    });
    expect(call.usage).toMatchObject({ inputTokens: 3, outputTokens: 10, totalTokens: 13 });
  });

  test('a Google ADK notice in place of content is no prompt', () => {
    const notice = '<not serializable>';
    const attributes = { 'gcp.vertex.agent.llm_request': notice, 'gcp.vertex.agent.llm_response': notice };
    expect(read({ ...ADK, ...attributes })).toMatchObject({ prompt: '', generation: '' });
  });

  test('Google ADK thoughts that were cut before their text are no part', () => {
    const response = '{"content":{"role":"model","parts":[{"text":"A"},{"thought":true,"text":"';
    const attributes = { 'gcp.vertex.agent.llm_request': REQUEST, 'gcp.vertex.agent.llm_response': response };
    expect(read({ ...ADK, ...attributes }).outputMessages[0]?.parts).toEqual([{ type: 'text', text: 'A' }]);
  });
});

test.each([
  ['maxTokens', 'length'],
  ['stopSequence', 'stop'],
  ['contentFiltered', 'content_filter'],
  ['guardrailIntervened', 'content_filter'],
  ['toolCalls', 'tool_call'],
  ['ToolCalls', 'tool_call'],
  ['tool-calls', 'tool_call'],
  ['blocked', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['Pause Turn', 'pause_turn'],
])('the finish reason %s is normalised', (written, reason) => {
  expect(normaliseFinishReason(written)).toBe(reason);
});

describe('identity', () => {
  test.each([
    [{ 'traceloop.association.properties.conversationId': 't' }, { threadId: 't' }],
    [{ 'lmnr.association.properties.chatId': 't' }, { threadId: 't' }],
    [{ 'ai.telemetry.metadata.session.id': 't' }, { threadId: 't' }],
    [{ 'ai.settings.context.session.id': 't' }, { threadId: 't' }],
    [{ 'ai.settings.context.user.id': 'u' }, { userId: 'u' }],
    [{ 'ai.settings.context.posthog_distinct_id': 'u' }, { userId: 'u' }],
    [{ metadata: '{"chat_id":"t","user_id":"u"}' }, { userId: 'u', threadId: 't' }],
    [{ metadata: '{"chatId":"t"}' }, { threadId: 't' }],
  ])('user and thread are found in %j', (attributes, identity) => {
    expect(readIdentity(attributes)).toEqual(identity);
  });
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
