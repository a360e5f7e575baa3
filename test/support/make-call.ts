import type { LlmCall, Message } from '../../src/reading/model/llm-call.js';

let nextId = 1;

/** The fields of a call that a test chooses, with the texts of question and answer. */
export type CallSketch = Partial<LlmCall> & { readonly prompt?: string; readonly answer?: string };

/** Makes a call as `reading/` gives it. It has ids of its own, and no content unless `prompt` or `answer` is given. */
export function makeCall({ prompt, answer, ...fields }: CallSketch = {}): LlmCall {
  const spanId = (nextId++).toString(16).padStart(16, '0');
  return {
    dialect: 'gen_ai',
    operation: 'chat',
    traceId: spanId.padStart(32, '1'),
    spanId,
    startTimeMs: 1_000,
    endTimeMs: 2_000,
    systemInstructions: [],
    inputMessages: prompt === undefined ? [] : [textMessage('user', prompt)],
    outputMessages: answer === undefined ? [] : [textMessage('assistant', answer)],
    parameters: {},
    usage: {},
    finishReasons: [],
    tags: [],
    metadata: {},
    truncated: false,
    ...fields,
  };
}

export function textMessage(role: string, text: string): Message {
  return { role, parts: [{ type: 'text', text }] };
}

/** An answer that calls tools. */
export function toolCallMessage(...names: readonly string[]): Message {
  return { role: 'assistant', parts: names.map((name) => ({ type: 'tool_call', name })) };
}
