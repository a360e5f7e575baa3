import { describe, expect, test } from 'vitest';
import { roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { readAttributes, roleOfAttributes, textParts } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

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
    expect(roleOf({ ...agent, instrumentationScope: { name: '@voltagent/core' } })).toBe('agent');
    const call = readAttributes(llm, {}, [agent]);
    expect(call).toMatchObject({
      requestModel: 'gpt-4o-mini',
      outputMessages: [{ role: 'assistant', parts: textParts('Hello') }],
      usage: { inputTokens: 10, outputTokens: 2 },
      finishReasons: ['tool_call'],
      streaming: false,
      userId: 'u',
      threadId: 't',
    });
    expect(call?.inputMessages.at(-1)?.parts).toEqual(textParts('Hi?'));
    expect(call).not.toHaveProperty('responseModel');
  });

  test('VoltAgent does not claim span types of other libraries', () => {
    expect(roleOfAttributes({ 'span.type': 'web', 'gen_ai.operation.name': 'chat' })).toBe('llm');
    expect(roleOfAttributes({ ...llm, 'span.type': 'tool' })).toBe('callBoundary');
  });
});
