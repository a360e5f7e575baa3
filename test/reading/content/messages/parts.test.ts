import { describe, expect, test } from 'vitest';
import { CHAT, readAttributes, readOutput } from '../../../support/read-call.js';

describe('types that providers add', () => {
  const MESSAGE = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Rome' }] };

  test('items of an unknown type do not turn the other items into text', () => {
    const output = [{ type: 'telepathy', id: 't1' }, { type: 'reasoning', summary: [] }, MESSAGE];
    expect(readOutput({ object: 'response', output }).generation).toBe('Rome');
    expect(readOutput(output).generation).toBe('Rome');
  });

  test('a body with items of an unknown type does not become text', () => {
    const output = [{ type: 'telepathy', id: 't1' }];
    expect(readOutput({ object: 'response', output }).generation).toBe('');
    expect(readOutput({ output }).generation).toBe('');
  });

  test('an answer in a schema of the user stays as it is', () => {
    const answers = [
      { output: ['Rome'] },
      [{ type: 'city', name: 'Rome' }],
      [{ type: 'phone_call', to: 'x' }],
    ];
    for (const answer of answers) expect(readOutput(answer).generation).toBe(JSON.stringify(answer));
  });

  test('items of a provider tool with a name are tool calls', () => {
    const call = { type: 'custom_tool_call', call_id: 'c1', name: 'w', input: 'raw' };
    expect(readOutput({ object: 'response', output: [call] }).generation).toBe('w(raw)');
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
    expect(readAttributes(attributes).generation).toBe('Rome');
  });

  test('items of an unknown type do not turn a conversation into text', () => {
    const input = [
      { role: 'user', content: 'Capital?' },
      { type: 'item_reference', id: 'x' },
    ];
    const messages = [{ role: 'user', parts: [{ type: 'text', content: JSON.stringify(input) }] }];
    const attributes = { ...CHAT, 'gen_ai.input.messages': JSON.stringify(messages) };
    const call = readAttributes(attributes, {
      instrumentationScope: { name: '@traceloop/instrumentation-openai' },
    });
    expect(call.prompt).toBe('Capital?');
  });
});
