import type { SpanAttributes } from '../model/attributes.js';
import type { OutputMessage } from '../model/llm-call.js';
import { decodePartList } from './embedded.js';
import { toMessages, type ReadMessages } from './messages.js';

/** OpenLLMetry up to 0.22 writes this text for content that is null. */
const NULL_TEXT = 'null';

/** Reads messages from numbered attributes, `gen_ai.prompt.0.role` and so on (OpenLLMetry up to 0.22, LiteLLM). */
export function readNumberedMessages(
  attributes: SpanAttributes,
  prefix: string,
  defaultRole: string,
): ReadMessages<OutputMessage> {
  const shapes: unknown[] = [];
  let cut = false;
  for (let index = 0; ; index += 1) {
    const key = `${prefix}.${index}`;
    const content = attributes[`${key}.content`];
    const role = attributes[`${key}.role`];
    const toolCalls = readToolCalls(attributes, key);
    if (content === undefined && role === undefined && toolCalls.length === 0) break;
    const list = typeof content === 'string' ? decodePartList(content) : undefined;
    cut ||= list?.cut ?? false;
    shapes.push({
      role: role ?? defaultRole,
      content: list?.value ?? (content === NULL_TEXT ? undefined : content),
      tool_calls: toolCalls,
      tool_call_id: attributes[`${key}.tool_call_id`],
      finish_reason: attributes[`${key}.finish_reason`],
    });
  }
  return { messages: toMessages(shapes, defaultRole), cut, isCutLocal: true, isFlattened: true };
}

function readToolCalls(attributes: SpanAttributes, message: string): unknown[] {
  const calls: unknown[] = [];
  for (let index = 0; ; index += 1) {
    const call = readToolCall(attributes, `${message}.tool_calls.${index}`);
    if (!call) break;
    calls.push(call);
  }
  // OpenAI's function calls, which preceded tool calls.
  const call = calls.length === 0 ? readToolCall(attributes, `${message}.function_call`) : undefined;
  return call ? [call] : calls;
}

function readToolCall(attributes: SpanAttributes, key: string): unknown {
  const name = attributes[`${key}.name`];
  return name === undefined
    ? undefined
    : {
        type: 'tool_call',
        id: attributes[`${key}.id`],
        name,
        arguments: attributes[`${key}.arguments`],
      };
}
