import { describe, expect, test } from 'vitest';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import { readLlmCall, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { makeSpan } from '../../support/span.js';

const text = (text: string) => [{ type: 'text', text }];

function read(attributes: Record<string, unknown>, ancestors: readonly SpanLike[] = []) {
  return readLlmCall(makeSpan({ attributes }), ancestors);
}

function role(attributes: Record<string, unknown>) {
  return roleOf(makeSpan({ attributes }));
}

describe('LangSmith', () => {
  const llm = { 'langsmith.span.kind': 'llm', 'gen_ai.operation.name': 'chat' };

  test.each([
    ['prompt', 'chat', 'other'],
    ['retriever', 'embeddings', 'other'],
    ['chain', 'chain', 'other'],
    ['tool', 'execute_tool', 'callBoundary'],
    ['LLM', 'chat', 'llm'],
  ])('LangSmith kind %s with operation %s has the role %s', (kind, operation, expected) => {
    expect(role({ 'langsmith.span.kind': kind, 'gen_ai.operation.name': operation })).toBe(expected);
  });

  test('LangSmith inputs and outputs of LangChain are read', () => {
    const message = (name: string, kwargs: object) => ({
      lc: 1,
      type: 'constructor',
      id: ['langchain_core', name],
      kwargs,
    });
    const call = read({
      ...llm,
      'gen_ai.prompt': JSON.stringify({ messages: [[message('HumanMessage', { content: 'Hi?' })]] }),
      'gen_ai.completion': JSON.stringify({
        generations: [
          [
            {
              text: 'Hello',
              generation_info: { finish_reason: 'stop' },
              message: message('AIMessage', { content: 'Hello' }),
            },
          ],
        ],
      }),
      'langsmith.metadata.ls_temperature': '0.2',
      'langsmith.metadata.tier': 'gold',
      'langsmith.metadata.LANGSMITH_PROJECT': 'p',
      'langsmith.span.tags': 'beta, eu',
      'langsmith.trace.session_id': 'a project, not a thread',
    });
    expect(call).toMatchObject({
      inputMessages: [{ role: 'user', parts: text('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: text('Hello') }],
      finishReasons: ['stop'],
      parameters: { temperature: 0.2 },
      tags: ['beta', 'eu'],
      metadata: { tier: 'gold' },
    });
    expect(call).not.toHaveProperty('threadId');
  });

  test('a LangSmith exception outweighs status OK, and joined finish reasons are split', () => {
    const exception = {
      name: 'exception',
      attributes: { 'exception.message': 'boom', 'exception.type': 'Error' },
    };
    const span = makeSpan({
      attributes: { ...llm, 'gen_ai.response.finish_reasons': 'stop, length' },
      status: { code: 1 },
      events: [exception],
    });
    expect(readLlmCall(span)).toMatchObject({
      error: { type: 'Error', message: 'boom' },
      finishReasons: ['stop', 'length'],
    });
  });
});

describe('MLflow', () => {
  test.each([
    ['"CHAT_MODEL"', 'llm'],
    ['"LLM"', 'llm'],
    ['"TOOL"', 'callBoundary'],
    ['"CHAIN"', 'other'],
    ['"EMBEDDING"', 'other'],
  ])('MLflow type %s has the role %s', (type, expected) => {
    expect(role({ 'mlflow.spanType': type })).toBe(expected);
  });

  test('MLflow values are decoded, because all of them are JSON', () => {
    const call = read({
      'mlflow.spanType': '"CHAT_MODEL"',
      'mlflow.spanInputs':
        '{"model":"gpt-4o-mini","temperature":0.1,"messages":[{"role":"user","content":"Hi?"}]}',
      'mlflow.spanOutputs':
        '{"id":"r1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hello"}}]}',
      'mlflow.chat.tokenUsage': '{"input_tokens":12,"output_tokens":3,"total_tokens":15}',
      'mlflow.trace.user': '"u-1"',
      'mlflow.trace.session': '"s-1"',
      'mlflow.llm.provider': '"openai"',
    });
    expect(call).toMatchObject({
      provider: 'openai',
      requestModel: 'gpt-4o-mini',
      responseModel: 'gpt-4o-mini-2024-07-18',
      responseId: 'r1',
      parameters: { temperature: 0.1 },
      inputMessages: [{ role: 'user', parts: text('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: text('Hello'), finishReason: 'stop' }],
      usage: { inputTokens: 12, outputTokens: 3, totalTokens: 15 },
      finishReasons: ['stop'],
      userId: 'u-1',
      threadId: 's-1',
    });
    expect(
      read({ 'mlflow.spanType': '"LLM"', 'mlflow.spanOutputs': '"plain"' })?.outputMessages[0]?.parts,
    ).toEqual(text('plain'));
  });
});

describe('Braintrust', () => {
  test('Braintrust calls are told from tools, and metadata from settings', () => {
    expect(role({ 'braintrust.span_attributes': '{"type":"tool"}', 'gen_ai.operation.name': 'chat' })).toBe(
      'callBoundary',
    );
    expect(role({ 'braintrust.span_attributes': 'not JSON' })).toBe('other');
    const call = read({
      'braintrust.span_attributes': '{"type":"llm"}',
      'braintrust.input_json': '"Hi?"',
      'braintrust.output_json': '"Hello"',
      'braintrust.metadata': '{"model":"m","temperature":0,"tier":"gold","user_id":"u"}',
      'braintrust.metrics':
        '{"prompt_tokens":10,"completion_tokens":2,"tokens":12,"prompt_cached_tokens":4,"completion_reasoning_tokens":1,"time_to_first_token":0.2}',
    });
    expect(call).toMatchObject({
      inputMessages: [{ role: 'user', parts: text('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: text('Hello') }],
      parameters: { temperature: 0 },
      usage: { inputTokens: 10, outputTokens: 2, totalTokens: 12, cacheReadTokens: 4, reasoningTokens: 1 },
      timeToFirstToken: 0.2,
      userId: 'u',
    });
    expect(call?.metadata).toEqual({ tier: 'gold' });
  });
});

describe('Laminar', () => {
  test('Laminar spans made by hand are read with their identity and tags', () => {
    expect(role({ 'lmnr.span.type': 'TOOL' })).toBe('callBoundary');
    expect(role({ 'lmnr.span.type': 'DEFAULT' })).toBe('other');
    const call = read({
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
      inputMessages: [{ role: 'user', parts: text('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: text('Hello') }],
      usage: { inputTokens: 3 },
      userId: 'u',
      metadata: { tier: 'gold' },
    });
  });
});

describe('Genkit', () => {
  const model = {
    'genkit:type': 'action',
    'genkit:metadata:subtype': 'model',
    'genkit:name': 'googleai/gemini-2.5-flash',
  };

  test('Genkit models are calls, the utilities and flows around them are not', () => {
    expect(role(model)).toBe('llm');
    expect(role({ ...model, 'genkit:metadata:subtype': 'background-model' })).toBe('llm');
    expect(role({ 'genkit:type': 'util', 'genkit:name': 'generate' })).toBe('other');
    expect(role({ ...model, 'genkit:metadata:subtype': 'tool' })).toBe('callBoundary');
    expect(role({ ...model, 'genkit:metadata:subtype': 'embedder' })).toBe('other');
  });

  test('Genkit config, thoughts and media are read', () => {
    const call = read({
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
      ...text('What?'),
      { type: 'media', modality: 'image', mimeType: 'image/png' },
    ]);
  });

  test('a Genkit failure is read from its state', () => {
    expect(read({ ...model, 'genkit:state': 'error' })?.error).toEqual({ type: '_OTHER' });
  });
});

describe('Mastra', () => {
  const chat = {
    'mastra.span.type': 'model_inference',
    'gen_ai.operation.name': 'chat',
    'gen_ai.agent.name': 'A',
  };

  test('a Mastra call is completed from the step above it', () => {
    const step = makeSpan({
      attributes: {
        'mastra.span.type': 'model_step',
        'mastra.model_step.input':
          '[{"role":"system","content":"Use tools."},{"role":"user","content":"Weather?"}]',
        'mastra.model_step.output':
          '{"text":"","toolCalls":[{"type":"tool-call","payload":{"toolCallId":"c1","toolName":"get_weather","args":{"city":"Oslo"}}}]}',
        'gen_ai.usage.input_tokens': 999,
        'gen_ai.response.finish_reasons': '["length"]',
      },
    });
    const call = read(
      {
        ...chat,
        'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":""}]}]',
        'gen_ai.provider.name': 'openai.chat',
        'gen_ai.usage.reasoning_tokens': 2,
        'gen_ai.response.finish_reasons': '["tool-calls"]',
      },
      [step],
    );
    expect(call).toMatchObject({
      provider: 'openai',
      inputMessages: [
        { role: 'system', parts: text('Use tools.') },
        { role: 'user', parts: text('Weather?') },
      ],
      usage: { reasoningTokens: 2 },
      finishReasons: ['tool_call'],
    });
    expect(call?.usage).not.toHaveProperty('inputTokens');
    expect(call?.outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { city: 'Oslo' } },
    ]);
  });

  test('a Mastra call takes instructions from the agent above, but not the question', () => {
    const agent = makeSpan({
      attributes: { 'mastra.span.type': 'agent_run', 'gen_ai.system_instructions': 'Be terse.' },
    });
    const other = makeSpan({
      attributes: {
        'mastra.span.type': 'model_generation',
        'mastra.model_generation.input': '{"messages":[{"role":"user","content":"Not mine"}]}',
      },
    });
    const call = read(chat, [agent, other]);
    expect(call?.inputMessages).toEqual([]);
    expect(call?.systemInstructions).toEqual(text('Be terse.'));
  });

  test('older Mastra calls of type model_generation are read', () => {
    const call = read({
      'mastra.span.type': 'model_generation',
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi?"}]}]',
    });
    expect(call?.inputMessages[0]?.parts).toEqual(text('Hi?'));
    expect(
      role({ 'mastra.span.type': 'model_generation', 'gen_ai.operation.name': 'model_generation' }),
    ).toBe('other');
    expect(role({ 'mastra.span.type': 'mcp_tool_call', 'gen_ai.operation.name': 'execute_tool' })).toBe(
      'callBoundary',
    );
  });
});

describe('VoltAgent', () => {
  const llm = {
    'span.type': 'llm',
    'entity.type': 'agent',
    'llm.operation': 'generateText',
    'llm.model': 'gpt-4o-mini',
    'llm.stream': false,
    'llm.messages':
      '[{"role":"system","content":"Be terse."},{"role":"user","content":[{"type":"text","text":"Hi?"}]}]',
    'llm.usage.prompt_tokens': 10,
    'llm.usage.completion_tokens': 2,
    'llm.finish_reason': 'tool-calls',
    'user.id': 'u',
    'conversation.id': 't',
  };

  test('the answer of a VoltAgent call is found on the agent', () => {
    const agent = makeSpan({
      attributes: {
        'entity.type': 'agent',
        'agent.state': 'completed',
        output: 'Hello',
        'usage.prompt_tokens': 99,
      },
    });
    expect(roleOf({ ...agent, instrumentationScope: { name: '@voltagent/core' } })).toBe('callBoundary');
    const call = read(llm, [agent]);
    expect(call).toMatchObject({
      requestModel: 'gpt-4o-mini',
      outputMessages: [{ role: 'assistant', parts: text('Hello') }],
      usage: { inputTokens: 10, outputTokens: 2 },
      finishReasons: ['tool_call'],
      streaming: false,
      userId: 'u',
      threadId: 't',
    });
    expect(call?.inputMessages.at(-1)?.parts).toEqual(text('Hi?'));
    expect(call).not.toHaveProperty('responseModel');
  });

  test('VoltAgent does not claim span types of other libraries', () => {
    expect(role({ 'span.type': 'web', 'gen_ai.operation.name': 'chat' })).toBe('llm');
    expect(role({ ...llm, 'span.type': 'tool' })).toBe('callBoundary');
  });
});

describe('Google ADK', () => {
  const request = 'gcp.vertex.agent.llm_request';

  test('Google ADK tools are no calls, and calls of sub-agents below tools are separate', () => {
    expect(role({ [request]: '{}' })).toBe('callBoundary');
    expect(role({ [request]: '{}', 'gen_ai.operation.name': 'execute_tool' })).toBe('callBoundary');
    const outer = makeSpan({
      attributes: { [request]: '{"contents":[{"role":"user","parts":[{"text":"A?"}]}]}' },
    });
    const tool = makeSpan({ parentSpanId: outer.spanContext().spanId, attributes: { [request]: '{}' } });
    const inner = makeSpan({
      parentSpanId: tool.spanContext().spanId,
      attributes: { [request]: '{"contents":[{"role":"user","parts":[{"text":"B?"}]}]}' },
    });
    expect(locateCalls([inner, tool, outer])).toHaveLength(2);
  });

  test('Google ADK function calls, thoughts and snake case are read', () => {
    const call = read({
      [request]:
        '{"model":"gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"Weather?"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"t":1}}}]}],"config":{"system_instruction":"Be terse.","temperature":0.1}}',
      'gcp.vertex.agent.llm_response':
        '{"content":{"role":"model","parts":[{"text":"Hm.","thought":true},{"text":"Sunny."}]},"finish_reason":"STOP","usage_metadata":{"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":3,"totalTokenCount":18}}',
      'gcp.vertex.agent.session_id': 't',
    });
    expect(call).toMatchObject({
      operation: 'generate_content',
      systemInstructions: text('Be terse.'),
      parameters: { temperature: 0.1 },
      usage: { inputTokens: 10, outputTokens: 8, reasoningTokens: 3 },
      finishReasons: ['stop'],
      threadId: 't',
    });
    expect(call?.outputMessages[0]?.parts).toEqual([{ type: 'reasoning', text: 'Hm.' }, ...text('Sunny.')]);
    expect(call?.inputMessages.map(({ parts }) => parts[0]?.type)).toEqual([
      'text',
      'tool_call',
      'tool_result',
    ]);
  });
});

describe('LiveKit', () => {
  test('a LiveKit request is one call, with the conversation of the node above it', () => {
    const node = makeSpan({
      name: 'llm_node',
      attributes: {
        'lk.chat_ctx':
          '{"items":[{"type":"message","role":"user","content":["Book a hotel"]},{"type":"function_call","call_id":"c1","name":"book","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"No rooms"}]}',
        'lk.response.text': 'Sorry.',
        'lk.response.function_calls': '[{"call_id":"c2","name":"g","arguments":"{\\"a\\":1}"}]',
      },
    });
    const request = makeSpan({
      name: 'llm_request',
      parentSpanId: node.spanContext().spanId,
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'lk.llm_metrics': '{}' },
    });
    const located = locateCalls([request, node]);
    expect(located).toHaveLength(1);
    expect(located[0]?.call).toMatchObject({ spanId: request.spanContext().spanId, requestModel: 'm' });
    expect(located[0]?.call.inputMessages.map((message) => message.role)).toEqual([
      'user',
      'assistant',
      'tool',
    ]);
    expect(located[0]?.call.outputMessages[0]?.parts).toEqual([
      ...text('Sorry.'),
      { type: 'tool_call', id: 'c2', name: 'g', arguments: { a: 1 } },
    ]);
    expect(role({ 'lk.function_tool.name': 'f' })).toBe('callBoundary');
  });
});
