import { describe, expect, test } from 'vitest';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import { makeScopedSpan, readSketch, roleOfAttributes, textMessages } from '../../support/read-call.js';

const CHAT = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'm',
  'gen_ai.input.messages': textMessages('user', 'Q'),
};
const ANSWERED = { ...CHAT, 'gen_ai.output.messages': textMessages('assistant', 'A') };

describe('net and inclusive input by writer', () => {
  const counts = {
    'gen_ai.usage.input_tokens': 41,
    'gen_ai.usage.cache_read.input_tokens': 16,
    'gen_ai.usage.cache_creation.input_tokens': 7,
  };

  test.each([
    ['@openlit/instrumentation-anthropic', 'anthropic', 64],
    ['@openlit/instrumentation-bedrock', 'aws.bedrock', 64],
    ['@openlit/instrumentation-openai', 'openai', 41],
    ['com.anthropic.sdk.typescript', 'anthropic', 41],
  ])('the input tokens of %s for %s are %i', (scope, provider, inputTokens) => {
    const attributes = { ...ANSWERED, ...counts, 'gen_ai.provider.name': provider };
    expect(readSketch({ scope, attributes }).usage.inputTokens).toBe(inputTokens);
  });
});

describe('finish reasons and failures', () => {
  test('the stop reason of the spans of the Anthropic SDK is a finish reason', () => {
    const attributes = { ...ANSWERED, 'anthropic.message.stop_reason': 'max_tokens' };
    expect(readSketch({ attributes }).finishReasons).toEqual(['length']);
  });

  test('an answer of tool calls alone that ended with stop ended with a tool call', () => {
    const output = '[{"role":"assistant","parts":[{"type":"tool_call","name":"f","arguments":{}}]}]';
    const attributes = {
      ...CHAT,
      'gen_ai.output.messages': output,
      'gen_ai.response.finish_reasons': ['completed'],
    };
    expect(readSketch({ attributes }).finishReasons).toEqual(['tool_call']);
  });

  test('in_progress is no finish reason', () => {
    const attributes = { ...ANSWERED, 'gen_ai.response.finish_reasons': ['in_progress'] };
    expect(readSketch({ attributes }).finishReasons).toEqual([]);
  });

  test('a call that ended with the reason error and has no answer failed', () => {
    const failed = { 'gen_ai.response.finish_reasons': ['error'] };
    expect(readSketch({ attributes: { ...CHAT, ...failed } }).error).toEqual({ type: '_OTHER' });
    expect(readSketch({ attributes: { ...ANSWERED, ...failed } }).error).toBeUndefined();
  });

  test('a span of the Mistral SDK without anything of a response is a failed call', () => {
    const scope = 'mistralai_sdk_tracer';
    expect(readSketch({ scope, attributes: CHAT }).error).toEqual({ type: '_OTHER' });
    expect(readSketch({ scope, attributes: ANSWERED }).error).toBeUndefined();
  });
});

describe('provider', () => {
  test.each([
    ['api.openai.com', 'openai'],
    ['api.groq.com', 'groq'],
    ['my-deploy.openai.azure.com', 'azure.ai.openai'],
    ['openai.chat', 'openai'],
    ['127.0.0.1:8080', undefined],
    ['localhost:11434', undefined],
  ])('the provider %s is read as %s', (written, provider) => {
    const attributes = { ...ANSWERED, 'gen_ai.provider.name': written };
    expect(readSketch({ attributes }).provider).toBe(provider);
  });
});

describe('messages that are no question of the user', () => {
  test('a message without a role is no user message if others have a role', () => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'Weather?',
      'llm.input_messages.1.message.contents.0.message_content.text': 'private reasoning',
    };
    expect(readSketch({ attributes }).prompt).toBe('Weather?');
    const json = '[{"role":"user","content":"Weather?"},{"type":"input_text","text":"private reasoning"}]';
    expect(readSketch({ attributes: { ...CHAT, 'gen_ai.input.messages': json } }).prompt).toBe('Weather?');
  });

  test('the request of Pydantic AI for a correction is no question', () => {
    const feedback = 'Validation feedback:\nno number\n\nFix the errors and try again.';
    const input = JSON.stringify([
      { role: 'user', parts: [{ type: 'text', content: 'How many?' }] },
      { role: 'user', parts: [{ type: 'text', content: feedback }] },
    ]);
    const attributes = { ...ANSWERED, 'gen_ai.input.messages': input };
    expect(readSketch({ scope: 'pydantic-ai', attributes }).prompt).toBe('How many?');
  });
});

describe('spans that are all there is of a call', () => {
  test('the agent span of the Claude Agent SDK is a call', () => {
    const call = readSketch({
      scope: '@arizeai/openinference-instrumentation-claude-agent-sdk',
      attributes: {
        'openinference.span.kind': 'AGENT',
        'input.value': 'Fix the test',
        'input.mime_type': 'text/plain',
        'output.value': 'Done.',
        'output.mime_type': 'text/plain',
        'llm.model_name': 'claude-opus-4-1',
        'llm.token_count.prompt': 41,
        'session.id': 's',
      },
    });
    expect(call).toMatchObject({ prompt: 'Fix the test', generation: 'Done.', threadId: 's' });
    expect(call.usage.inputTokens).toBe(41);
  });

  test('a Mistral conversation is one call of the agent span and the answer below it', () => {
    const scope = 'mistralai_sdk_tracer';
    const { 'gen_ai.operation.name': _operation, ...question } = CHAT;
    const agent = makeScopedSpan({
      scope,
      attributes: { ...question, 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 48 },
    });
    const answer = makeScopedSpan({
      scope,
      parentSpanId: agent.spanContext().spanId,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.output.messages': textMessages('assistant', 'A'),
      },
    });
    const located = locateCalls([answer, agent]);
    expect(
      located.map(({ call }) => [call.usage.inputTokens, call.outputMessages.length, call.error]),
    ).toEqual([[48, 1, undefined]]);
  });

  test('a span with provider and model alone is a call without content', () => {
    const only = { 'gen_ai.provider.name': 'aws.bedrock', 'gen_ai.request.model': 'claude' };
    expect(roleOfAttributes(only)).toBe('llm');
  });
});
