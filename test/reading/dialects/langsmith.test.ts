import { describe, expect, test } from 'vitest';
import { readLlmCall } from '../../../src/reading/dialects/read-llm-call.js';
import { readAttributes, roleOfAttributes, textParts } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('LangSmith', () => {
  const llm = { 'langsmith.span.kind': 'llm', 'gen_ai.operation.name': 'chat' };

  test.each([
    ['prompt', 'chat', 'other'],
    ['retriever', 'embeddings', 'other'],
    ['chain', 'chain', 'other'],
    ['tool', 'execute_tool', 'callBoundary'],
    ['LLM', 'chat', 'llm'],
  ])('LangSmith kind %s with operation %s has the role %s', (kind, operation, expected) => {
    expect(roleOfAttributes({ 'langsmith.span.kind': kind, 'gen_ai.operation.name': operation })).toBe(
      expected,
    );
  });

  test('LangSmith inputs and outputs of LangChain are read', () => {
    const message = (name: string, kwargs: object) => ({
      lc: 1,
      type: 'constructor',
      id: ['langchain_core', name],
      kwargs,
    });
    const call = readAttributes({
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
      inputMessages: [{ role: 'user', parts: textParts('Hi?') }],
      outputMessages: [{ role: 'assistant', parts: textParts('Hello') }],
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

  test.each([
    ['{"input":"Why?"}', '{"outputs":"Because."}'],
    ['{"args":["Why?",{"temperature":1}]}', '{"outputs":[{"role":"assistant","content":"Because."}]}'],
    ['{"args":[[{"role":"user","content":"Why?"}]]}', '{"output":"Because."}'],
  ])('what a traced function got and returned is read from %s and %s', (prompt, completion) => {
    const call = readAttributes({ ...llm, 'gen_ai.prompt': prompt, 'gen_ai.completion': completion });
    expect(call).toMatchObject({ prompt: 'Why?', generation: 'Because.' });
  });
});
