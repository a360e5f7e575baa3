import {
  contentParts,
  reasoningSummary,
  textParts,
  toolCallPart,
  toolResponsePart,
} from './content-parts.js';
import type { InputMessage, MessagePart } from './genai-message.js';
import {
  asArray,
  asRecord,
  asText,
  isEmpty,
  lookUp,
  type UnknownRecord,
} from '../../common/unknown-values.js';

const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  user: 'user',
  ai: 'assistant',
  assistant: 'assistant',
  AIMessageChunk: 'assistant',
  system: 'system',
  developer: 'system',
  tool: 'tool',
  function: 'tool',
};

/** Converts a LangChain message to the GenAI conventions. Returns undefined if it is not a message. */
export function toInputMessage(value: unknown): InputMessage | undefined {
  if (typeof value === 'string') return { role: 'user', parts: textParts('text', value) };
  const message = asRecord(value);
  const type = messageType(value, message);
  if (type === undefined) return undefined;
  const role = lookUp(ROLES, type) ?? (type === 'generic' ? genericRole(message) : type);
  return { role, name: asText(message['name']), parts: partsOf(role, message) };
}

/** Returns true if an answer has content, but neither tool calls nor reasoning outside it. */
export function hasOnlyContent(message: UnknownRecord): boolean {
  const { tool_calls, invalid_tool_calls, additional_kwargs, response_metadata } = message;
  return (
    asArray(tool_calls).length === 0 &&
    asArray(invalid_tool_calls).length === 0 &&
    isEmpty(asRecord(additional_kwargs)) &&
    asRecord(response_metadata)['output'] === undefined
  );
}

/** Returns the parts of an answer: reasoning, text, tool calls. */
export function answerParts(value: unknown): MessagePart[] {
  const message = asRecord(value);
  const { content, tool_calls, invalid_tool_calls, additional_kwargs, response_metadata } = message;
  const fromContent = contentParts(content);
  if (typeof content === 'string' && content !== '' && hasOnlyContent(message)) return fromContent;
  const extra = asRecord(additional_kwargs);
  const calls = [...toolCalls(tool_calls), ...toolCalls(invalid_tool_calls)];
  // Content blocks repeat the calls that LangChain parsed into `tool_calls`.
  const parts = calls.length > 0 ? fromContent.filter((part) => part.type !== 'tool_call') : fromContent;
  const hasReasoning = parts.some((part) => part.type === 'reasoning');
  if (!hasReasoning) parts.unshift(...reasoningOutsideContent(extra, asRecord(response_metadata)));
  if (!parts.some((part) => part.type === 'text')) parts.push(...refusalOrTranscript(extra));
  if (calls.length > 0) parts.push(...calls);
  else if (!parts.some((part) => part.type === 'tool_call')) parts.push(...legacyToolCalls(extra));
  return parts;
}

/** Returns a refusal or the transcript of spoken audio, which OpenAI reports outside the content. */
function refusalOrTranscript({ refusal, audio }: UnknownRecord): MessagePart[] {
  const refused = textParts('text', refusal);
  return refused.length > 0 ? refused : textParts('text', asRecord(audio)['transcript']);
}

function partsOf(role: string, message: UnknownRecord): MessagePart[] {
  if (role === 'assistant') return answerParts(message);
  if (role === 'tool') return [toolResponsePart(message['tool_call_id'], message['content'])];
  return contentParts(message['content']);
}

/** Returns the type of a message: from `getType()` in LangChain 0.3 and 1.x, else from `type` or `role` of a plain object. */
function messageType(value: unknown, message: UnknownRecord): string | undefined {
  const { getType, _getType } = message;
  if (typeof getType === 'function') return asText(getType.call(value));
  if (typeof _getType === 'function') return asText(_getType.call(value));
  return asText(message['type']) ?? asText(message['role']);
}

function genericRole(message: UnknownRecord): string {
  const role = asText(message['role']) ?? 'user';
  return lookUp(ROLES, role) ?? role;
}

function toolCalls(calls: unknown): MessagePart[] {
  return asArray(calls).flatMap((value) => {
    const { id, name, args } = asRecord(value);
    // LangChain takes the streamed arguments of a tool that the provider runs for a call without id and name.
    if (asText(id) === undefined && asText(name) === undefined) return [];
    return [toolCallPart(id, name, args)];
  });
}

/** Returns calls in OpenAI's format that LangChain did not parse. */
function legacyToolCalls(extra: UnknownRecord): MessagePart[] {
  const calls = asArray(extra['tool_calls']).map((value) => {
    const call = asRecord(value);
    const called = asRecord(call['function']);
    return toolCallPart(call['id'], called['name'], called['arguments']);
  });
  if (calls.length > 0 || extra['function_call'] === undefined) return calls;
  const called = asRecord(extra['function_call']);
  return [toolCallPart(undefined, called['name'], called['arguments'])];
}

/** Returns reasoning outside the content: of DeepSeek, and of OpenAI's Responses API if streamed or in older versions. */
function reasoningOutsideContent(extra: UnknownRecord, metadata: UnknownRecord): MessagePart[] {
  const written = textParts('reasoning', extra['reasoning_content']);
  if (written.length > 0) return written;
  const summary = reasoningSummary(extra['reasoning']);
  if (summary.length > 0) return summary;
  return asArray(metadata['output']).flatMap((item) =>
    asRecord(item)['type'] === 'reasoning' ? reasoningSummary(item) : [],
  );
}
