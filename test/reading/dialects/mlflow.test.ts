import { describe, expect, test } from 'vitest';
import { readAttributes, roleOfAttributes, textParts } from '../../support/read-call.js';

describe('MLflow', () => {
  test.each([
    ['"CHAT_MODEL"', 'llm'],
    ['"LLM"', 'llm'],
    ['"TOOL"', 'callBoundary'],
    ['"CHAIN"', 'other'],
    ['"EMBEDDING"', 'other'],
  ])('MLflow type %s has the role %s', (type, expected) => {
    expect(roleOfAttributes({ 'mlflow.spanType': type })).toBe(expected);
  });

  test('MLflow values are decoded, because all of them are JSON', () => {
    const call = readAttributes({
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
      inputMessages: [{ role: 'user', parts: textParts('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: textParts('Hello'), finishReason: 'stop' }],
      usage: { inputTokens: 12, outputTokens: 3, totalTokens: 15 },
      finishReasons: ['stop'],
      userId: 'u-1',
      threadId: 's-1',
    });
    expect(
      readAttributes({ 'mlflow.spanType': '"LLM"', 'mlflow.spanOutputs': '"plain"' }).outputMessages[0]
        ?.parts,
    ).toEqual(textParts('plain'));
  });
});
