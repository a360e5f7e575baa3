import { expect, test } from 'vitest';
import { addUserProperties, callProperties, withFacts } from '../../../src/records/calls/properties.js';
import { makeCall, textMessage, toolCallMessage, type CallSketch } from '../../support/make-call.js';

const propertiesOf = (fields: CallSketch, systemPrompt = false, truncated = false) =>
  callProperties(makeCall(fields), systemPrompt, truncated);

test('the facts of a call have flat names, and those without a value have none', () => {
  const call = makeCall({
    provider: 'openai',
    requestModel: 'm',
    parentSpanId: 'parent',
    parameters: { temperature: 0, topP: 1, maxTokens: 5, responseFormat: 'json', toolChoice: 'auto' },
    usage: {
      inputTokens: 1,
      outputTokens: 2,
      totalTokens: 4,
      cacheReadTokens: 5,
      cacheWriteTokens: 6,
      reasoningTokens: 7,
    },
    finishReasons: ['stop', 'length'],
    streaming: false,
    timeToFirstToken: 0,
    cached: true,
    aborted: true,
    runId: 'run',
    promptTemplate: 'template',
    error: { type: 'Timeout' },
    serviceName: 'shop',
    environment: 'production',
    outputMessages: [toolCallMessage('search', 'read', 'search'), textMessage('assistant', 'second')],
    inputMessages: [textMessage('system', 'be kind')],
  });
  expect(callProperties(call, true, true)).toEqual({
    provider: 'openai',
    request_model: 'm',
    operation: 'chat',
    temperature: 0,
    top_p: 1,
    max_tokens: 5,
    response_format: 'json',
    tool_choice: 'auto',
    input_tokens: 1,
    output_tokens: 2,
    total_tokens: 4,
    cache_read_tokens: 5,
    cache_write_tokens: 6,
    reasoning_tokens: 7,
    finish_reason: 'stop',
    cached: true,
    streaming: false,
    time_to_first_token: 0,
    tool_calls: ['search', 'read'],
    tool_call_count: 3,
    choice_count: 2,
    prompt_template: 'template',
    system_prompt: 'be kind',
    error_type: 'Timeout',
    aborted: true,
    run_id: 'run',
    dialect: 'gen_ai',
    service_name: 'shop',
    environment: 'production',
    trace_id: call.traceId,
    span_id: call.spanId,
    parent_span_id: 'parent',
    truncated: true,
  });
});

test('a call of which nothing is known has operation, dialect and ids alone', () => {
  const call = makeCall({ answer: 'a', inputMessages: [textMessage('system', 'private')] });
  expect(callProperties(call, false, false)).toEqual({
    operation: 'chat',
    dialect: 'gen_ai',
    trace_id: call.traceId,
    span_id: call.spanId,
  });
});

test('a total is computed from input and output tokens alone', () => {
  expect(propertiesOf({ usage: { inputTokens: 1, outputTokens: 2 } }).total_tokens).toBe(3);
  expect(propertiesOf({ usage: { inputTokens: 1 } })).not.toHaveProperty('total_tokens');
});

test("a user's property with the name of a fact is kept beside it, and a later source wins", () => {
  const facts = { model: 'm' };
  addUserProperties(facts, { model: 'x', plan: 'free' }, { model: 'y', plan: 'pro' });
  expect(facts).toEqual({ model: 'm', 'metadata.model': 'y', plan: 'pro' });
});

test('properties of a name that changes the prototype are omitted', () => {
  const facts = {};
  addUserProperties(facts, JSON.parse('{"__proto__":{"x":1},"y":2}') as Record<string, unknown>);
  expect(Object.entries(facts)).toEqual([['y', 2]]);
  expect(Object.getPrototypeOf(facts)).toBe(Object.prototype);
});

test('further facts keep the properties of a record', () => {
  expect(withFacts({ plan: 'pro', resumed: 'yes' }, { resumed: true })).toEqual({
    resumed: true,
    plan: 'pro',
    'metadata.resumed': 'yes',
  });
});
