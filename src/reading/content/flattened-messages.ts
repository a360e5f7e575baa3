import type { SpanAttributes } from '../attributes.js';
import type { OutputMessage } from '../llm-call.js';
import { toMessages } from './messages.js';

/**
 * Messages in the flattened attributes of OpenInference: `llm.input_messages.0.message.role`, `….contents.0.message_content.text`,
 * `….tool_calls.0.tool_call.function.name` and so on.
 */
export function readFlattenedMessages(
  attributes: SpanAttributes,
  prefix: string,
  defaultRole: string,
): readonly OutputMessage[] {
  const shapes: unknown[] = [];
  for (let index = 0; ; index += 1) {
    const shape = readShape(attributes, `${prefix}.${index}.message.`, defaultRole);
    if (!shape) break;
    shapes.push(shape);
  }
  return toMessages(shapes, defaultRole);
}

function readShape(attributes: SpanAttributes, message: string, defaultRole: string): object | undefined {
  const role = attributes[`${message}role`];
  const text = attributes[`${message}content`];
  const contents = readContents(attributes, `${message}contents.`);
  const calls = readToolCalls(attributes, message);
  if (role === undefined && text === undefined && contents.length === 0 && calls.length === 0) {
    return undefined;
  }
  const resultOf = attributes[`${message}tool_call_id`];
  // Anthropic's tool results are messages of the user: only the id tells.
  const result = resultOf !== undefined && [{ type: 'tool_result', id: resultOf, result: text }];
  return {
    role: role ?? (result ? 'tool' : defaultRole),
    name: attributes[`${message}name`],
    // Rewriters of the AI SDK write the text of a message in both ways.
    content: result ? [...result, ...contents] : contents.length > 0 ? contents : text,
    tool_calls: calls,
  };
}

function readContents(attributes: SpanAttributes, prefix: string): object[] {
  const contents: object[] = [];
  for (let index = 0; ; index += 1) {
    const part = `${prefix}${index}.`;
    const type = attributes[`${part}message_content.type`];
    const text = attributes[`${part}message_content.text`];
    const call = readToolCall(attributes, `${part}tool_call.`);
    if (type === undefined && text === undefined && !call) return contents;
    contents.push(call ?? { type: type ?? 'text', text, ...readImage(attributes, part) });
  }
}

function readImage(attributes: SpanAttributes, part: string): object {
  const image = `${part}message_content.image.`;
  return {
    url: attributes[`${image}image.url`] ?? attributes[`${image}url`],
    mime_type: attributes[`${image}media_type`],
  };
}

function readToolCalls(attributes: SpanAttributes, message: string): object[] {
  const calls: object[] = [];
  for (let index = 0; ; index += 1) {
    const call = readToolCall(attributes, `${message}tool_calls.${index}.tool_call.`);
    if (!call) break;
    calls.push(call);
  }
  const name = attributes[`${message}function_call_name`];
  if (calls.length > 0 || name === undefined) return calls;
  return [{ type: 'tool_call', name, arguments: attributes[`${message}function_call_arguments_json`] }];
}

function readToolCall(attributes: SpanAttributes, call: string): object | undefined {
  const name = attributes[`${call}function.name`];
  if (name === undefined) return undefined;
  return {
    type: 'tool_call',
    id: attributes[`${call}id`],
    name,
    arguments: attributes[`${call}function.arguments`],
  };
}
