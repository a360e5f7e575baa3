import { readNumber, readString, toRecord, type SpanAttributes } from '../model/attributes.js';
import { GEN_AI_SOURCES } from '../content/conversation.js';
import { decode } from '../decoding/decode.js';
import { readJsonInput, readJsonOutput } from '../content/events/json-events.js';
import { readRequest } from '../content/request.js';
import { readResponse, type ReadResponse } from '../content/response.js';
import { readGenAiCall } from './gen-ai-call.js';
import { roleByOperation } from '../fields/operation.js';
import { toParameters } from '../fields/parameters.js';
import type { SpanLike } from '../model/span-like.js';
import { toUsage } from '../fields/usage-body.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/**
 * Logfire's OpenAI and Anthropic integrations. A streamed call has two spans side by side: one for the request without an answer, and
 * one without duration for request and answer. The second is the call.
 */
export const logfireDialect: Dialect = {
  name: 'logfire',
  markerAttributes: ['request_data'],
  recognise: recogniseLogfire,
  read: readLogfire,
};

function recogniseLogfire(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const request = attributes.request_data;
  const type = readString(attributes, 'logfire.span_type');
  if (request === undefined || (type === undefined && attributes['logfire.msg'] === undefined))
    return undefined;
  // Logfire sends a pending span when a span starts, to show it before it ends.
  if (type === 'pending_span') return 'other';
  const role = roleByOperation(attributes) ?? roleOfRequest(request);
  if (role !== 'llm') return role;
  if (type === 'log' || attributes.response_data !== undefined || hasFailed(span)) return 'llm';
  return isStreamed(request) || lacksAnswer(attributes) ? 'other' : 'llm';
}

/**
 * Returns whether a span of the newest version, which has the conversation under the names of the GenAI conventions, has none of what
 * comes with an answer. That version does not write that a request asks for a stream.
 */
function lacksAnswer(attributes: SpanAttributes): boolean {
  if (attributes['gen_ai.input.messages'] === undefined) return false;
  return !ANSWER_KEYS.some((key) => attributes[key] !== undefined);
}

const ANSWER_KEYS = [
  'gen_ai.output.messages',
  'events',
  'gen_ai.response.id',
  'gen_ai.response.model',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
] as const;

/** Returns the role of a span of versions without operation names. Embeddings and images have an input and no conversation. */
function roleOfRequest(request: unknown): SpanRole | undefined {
  const hasConversation =
    typeof request === 'string' ? /"messages":/.test(request) : toRecord(request)?.messages !== undefined;
  return hasConversation ? 'llm' : undefined;
}

/** Returns whether the request asks for a stream. Searches the JSON text, in which quotes inside a message are escaped. */
function isStreamed(request: unknown): boolean {
  return typeof request === 'string' ? /"stream":\s*true/.test(request) : toRecord(request)?.stream === true;
}

function hasFailed(span: SpanLike): boolean {
  return span.status?.code === 2 || (span.events?.some((event) => event.name === 'exception') ?? false);
}

function readLogfire(view: SpanView): DialectReading {
  const { attributes, span } = view;
  const request = readRequest(attributes.request_data);
  const answer = readResponseData(attributes.response_data);
  const reading = readGenAiCall(view, {
    input: [...GEN_AI_SOURCES.input, (holder) => readJsonInput(holder.attributes), () => request],
    output: [...GEN_AI_SOURCES.output, (holder) => readJsonOutput(holder.attributes), () => answer],
  });
  const isLog = attributes['logfire.span_type'] === 'log';
  const seconds = isLog ? readNumber(attributes, 'duration') : undefined;
  const streaming = typeof request.body.stream === 'boolean' ? request.body.stream : undefined;
  // The span of a streamed answer has a single model.
  if (isLog) reading.responseModel ??= reading.requestModel;
  if (streaming !== undefined) reading.streaming = streaming;
  if (reading.systemInstructions.length === 0) reading.systemInstructions = request.systemInstructions;
  reading.parameters = { ...toParameters(request.body), ...reading.parameters };
  reading.usage = { ...toUsage(answer.body.usage), ...reading.usage };
  if (seconds !== undefined)
    reading.startTimeMs = span.endTime[0] * 1e3 + span.endTime[1] / 1e6 - seconds * 1e3;
  return reading;
}

/** Reads the body of a response, or the assembled text of a stream. */
function readResponseData(value: unknown): ReadResponse {
  const { value: decoded, cut } = decode(value);
  const body = toRecord(decoded) ?? {};
  const text = body.combined_chunk_content ?? body.text;
  const read = readResponse(text === undefined ? decoded : { role: 'assistant', content: text });
  return { messages: read.messages, body, cut: cut || read.cut };
}
