import type { NamedAttributes, SpanAttributes } from '../../model/attributes.js';
import type { OutputMessage } from '../../model/llm-call.js';
import { decodePartList } from '../messages/embedded.js';
import { toMessages, type ReadMessages } from '../messages/messages.js';

/** OpenLLMetry up to 0.22 writes this text for content that is null. */
const NULL_TEXT = 'null';

/** Role of a message without one, in an input in which other messages have one. */
const ROLELESS = 'assistant';

/**
 * Reads messages from numbered attributes, `gen_ai.prompt.0.role` and so on (OpenLLMetry up to 0.22, LiteLLM). Numbers may be missing,
 * because attributes may have been dropped.
 */
export function readNumberedMessages(
  { attributes, names }: NamedAttributes,
  prefix: string,
  defaultRole: string,
): ReadMessages<OutputMessage> {
  const shapes: unknown[] = [];
  let cut = false;
  const keys = keysOf(names, prefix);
  const hasRoles = defaultRole === 'user' && keys.some((key) => attributes[`${key}.role`] !== undefined);
  for (const key of keys) {
    // The instrumentation of Cohere writes the question under `user` and the earlier messages under `content`.
    const question = attributes[`${key}.user`];
    const content = attributes[`${key}.content`] ?? question;
    const role = attributes[`${key}.role`] ?? (question === undefined ? undefined : 'user');
    const toolCalls = readToolCalls(attributes, key);
    if (content === undefined && role === undefined && toolCalls.length === 0) continue;
    const list = typeof content === 'string' ? decodePartList(content) : undefined;
    cut ||= list?.cut ?? false;
    shapes.push({
      role: role ?? (hasRoles ? ROLELESS : defaultRole),
      content: list?.value ?? (content === NULL_TEXT ? undefined : content),
      tool_calls: toolCalls,
      tool_call_id: attributes[`${key}.tool_call_id`],
      finish_reason: attributes[`${key}.finish_reason`],
    });
  }
  return { messages: toMessages(shapes, defaultRole), cut, isCutLocal: true, isFlattened: true };
}

/** Returns the names of the messages, `gen_ai.prompt.0` and so on, in the order of their numbers. */
function keysOf(names: readonly string[], prefix: string): readonly string[] {
  const numbers = new Set<number>();
  for (const name of names) {
    if (!name.startsWith(prefix) || name.charAt(prefix.length) !== '.') continue;
    const number = Number.parseInt(name.slice(prefix.length + 1), 10);
    if (!Number.isNaN(number)) numbers.add(number);
  }
  return [...numbers].toSorted((a, b) => a - b).map((number) => `${prefix}.${number}`);
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
