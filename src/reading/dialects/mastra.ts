import { ATTR_GEN_AI_SYSTEM_INSTRUCTIONS } from '../../common/semconv.js';
import { toRecord, type SpanAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';
import { readConversation } from '../content/conversation.js';
import { readInstructions, toMessages } from '../content/messages/messages.js';
import { readRequest } from '../content/request.js';
import { secondsUntil } from '../fields/first-token.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import type { MessagePart, OutputMessage } from '../model/llm-call.js';
import { metadataReader } from '../fields/metadata.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { operationNameOf } from '../fields/operation.js';
import type { SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, ReadAbove, SpanRole, SpanView } from '../model/dialect.js';

/** Mastra's OpenTelemetry exporter: the `chat` span has the text of the answer, the spans above it the rest of the conversation. */
export const mastraDialect: Dialect = {
  name: 'mastra',
  markerAttributes: ['mastra.span.type'],
  recognise: recogniseMastra,
  read: readMastra,
  readAbove: readMastraAbove,
};

const CALL_BOUNDARIES: ReadonlySet<string> = new Set([
  'agent_run',
  'workflow_run',
  'tool_call',
  'mcp_tool_call',
  'provider_tool_call',
]);

/** Only the operation `chat` marks a call: the type changed from `model_generation` to `model_inference`. */
function recogniseMastra(attributes: SpanAttributes): SpanRole | undefined {
  const type = typeOf(attributes);
  if (type === undefined) return undefined;
  if (operationNameOf(attributes) === 'chat') return 'llm';
  if (type === 'agent_run') return 'agent';
  return CALL_BOUNDARIES.has(type) ? 'callBoundary' : 'other';
}

function typeOf(attributes: SpanAttributes): string | undefined {
  const type = attributes['mastra.span.type'];
  return typeof type === 'string' && type !== '' ? type.toLowerCase() : undefined;
}

/** Metadata that Mastra adds. It is left out of the user's metadata. */
const OWN_METADATA: ReadonlySet<string> = new Set(['runId', 'headers', 'body', 'modelMetadata']);

const readMetadata = metadataReader('mastra.metadata.');

function readMastra(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const conversation = readConversation(view, span.events);
  const fields = readGenAiFields(view, conversation.outputMessages);
  const metadata = Object.entries(readMetadata(view));
  return Object.assign(
    fields,
    conversation,
    omitUndefined({
      timeToFirstToken:
        secondsUntil(span, attributes['mastra.completion_start_time']) ?? fields.timeToFirstToken,
      metadata: Object.fromEntries(metadata.filter(([name]) => !OWN_METADATA.has(name))),
    }),
  );
}

function readMastraAbove(own: DialectReading, ancestors: readonly SpanLike[]): ReadAbove {
  const above = belowCallBoundary(ancestors);
  const step = above.find((span) => typeOf(span.attributes) === 'model_step')?.attributes ?? {};
  const generation = above.find((span) => typeOf(span.attributes) === 'model_generation')?.attributes ?? {};
  const request = readRequest(step['mastra.model_step.input'] ?? generation['mastra.model_generation.input']);
  const inputMessages = own.inputMessages?.length ? own.inputMessages : request.messages;
  return {
    systemInstructions: inputMessages.some(({ role }) => role === 'system')
      ? []
      : firstFilled(own.systemInstructions, request.systemInstructions, readAgentInstructions(ancestors)),
    inputMessages,
    outputMessages: completeAnswer(own.outputMessages ?? [], step['mastra.model_step.output']),
    truncated: (own.truncated ?? false) || request.cut,
    inputTruncated: own.inputMessages?.length ? own.inputTruncated : request.cut,
  };
}

/** Returns the ancestors that belong to the same call: those below the agent, workflow or tool that made it. */
function belowCallBoundary(ancestors: readonly SpanLike[]): readonly SpanLike[] {
  const end = ancestors.findIndex((span) => CALL_BOUNDARIES.has(typeOf(span.attributes) ?? ''));
  return end === -1 ? ancestors : ancestors.slice(0, end);
}

function readAgentInstructions(ancestors: readonly SpanLike[]): readonly MessagePart[] {
  const agent = ancestors.find((span) => typeOf(span.attributes) === 'agent_run');
  return readInstructions(agent?.attributes[ATTR_GEN_AI_SYSTEM_INSTRUCTIONS]).parts;
}

/** Completes the answer of the chat span, which has its text at most, with the tool calls in the output of the step. */
function completeAnswer(own: readonly OutputMessage[], stepOutput: unknown): readonly OutputMessage[] {
  const output = toRecord(decode(stepOutput).value) ?? {};
  const has = (type: MessagePart['type']) =>
    own.some(({ parts }) => parts.some((part) => part.type === type));
  const calls: readonly unknown[] =
    Array.isArray(output.toolCalls) && !has('tool_call') ? output.toolCalls : [];
  const content = typeof output.text === 'string' && !has('text') ? output.text : undefined;
  if (calls.length === 0 && content === undefined) return own;
  // Mastra wraps tool calls in chunks: the call is the payload.
  const shapes = calls.map((call) => toRecord(call)?.payload ?? call);
  const [message] = toMessages([{ role: 'assistant', content, tool_calls: shapes }], 'assistant');
  if (!message || message.parts.length === 0) return own;
  const [first, ...others] = own;
  return first ? [{ ...first, parts: [...first.parts, ...message.parts] }, ...others] : [message];
}

function firstFilled(...lists: readonly (readonly MessagePart[] | undefined)[]): readonly MessagePart[] {
  return lists.find((list) => list && list.length > 0) ?? [];
}
