import { describe, expect, test } from 'vitest';
import { CHAT, readAttributes, roleOfAttributes, textParts } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

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
    const call = readAttributes(
      {
        ...chat,
        'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":""}]}]',
        'gen_ai.provider.name': 'openai.chat',
        'gen_ai.usage.reasoning_tokens': 2,
        'gen_ai.response.finish_reasons': '["tool-calls"]',
      },
      {},
      [step],
    );
    expect(call).toMatchObject({
      provider: 'openai',
      inputMessages: [
        { role: 'system', parts: textParts('Use tools.') },
        { role: 'user', parts: textParts('Weather?') },
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
    const call = readAttributes(chat, {}, [agent, other]);
    expect(call?.inputMessages).toEqual([]);
    expect(call?.systemInstructions).toEqual(textParts('Be terse.'));
  });

  test('older Mastra calls of type model_generation are read', () => {
    const call = readAttributes({
      'mastra.span.type': 'model_generation',
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi?"}]}]',
    });
    expect(call?.inputMessages[0]?.parts).toEqual(textParts('Hi?'));
    expect(
      roleOfAttributes({
        'mastra.span.type': 'model_generation',
        'gen_ai.operation.name': 'model_generation',
      }),
    ).toBe('other');
    expect(
      roleOfAttributes({ 'mastra.span.type': 'mcp_tool_call', 'gen_ai.operation.name': 'execute_tool' }),
    ).toBe('callBoundary');
  });

  test('a Mastra call without text takes the text of its step', () => {
    const output = { text: 'Let me look.', toolCalls: [{ payload: { toolName: 'f', args: {} } }] };
    const step = makeSpan({
      attributes: {
        'mastra.span.type': 'model_step',
        'mastra.model_step.input': '[{"role":"user","content":"Q"}]',
        'mastra.model_step.output': JSON.stringify(output),
      },
    });
    const call = readAttributes({ ...CHAT, 'mastra.span.type': 'model_inference' }, {}, [step]);
    expect(call.generation).toBe('Let me look.');
    expect(call.outputMessages[0]?.parts).toHaveLength(2);
  });
});
