import { ATTR_GEN_AI_OPERATION_NAME } from '../../common/semconv.js';
import { toRecord, type SpanAttributes } from '../model/attributes.js';
import { readConversation } from '../content/conversation.js';
import { decode } from '../decoding/decode.js';
import { toMessages } from '../content/messages/messages.js';
import { readRequest } from '../content/request.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import type { OutputMessage } from '../model/llm-call.js';
import { roleByOperation } from '../fields/operation.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, ReadAbove, SpanRole, SpanView } from '../model/dialect.js';

const CHAT = 'lk.chat_ctx';
/** Names since version 1.8. */
const PII_CHAT = 'lk.pii.chat_ctx';

/**
 * LiveKit Agents. The span `llm_request` is the call, with model and counts; `llm_node` above it has the conversation and is read as the
 * same call. An application with an LLM node of its own has no `llm_request`. Before version 1.9, neither has an operation name.
 */
export const liveKitDialect: Dialect = {
  name: 'livekit',
  markerAttributes: ['lk.function_tool.name', 'lk.llm_metrics', CHAT, PII_CHAT, ATTR_GEN_AI_OPERATION_NAME],
  genAiSpans: { scopes: ['livekit'] },
  recognise: recogniseLiveKit,
  read: readLiveKit,
  readAbove: readLiveKitAbove,
};

function recogniseLiveKit(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (attributes['lk.function_tool.name'] !== undefined) return 'callBoundary';
  const isRequest = attributes['lk.llm_metrics'] !== undefined;
  const hasChat = chatOf(attributes) !== undefined;
  if (!isRequest && !hasChat && !scopeNameOf(span).startsWith('livekit')) return undefined;
  const role = roleByOperation(attributes);
  if (role !== undefined) return role;
  // The detection of the end of a user's turn has the conversation too.
  return isRequest || (hasChat && span.name === 'llm_node') ? 'llm' : 'other';
}

function chatOf(attributes: SpanAttributes): unknown {
  return attributes[CHAT] ?? attributes[PII_CHAT];
}

function readLiveKit(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const { truncated, ...conversation } = readConversation(view, span.events);
  const node = readNode(attributes);
  const outputMessages = conversation.outputMessages.length > 0 ? conversation.outputMessages : node.output;
  const fields = readGenAiFields(view, outputMessages);
  return {
    ...fields,
    ...conversation,
    // A failed request is written like an answer without text: only the time to its first token shows the failure.
    isFrame: chatOf(attributes) === undefined ? undefined : true,
    error: outputMessages.length === 0 && hasNoFirstToken(attributes) ? { type: '_OTHER' } : undefined,
    inputMessages: conversation.inputMessages.length > 0 ? conversation.inputMessages : node.input,
    outputMessages,
    truncated: truncated || node.cut,
    inputTruncated: conversation.inputMessages.length > 0 ? conversation.inputTruncated : node.cut,
  };
}

/** Returns whether the model wrote nothing, although nobody cancelled the request. */
function hasNoFirstToken(attributes: SpanAttributes): boolean {
  if (attributes['lk.llm_metrics'] === undefined) return false;
  const metrics = toRecord(decode(attributes['lk.llm_metrics']).value) ?? {};
  return metrics.ttftMs === -1 && metrics.cancelled !== true;
}

function readLiveKitAbove(own: DialectReading, ancestors: readonly SpanLike[]): ReadAbove {
  const above = ancestors.find((span) => chatOf(span.attributes) !== undefined);
  if (!above || (own.inputMessages?.length && own.outputMessages?.length)) return {};
  const node = readNode(above.attributes);
  return {
    inputMessages: own.inputMessages?.length ? own.inputMessages : node.input,
    outputMessages: own.outputMessages?.length ? own.outputMessages : node.output,
    truncated: (own.truncated ?? false) || node.cut,
    inputTruncated: own.inputMessages?.length ? own.inputTruncated : node.cut,
  };
}

function readNode(attributes: SpanAttributes) {
  const chat = readRequest(chatOf(attributes));
  return { input: chat.messages, output: readNodeOutput(attributes), cut: chat.cut };
}

function readNodeOutput(attributes: SpanAttributes): OutputMessage[] {
  const decoded = decode(
    attributes['lk.response.function_calls'] ?? attributes['lk.pii.response.function_calls'],
  ).value;
  // A list of calls, or of JSON of calls.
  const list = Array.isArray(decoded) ? decoded : [];
  const calls = list.map((call: unknown) => toRecord(decode(call).value)).filter(Boolean);
  const content = attributes['lk.response.text'] ?? attributes['lk.pii.response.text'];
  const [message] = toMessages([{ role: 'assistant', content, tool_calls: calls }], 'assistant');
  return message && message.parts.length > 0 ? [message] : [];
}
