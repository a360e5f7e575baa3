import { ATTR_GEN_AI_OPERATION_NAME } from '../../common/semconv.js';
import { toRecord, type SpanAttributes } from '../model/attributes.js';
import { readConversation } from '../content/conversation.js';
import { decode } from '../decoding/decode.js';
import { toMessages } from '../content/messages.js';
import { readRequest } from '../content/request.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import type { OutputMessage } from '../model/llm-call.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, ReadAbove, SpanRole, SpanView } from '../model/dialect.js';

const CHAT = 'lk.chat_ctx';

/** LiveKit Agents: the span `llm_request` is the call; the conversation may be on `llm_node` above it. */
export const liveKitDialect: Dialect = {
  name: 'livekit',
  markerAttributes: ['lk.function_tool.name', 'lk.llm_metrics', CHAT, ATTR_GEN_AI_OPERATION_NAME],
  genAiSpans: { scopes: ['livekit'] },
  recognise: recogniseLiveKit,
  read: readLiveKit,
  readAbove: readLiveKitAbove,
};

function recogniseLiveKit(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (attributes['lk.function_tool.name'] !== undefined) return 'callBoundary';
  const isOwn =
    attributes['lk.llm_metrics'] !== undefined ||
    attributes[CHAT] !== undefined ||
    scopeNameOf(span).startsWith('livekit');
  if (!isOwn) return undefined;
  const operation = operationNameOf(attributes);
  return operation === undefined ? 'other' : roleOfOperation(operation);
}

function readLiveKit(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const { truncated, ...conversation } = readConversation(view, span.events);
  const node = readNode(attributes);
  const outputMessages = conversation.outputMessages.length > 0 ? conversation.outputMessages : node.output;
  return {
    ...readGenAiFields(view, outputMessages),
    ...conversation,
    inputMessages: conversation.inputMessages.length > 0 ? conversation.inputMessages : node.input,
    outputMessages,
    truncated: truncated || node.cut,
    inputTruncated: conversation.inputMessages.length > 0 ? conversation.inputTruncated : node.cut,
  };
}

function readLiveKitAbove(own: DialectReading, ancestors: readonly SpanLike[]): ReadAbove {
  const above = ancestors.find((span) => span.attributes[CHAT] !== undefined);
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
  const chat = readRequest(attributes[CHAT]);
  return { input: chat.messages, output: readNodeOutput(attributes), cut: chat.cut };
}

function readNodeOutput(attributes: SpanAttributes): OutputMessage[] {
  const decoded = decode(attributes['lk.response.function_calls']).value;
  // A list of calls, or of JSON of calls.
  const list = Array.isArray(decoded) ? decoded : [];
  const calls = list.map((call: unknown) => toRecord(decode(call).value)).filter(Boolean);
  const [message] = toMessages(
    [{ role: 'assistant', content: attributes['lk.response.text'], tool_calls: calls }],
    'assistant',
  );
  return message && message.parts.length > 0 ? [message] : [];
}
