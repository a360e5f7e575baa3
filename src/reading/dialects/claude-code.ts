import { readNumber, readString, type SpanAttributes } from '../model/attributes.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { countsIn, withInclusiveInput } from '../fields/usage.js';
import type { OutputMessage } from '../model/llm-call.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, ReadAbove, SpanRole, SpanView } from '../model/dialect.js';

/** Written in place of content that the user did not ask for. */
const NOT_RECORDED = '<REDACTED>';

/**
 * Claude Code and the Claude Agent SDK, which starts it (https://code.claude.com/docs/en/monitoring-usage, "Traces (beta)"). A request has
 * counts of its own names and, in detailed tracing alone, its answer; the user's question is on the span `claude_code.interaction`.
 */
export const claudeCodeDialect: Dialect = {
  name: 'claude_code',
  markerAttributes: ['span.type'],
  recognise: recogniseClaudeCode,
  read: readClaudeCode,
  readAbove: readClaudeCodeAbove,
  hasSpanForEveryCall: true,
};

function recogniseClaudeCode(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (!scopeNameOf(span).startsWith('com.anthropic.claude_code')) return undefined;
  switch (attributes['span.type']) {
    case 'llm_request':
      return isForTitle(attributes) ? 'unclear' : 'llm';
    case 'interaction':
      return 'agent';
    case 'tool':
      return 'callBoundary';
    default:
      return 'other';
  }
}

/** Returns whether Claude Code asks for the title of a session, which runs beside the user's question. */
function isForTitle(attributes: SpanAttributes): boolean {
  return readString(attributes, 'query_source', 'query_source_safe') === 'generate_session_title';
}

function readClaudeCode(view: SpanView): DialectReading {
  const { attributes } = view;
  const outputMessages = toText(attributes['response.model_output'], 'assistant');
  const fields = readGenAiFields(view, outputMessages);
  const firstTokenMs = readNumber(attributes, 'ttft_ms');
  return {
    ...fields,
    operation: 'chat',
    requestModel: fields.requestModel ?? readString(attributes, 'model'),
    systemInstructions: toText(attributes.user_system_prompt, 'system').flatMap(({ parts }) => parts),
    outputMessages,
    // The counts of the API: the input does not contain cached tokens.
    usage: withInclusiveInput(countsIn(attributes), true),
    timeToFirstToken: firstTokenMs === undefined ? undefined : firstTokenMs / 1e3,
    error: errorOf(attributes),
  };
}

/** Returns the error of a failed request. Its span has no status. */
function errorOf(attributes: SpanAttributes): DialectReading['error'] {
  if (attributes.success !== false && attributes.success !== 'false') return undefined;
  const message = readString(attributes, 'error');
  const status = attributes.status_code;
  const type = typeof status === 'number' || typeof status === 'string' ? String(status) : '_OTHER';
  return { type, ...(message !== undefined && { message }) };
}

/** Returns the user's question, except for a sub-agent, which has its task from the model. */
function readClaudeCodeAbove(_own: DialectReading, ancestors: readonly SpanLike[]): ReadAbove {
  for (const { attributes } of ancestors) {
    const type = attributes['span.type'];
    if (type === 'tool') return {};
    if (type === 'interaction') return { inputMessages: toText(attributes.user_prompt, 'user') };
  }
  return {};
}

/** Returns a message of a text that is recorded, as it is: also a text in quotation marks is the user's own. */
function toText(value: unknown, role: string): OutputMessage[] {
  if (typeof value !== 'string' || value.trim() === '' || value === NOT_RECORDED) return [];
  return [{ role, parts: [{ type: 'text', text: value }] }];
}
