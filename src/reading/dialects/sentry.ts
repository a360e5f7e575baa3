import { readNumber, readString, type SpanAttributes } from '../model/attributes.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Sentry's AI monitoring. Its spans of the AI SDK keep `ai.operationId` and are read by that dialect. */
export const sentryDialect: Dialect = {
  name: 'sentry',
  markerAttributes: ['sentry.op'],
  recognise: recogniseSentry,
  read: readSentry,
};

const PREFIX = 'gen_ai.';

const ROLE_OF_OP: ReadonlyMap<string, SpanRole> = new Map([
  ...[
    'chat',
    'generate_content',
    'responses',
    'text_completion',
    'messages',
    'generate_text',
    'stream_text',
    'generate_object',
    'stream_object',
  ].map((op) => [op, 'llm'] as const),
  ['invoke_agent', 'agent'],
  ...['execute_tool', 'create_agent', 'handoff'].map((op) => [op, 'callBoundary'] as const),
]);

function recogniseSentry(attributes: SpanAttributes): SpanRole | undefined {
  const op = readString(attributes, 'sentry.op');
  if (!op?.startsWith(PREFIX)) return undefined;
  const role = ROLE_OF_OP.get(op.slice(PREFIX.length)) ?? 'other';
  return role === 'llm' && isTokenCount(attributes) ? 'other' : role;
}

/** Returns whether a span is of Anthropic's `countTokens`, which looks like a chat whose answer is a number. */
function isTokenCount(attributes: SpanAttributes): boolean {
  const text = attributes['gen_ai.response.text'];
  return (
    typeof text === 'string' &&
    /^\d+$/.test(text) &&
    attributes['gen_ai.response.id'] === undefined &&
    attributes['gen_ai.response.model'] === undefined &&
    attributes['gen_ai.usage.output_tokens'] === undefined
  );
}

function readSentry(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  // Sentry drops the oldest messages of a long history and writes their original number.
  const original = readNumber(view.attributes, 'sentry.sdk_meta.gen_ai.input.messages.original_length') ?? 0;
  reading.truncated ||= original > reading.inputMessages.length;
  return reading;
}
